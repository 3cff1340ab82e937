"""Units of work: the only place that commits.

A command and everything that goes with it (state, events, audit, the idempotent reply) becomes
visible in one transaction or not at all.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeVar

from google.protobuf.message import Message
from sqlalchemy import Executable, Insert, Table, Update, bindparam, insert, update

from chassis import audit, idempotency, outbox
from chassis.clocks import BusinessClock
from chassis.context import Caller, Context, current
from chassis.database import Connection, Database
from chassis.events import aggregate_of
from chassis.ids import new_id
from chassis.numbers import NumberBlocks
from chassis.statements import NewRow, Row, Values, render, render_many

R = TypeVar("R")
Reply = TypeVar("Reply", bound=Message)

_TOGETHER: Final = 4
"""More writes than these do not go into one statement: each number of them is a statement of its own."""


class Reader:
    """An open transaction to read from. `now` is business time, the same for the whole unit."""

    def __init__(self, connection: Connection, context: Context, now: datetime) -> None:
        self.connection = connection
        self.context = context
        self.now = now

    @property
    def tenant_id(self) -> str:
        """The tenant in whose name the unit runs."""
        return self.context.tenant_id

    async def fetch(self, statement: Executable, values: Values | None = None) -> Sequence[Row]:
        """All rows.

        On hot paths the statement is a constant and what varies comes as `values`: building the same
        statement anew for every request costs as much as running it.
        """
        sql, arguments = render(statement, values)
        return await self.connection.fetch(sql, *arguments)

    async def first(self, statement: Executable, values: Values | None = None) -> Row | None:
        """The first row, or None."""
        sql, arguments = render(statement, values)
        return await self.connection.fetchrow(sql, *arguments)

    async def one(self, statement: Executable, values: Values | None = None) -> Row:
        """The row of a statement that always has one (INSERT … RETURNING); LookupError where it has none."""
        found = await self.first(statement, values)
        if found is None:
            raise LookupError("a row was expected")
        return found

    async def scalar(self, statement: Executable, values: Values | None = None) -> Any:
        """The first column of the first row, or None."""
        sql, arguments = render(statement, values)
        return await self.connection.fetchval(sql, *arguments)


class UnitOfWork(Reader):
    """An open transaction to change things in. Commands receive it and never commit."""

    def __init__(
        self, connection: Connection, context: Context, now: datetime, numbers: NumberBlocks
    ) -> None:
        super().__init__(connection, context, now)
        self._numbers = numbers
        self._events: list[outbox.Pending] = []
        self._audit: list[audit.Entry] = []
        self._writes: list[tuple[Executable, Values]] = []
        self._changed: dict[tuple[Table, str], dict[str, Any]] = {}

    def fresh(self, *, synthetic: bool) -> dict[str, Any]:
        """What a new row of an aggregate begins with: the columns of `tables.tenant_columns`."""
        return {
            "tenant_id": self.tenant_id,
            "id": new_id(),
            "version": 1,
            "created_at": self.now,
            "updated_at": self.now,
            "created_by": self.context.caller.actor,
            "synthetic": synthetic,
        }

    def add(self, table: Table, row: Values) -> Row:
        """Insert a row when the unit ends, in one round trip with its events; every column is given.

        For rows that this unit does not look up again, and that nothing can be in the way of.
        """
        self._writes.append((_insert(table), row))
        return NewRow(row)

    def change(self, table: Table, row: Row, values: Values) -> Row:
        """Update a row when the unit ends, in the same round trip; the row as it will be, one version on.

        For a row that this unit has read with a lock, and does not look up again. LookupError then, if it
        is not there: nothing of the unit is kept.
        """
        new = {**values, "version": row.version + 1, "updated_at": self.now}
        known = self._changed.get((table, row.id))
        if known is None:
            self._changed[table, row.id] = known = {"own_tenant": row.tenant_id, "own_id": row.id}
            self._writes.append((_update(table), known))
        known.update(new)
        return NewRow({**dict(row), **new})

    async def execute(self, statement: Executable, values: Values | None = None) -> int:
        """Run an INSERT, UPDATE or DELETE; the number of rows it touched."""
        sql, arguments = render(statement, values)
        status = await self.connection.execute(sql, *arguments)
        return int(status.rpartition(" ")[2])

    async def execute_many(self, statement: Executable, rows: Sequence[Values]) -> None:
        """Run the statement once for each row, in one go."""
        if rows:
            await self.connection.executemany(*render_many(statement, rows))

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part of the unit that may fail by itself: an error inside undoes only what the block did."""
        await self.connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            await self.connection.execute("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part")
            raise
        await self.connection.execute("RELEASE SAVEPOINT part")

    def emit(
        self,
        event: Message,
        *,
        aggregate_id: str,
        audience: Iterable[str] = (),
        tenant_id: str = "",
        correlation_id: str = "",
    ) -> None:
        """Tell the other services, once this unit commits.

        `audience` names the accounts the event concerns personally. `tenant_id` is the owner of the
        aggregate where that is not the caller (a department deciding a building's case).
        """
        self._events.append(
            outbox.Pending(
                tenant_id=tenant_id or self.context.tenant_id,
                aggregate_id=aggregate_id,
                aggregate=aggregate_of(event),
                event_id=new_id(),
                type=event.DESCRIPTOR.full_name,
                payload=event.SerializeToString(),  # now: later changes to the message do not change it
                occurred_at=self.now,
                correlation_id=correlation_id or self.context.correlation_id or aggregate_id,
                audience=tuple(dict.fromkeys(account for account in audience if account)),
                traceparent=self.context.traceparent,
            )
        )

    def audit(self, action: str, object_id: str, **detail: str | int | bool) -> None:
        """Write down who did what to what. `detail` holds ids and codes, never personal data."""
        self._audit.append(audit.entry(self.context, action, object_id, detail))

    async def number(self, series: str) -> int:
        """The next number of a series of this tenant: unique and rising, not free of gaps."""
        return await self._numbers.next(self.context, series)

    async def flush(self) -> bool:
        """Write what was collected; True when there are events to relay."""
        told = bool(self._events)
        if len(self._writes) > _TOGETHER or not told:
            await self.write()
        if told:
            await outbox.append(self.connection, self._events, self._writes)
        if self._audit:
            await audit.append(self.connection, self._audit)
        self._writes, self._changed, self._events, self._audit = [], {}, [], []
        return told

    async def write(self) -> None:
        """Write what was added and changed so far: before the transaction enters another tenant."""
        for statement, values in self._writes:
            if not await self.execute(statement, values):
                raise LookupError("a change found no row")
        self._writes.clear()
        self._changed.clear()

    def within(self, tenant_id: str) -> "UnitOfWork":
        """The same transaction seen from another tenant; the caller has entered that tenant."""
        unit = UnitOfWork(self.connection, self.context.within(tenant_id), self.now, self._numbers)
        unit._events, unit._audit = self._events, self._audit
        unit._writes, unit._changed = self._writes, self._changed
        return unit


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _update(table: Table) -> Update:
    return update(table).where(
        table.c.tenant_id == bindparam("own_tenant"), table.c.id == bindparam("own_id")
    )


class Units:
    """Opens units of work on one service's database and wakes the relay after each commit."""

    def __init__(
        self, database: Database, clock: BusinessClock, wake: Callable[[], None] = lambda: None
    ) -> None:
        self.database = database
        self.clock = clock
        self.wake = wake
        self.numbers = NumberBlocks(database)

    async def command(
        self, request: Message, reply: type[Reply], work: Callable[[UnitOfWork], Awaitable[Reply]]
    ) -> Reply:
        """Run one command of the current caller, at most once per Idempotency-Key."""
        context = current()
        async with self.database.transaction(context) as connection:
            unit = UnitOfWork(connection, context, self.clock.now(), self.numbers)
            if context.idempotency_key:
                stored = await idempotency.claim(connection, context, request)
                if stored is not None:
                    return reply.FromString(stored)
            answer = await work(unit)
            told = await unit.flush()
            if context.idempotency_key:
                await idempotency.store(connection, context, request, answer)
        if told:
            self.wake()
        return answer

    async def query(self, work: Callable[[Reader], Awaitable[R]]) -> R:
        """Read in the name of the current caller."""
        context = current()
        async with self.database.transaction(context) as connection:
            return await work(Reader(connection, context, self.clock.now()))

    async def run(self, context: Context, work: Callable[[UnitOfWork], Awaitable[R]]) -> R:
        """Run a unit outside an RPC (a job, a consumer, a command line) in an explicit context."""
        async with self.database.transaction(context) as connection:
            unit = UnitOfWork(connection, context, self.clock.now(), self.numbers)
            answer = await work(unit)
            told = await unit.flush()
        if told:
            self.wake()
        return answer

    def job_context(self, name: str, tenant_id: str = "") -> Context:
        """The context of a job: a system actor, in one tenant, or over all of them for reading."""
        caller = Caller(kind="system", service=f"{self.database.service}/{name}")
        return Context(mode="job", tenant_id=tenant_id, caller=caller)
