"""Runs a service's migrations over asyncpg, one transaction for all of them."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine


def _migrate(connection: Connection) -> None:
    attributes = context.config.attributes
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('louyu-migrations'))"))
    context.configure(
        connection=connection,
        target_metadata=attributes.get("louyu_metadata"),
        louyu_service=attributes["louyu_service"],
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _main() -> None:
    engine = create_async_engine(context.config.attributes["louyu_url"])
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate)
    finally:
        await engine.dispose()


asyncio.run(_main())
