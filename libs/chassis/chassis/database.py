"""Connections, and the one statement that puts a transaction into its role and context."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from chassis.context import Context, Mode
from chassis.errors import Unavailable

ROLES: Final[dict[Mode, str]] = {
    "tenant": "tenant",
    "party": "party",
    "span": "span",
    "account": "account",
    "public": "service",
    "service": "service",
    "consumer": "consumer",
    "job": "job",
}
"""The context role (after the `<service>_` prefix) that each mode of a context runs in."""

CONTEXT_ROLES: Final = (
    "tenant",
    "party",
    "span",
    "account",
    "service",
    "consumer",
    "relay",
    "job",
)
"""Every context role a service's database has; none of them can log in or bypass policies."""

_ENTER: Final = (
    "SELECT set_config('role', $1, true), set_config('louyu.tenant', $2, true), "
    "set_config('louyu.account', $3, true), set_config('louyu.span', $4, true)"
)
# Runs as the login role, before the context is entered: the local tenant list is not secret.
_SPAN: Final = (
    "SELECT array_agg(tenant_id::text) FROM (SELECT tenant_id FROM tenants "
    "WHERE region_id = $1 OR superior_id = $1 OR tenant_id = $1 ORDER BY tenant_id LIMIT 64) AS s"
)


class Database:
    """One service's database.

    Every transaction is opened for a `Context` and runs in that context's role; a connection never
    carries a role or a tenant beyond its transaction.
    """

    def __init__(self, service: str, url: str, *, pool_size: int = 10, overflow: int = 10) -> None:
        self.service = service
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=overflow,
            pool_timeout=5,
            pool_recycle=1800,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            connect_args={
                "server_settings": {
                    "application_name": f"louyu-{service}",
                    "jit": "off",
                    "lock_timeout": "5s",
                    "statement_timeout": "30s",
                    "idle_in_transaction_session_timeout": "60s",
                },
                "prepared_statement_cache_size": 256,
            },
        )
        # Transactions are begun and ended by hand; what else uses the engine leaves that to SQLAlchemy.
        self._plain = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        event.listen(self.engine.sync_engine, "checkin", _discard_unfinished)

    @asynccontextmanager
    async def transaction(self, context: Context) -> AsyncIterator[AsyncConnection]:
        """A transaction in the context's role; commits when the block ends without an error."""
        try:
            async with self._plain.connect() as connection:
                raw = await driver(connection)
                span = context.span
                if context.mode == "span" and not span:
                    span = tuple(await raw.fetchval(_SPAN, context.tenant_id) or ())
                try:
                    # In one round trip, past SQLAlchemy: every request pays for it.
                    await raw.execute(f"BEGIN; {self._entering(context, span)}")
                    yield connection
                except BaseException:
                    await _roll_back(connection, raw)
                    raise
                await raw.execute("COMMIT")
        except (DBAPIError, PoolTimeout, asyncpg.PostgresError) as error:
            if is_overload(error):
                raise Unavailable("DEPENDENCY_UNAVAILABLE", retry_after_s=1.0) from error
            raise

    def _entering(self, context: Context, span: tuple[str, ...]) -> str:
        settings = {
            "role": f"{self.service}_{ROLES[context.mode]}",
            "louyu.tenant": context.tenant_id,
            "louyu.account": context.caller.account_id,
            "louyu.span": "{" + ",".join(span) + "}" if span else "",
        }
        return "SELECT " + ", ".join(
            f"set_config('{name}', {_literal(value)}, true)" for name, value in settings.items()
        )

    async def enter(self, connection: AsyncConnection, context: Context, span: tuple[str, ...] = ()) -> None:
        """Put the running transaction into the context's role, tenant and account."""
        await connection.exec_driver_sql(
            _ENTER,
            (
                f"{self.service}_{ROLES[context.mode]}",
                context.tenant_id,
                context.caller.account_id,
                "{" + ",".join(span) + "}" if span else "",
            ),
        )

    async def dedicated(self, role: str) -> "asyncpg.Connection[Any]":
        """A connection outside the pool, in a context role for its whole life (relay, locks)."""
        connection = await asyncpg.connect(
            self.url.replace("postgresql+asyncpg://", "postgresql://"),
            server_settings={
                "application_name": f"louyu-{self.service}-{role}",
                "jit": "off",
                "role": f"{self.service}_{role}",
                "tcp_keepalives_idle": "10",
                "tcp_keepalives_interval": "5",
                "tcp_keepalives_count": "3",
            },
        )
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        return connection

    async def close(self) -> None:
        """Give every connection back to the server."""
        await self.engine.dispose()


# Serialisation failure, deadlock, lock not available, cancelled by timeout, shutting down.
RETRY_STATES: Final = frozenset({"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03"})


def is_overload(error: BaseException) -> bool:
    """True where the same work may succeed a moment later: no free connection, a lock held too long."""
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, asyncpg.PostgresError):
        return error.sqlstate in RETRY_STATES
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or getattr(error.orig, "sqlstate", None) in RETRY_STATES
    )


async def _roll_back(connection: AsyncConnection, raw: "asyncpg.Connection[Any]") -> None:
    try:
        await raw.execute("ROLLBACK")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        await connection.invalidate()
    except BaseException:
        # Cancelled again: nobody knows what state it is in, so nobody else gets it.
        await connection.invalidate()
        raise


def _discard_unfinished(connection: Any, record: ConnectionPoolEntry) -> None:
    """The last look before a connection is lent to somebody else: no transaction, hence no role, is left."""
    if connection is None:
        return
    raw = connection.driver_connection
    if raw.is_closed() or raw.is_in_transaction():
        record.invalidate()


def _literal(value: str) -> str:
    if "\0" in value or "\\" in value:
        raise ValueError("not an id")
    return "'" + value.replace("'", "''") + "'"


async def driver(connection: AsyncConnection) -> "asyncpg.Connection[Any]":
    """The asyncpg connection under a running transaction, for the few statements on the hottest path."""
    raw = await connection.get_raw_connection()
    found = raw.driver_connection
    assert found is not None
    return found  # type: ignore[no-any-return]
