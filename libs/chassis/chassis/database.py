"""Connections, and the one statement that puts a transaction into its role and context."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

import asyncpg

from chassis import metrics
from chassis.context import Context, Mode
from chassis.errors import Unavailable
from chassis.statements import Record, read_plainly

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[Record] | PoolConnectionProxy[Record]"
"""A connection in the middle of a transaction."""

ROLES: Final[dict[Mode, str]] = {
    "tenant": "tenant",
    "party": "party",
    "span": "span",
    "account": "account",
    "public": "service",
    "service": "service",
    "consumer": "consumer",
    "job": "job",
    "privacy": "privacy",
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
    "privacy",
)
"""Every context role a service's database has; none of them can log in or bypass policies."""

# Runs as the login role, before the context is entered: the local tenant list is not secret.
_SPAN: Final = (
    "SELECT array_agg(tenant_id) FROM (SELECT tenant_id FROM tenants "
    "WHERE region_id = $1 OR superior_id = $1 OR tenant_id = $1 ORDER BY tenant_id LIMIT 64) AS s"
)
_PATIENCE_S: Final = 5.0
_KEEPALIVE: Final = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


class Database:
    """One service's database.

    Every transaction is opened for a `Context` and runs in that context's role; a connection never
    carries a role or a tenant beyond its transaction.
    """

    def __init__(self, service: str, url: str, *, pool_size: int = 20) -> None:
        self.service = service
        self._url = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self.size = pool_size
        self._opened: asyncpg.Pool[Record] | None = None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of the pool in the login role, which sees no tenant's rows. Unavailable where none
        is free for five seconds."""
        pool = await self._pool()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                connection = await pool.acquire()
        except TimeoutError:
            metrics.POOL_REFUSED.inc()
            raise Unavailable("DEPENDENCY_UNAVAILABLE", retry_after_s=1.0) from None
        except asyncpg.PostgresError as error:  # the server starts, stops, or takes no more connections
            raise Unavailable("DEPENDENCY_UNAVAILABLE", retry_after_s=1.0) from error
        try:
            yield connection
        finally:
            if not _is_cut(connection) and connection.is_in_transaction():
                # Nobody knows what state it was left in, so nobody else gets it.
                connection.terminate()
            await pool.release(connection)

    @asynccontextmanager
    async def transaction(self, context: Context) -> AsyncIterator[Connection]:
        """A transaction in the context's role; commits when the block ends without an error."""
        async with self.connection() as connection:
            try:
                span = context.span
                if context.mode == "span" and not span:
                    span = tuple(await connection.fetchval(_SPAN, context.tenant_id) or ())
                try:
                    await connection.execute(f"BEGIN; {self._entering(context, span)}")
                    yield connection
                except BaseException:
                    await _roll_back(connection)
                    raise
                await connection.execute("COMMIT")
            except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                # A connection that was cut is known by being closed: asyncpg's error for it is the one
                # that it has for wrong use, too.
                if is_overload(error) or _is_cut(connection):
                    raise Unavailable("DEPENDENCY_UNAVAILABLE", retry_after_s=1.0) from error
                raise

    async def enter(self, connection: Connection, context: Context) -> None:
        """Put the running transaction into the context's role, tenant and account."""
        await connection.execute(self._entering(context, context.span))

    def _entering(self, context: Context, span: tuple[str, ...]) -> str:
        settings = {
            "role": f"{self.service}_{ROLES[context.mode]}",
            "louyu.tenant": context.tenant_id,
            "louyu.account": context.caller.account_id,
        }
        if span:
            settings["louyu.span"] = "{" + ",".join(span) + "}"
        # SET LOCAL is over by the time SELECT set_config(…) is planned; it knows no placeholders, hence the
        # literals.
        return "; ".join(f"SET LOCAL {name} = {_literal(value)}" for name, value in settings.items())

    async def dedicated(self, role: str) -> "asyncpg.Connection[Record]":
        """A connection outside the pool, in a context role for its whole life (relay, locks)."""
        connection = await asyncpg.connect(
            self._url,
            record_class=Record,
            server_settings={
                "application_name": f"louyu-{self.service}-{role}",
                "jit": "off",
                "role": f"{self.service}_{role}",
                **_KEEPALIVE,
            },
        )
        await read_plainly(connection)
        return connection

    async def _pool(self) -> "asyncpg.Pool[Record]":
        if self._opened is None:
            self._opened = asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=self.size,
                record_class=Record,
                init=read_plainly,
                reset=_nothing_to_reset,
                statement_cache_size=256,
                max_cached_statement_lifetime=0,
                server_settings={
                    "application_name": f"louyu-{self.service}",
                    "jit": "off",
                    "lock_timeout": "5s",
                    "statement_timeout": "30s",
                    "idle_in_transaction_session_timeout": "60s",
                },
            )
        # Without a first connection to make, this waits for nothing; every later time it is the pool.
        return await self._opened

    @property
    def in_use(self) -> int:
        """Connections that are lent out at the moment."""
        return 0 if self._opened is None else self._opened.get_size() - self._opened.get_idle_size()

    async def close(self) -> None:
        """Give every connection back to the server."""
        if self._opened is not None:
            await self._opened.close()


# Serialisation failure, deadlock, lock not available, cancelled by timeout, shutting down.
RETRY_STATES: Final = frozenset({"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03"})


def is_overload(error: BaseException) -> bool:
    """True where the same work may succeed a moment later: a lock held too long, a server going down."""
    return isinstance(error, asyncpg.PostgresError) and (
        error.sqlstate in RETRY_STATES or isinstance(error, asyncpg.PostgresConnectionError)
    )


async def _nothing_to_reset(connection: object) -> None:
    """Roles and settings end with the transaction that made them."""


async def _roll_back(connection: Connection) -> None:
    if _is_cut(connection):
        return
    try:
        await connection.execute("ROLLBACK")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        _give_up(connection)
    except BaseException:
        _give_up(connection)
        raise


def _give_up(connection: Connection) -> None:
    if not _is_cut(connection):
        connection.terminate()


def _is_cut(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool knows already, and has taken it back
        return True


def _literal(value: str) -> str:
    if "\0" in value or "\\" in value:
        raise ValueError("not an id")
    return "'" + value.replace("'", "''") + "'"
