"""Brings the databases of all services to what the code expects, quickly when they already are."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg

from deploy.local.services import Surroundings, database_url

ROOT = Path(__file__).resolve().parents[2]


def fingerprint() -> str:
    """What the databases are made from: roles, the chassis' tables and every migration."""
    chassis = ROOT / "libs" / "chassis" / "chassis"
    sources = [
        Path(__file__).with_name("databases.py"),
        *(chassis / f"{name}.py" for name in ("database", "migrations", "rls", "tables")),
        *sorted((ROOT / "services").glob("*/*/migrations/versions/*.py")),
    ]
    digest = hashlib.sha256()
    for source in sources:
        digest.update(str(source.relative_to(ROOT)).encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


async def revisions(around: Surroundings, names: Sequence[str]) -> dict[str, str]:
    """The revision each database is at; a database that is missing or empty is left out."""

    async def one(service: str) -> tuple[str, str | None]:
        try:
            connection = await asyncpg.connect(around.postgres.url(service))
        except asyncpg.InvalidCatalogNameError:
            return service, None
        try:
            return service, await connection.fetchval("SELECT version_num FROM alembic_version")
        except asyncpg.UndefinedTableError:
            return service, None
        finally:
            await connection.close()

    found = await asyncio.gather(*(one(service) for service in names))
    return {service: revision for service, revision in found if revision}


async def upgrade_all(
    around: Surroundings, names: Sequence[str], say: Callable[[str], None]
) -> dict[str, str]:
    """Makes what is missing and runs every migration; returns the revisions reached."""
    # Imported here: a warm start needs neither alembic nor SQLAlchemy.
    from chassis import migrations
    from deploy.local import databases

    admin = await asyncpg.connect(around.postgres.url())
    try:
        for service in names:
            own = around.secrets.services[service]
            await databases.create_roles(admin, service, own.owner_password, own.app_password)
            await databases.create_database(admin, service, service)
    finally:
        await admin.close()
    say("migrating the databases ...")
    for service in names:
        own = around.secrets.services[service]
        url = database_url(service, around, "owner", own.owner_password)
        await asyncio.to_thread(migrations.upgrade, service, url)
    return await revisions(around, names)
