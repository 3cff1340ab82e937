"""How a process is doing: measured beside the work, so that work that is stuck cannot hide it.

Every half second what costs nothing to read; every five seconds the readiness checks, what waits in the
outbox and before each consumer, the dead letters, and whether the log reaches the backup: four small
statements and one question to NATS per consumer. Replicas of a service measure the same queues; whoever sums
up takes the greatest.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import nats.errors
import structlog

from chassis import metrics
from chassis.errors import Unavailable
from chassis.grants import Grants
from chassis.ops import Ops

if TYPE_CHECKING:
    from nats.aio.client import Client

    from chassis.consumer import ConsumerRunner
    from chassis.database import Connection, Database

TICK_S = 0.5
MEASURE_S = 5.0

# Counting stops at 10,000: after a long outage the count itself must not become a load. An event's id
# carries the system time at which it was made; `occurred_at` follows the business clock.
_OUTBOX = """
SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT 10000) AS counted),
       (SELECT extract(epoch FROM clock_timestamp() - uuid_extract_timestamp(event_id))::float8
        FROM outbox ORDER BY id LIMIT 1)
"""
# Of the whole server, and readable by everybody; a server that archives nothing fails at nothing.
_ARCHIVE = """
SELECT coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) FROM pg_stat_archiver
"""
_LETTERS = "SELECT consumer, count(*) FROM dead_letters GROUP BY consumer"

_log = structlog.get_logger(__name__)


class Vitals:
    """Measures one process."""

    def __init__(self, ops: Ops, grants: Grants, bus: "Callable[[], Client | None]") -> None:
        self._ops = ops
        self._grants = grants
        self._bus = bus
        self.database: Database | None = None
        """Read from where the service has one."""
        self.relays = False
        self.runners: Mapping[str, ConsumerRunner] = {}

    async def tick(self, stop: asyncio.Event) -> None:
        """Keep the figures that cost nothing to read."""
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            due = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            metrics.LOOP_LAG.set(max(0.0, loop.time() - due))
            metrics.TASKS.set(len(asyncio.all_tasks()))
            metrics.GRANTS_AGE.set(self._grants.age_s)
            if self.database is not None:
                metrics.POOL_IN_USE.set(self.database.in_use)
                metrics.POOL_SIZE.set(self.database.size)

    async def measure(self, stop: asyncio.Event) -> None:
        """Keep the figures that have to be asked for, until `stop`."""
        while not stop.is_set():
            await self.once()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), MEASURE_S)

    async def once(self) -> None:
        """Measure now. What cannot be asked keeps its last figure; that it cannot is a figure itself."""
        await self._checks()
        if self.database is not None:
            await self._queues(self.database)
        await asyncio.gather(*(self._consumer(name) for name in self.runners))

    async def _checks(self) -> None:
        failing = await self._ops.failing()
        for name in self._ops.checks:
            metrics.CHECK.labels(name).set(name not in failing)
        bus = self._bus()
        if bus is not None:
            metrics.CHECK.labels("bus").set(bus.is_connected)

    async def _queues(self, database: "Database") -> None:
        import asyncpg  # lazily: the gateway has no database

        from chassis.database import is_overload

        try:
            await self._stored(database)
        except (asyncpg.InterfaceError, OSError, Unavailable) as error:
            _log.debug("queues_not_measured", error=repr(error))
        except asyncpg.PostgresError as error:
            if is_overload(error):
                _log.debug("queues_not_measured", error=repr(error))
            else:  # nobody would look for figures that stand still
                _log.exception("queues_not_measured")

    async def _stored(self, database: "Database") -> None:
        async with database.connection() as connection, connection.transaction():
            metrics.LOG_ARCHIVE_FAILING.set(bool(await connection.fetchval(_ARCHIVE)))
            if self.relays:
                await _become(connection, f"{database.service}_relay")
                waiting, oldest = await connection.fetchrow(_OUTBOX) or (0, None)
                metrics.OUTBOX.set(waiting)
                metrics.OUTBOX_OLDEST.set(max(0.0, oldest or 0.0))
            if self.runners:
                await _become(connection, f"{database.service}_consumer")
                letters: dict[str, int] = dict.fromkeys(self.runners, 0)
                letters |= {row["consumer"]: row["count"] for row in await connection.fetch(_LETTERS)}
                for name, count in letters.items():
                    metrics.DEAD_LETTERS.labels(f"{database.service}/{name}").set(count)

    async def _consumer(self, name: str) -> None:
        runner = self.runners[name]
        try:
            waiting, seconds = await runner.behind()
        except (nats.errors.Error, OSError, TimeoutError) as error:
            _log.debug("consumer_not_measured", consumer=name, error=repr(error))
            return
        metrics.CONSUMER_LAG.labels(runner.label).set(waiting)
        metrics.CONSUMER_LAG_SECONDS.labels(runner.label).set(seconds)


async def _become(connection: "Connection", role: str) -> None:
    await connection.execute("SELECT set_config('role', $1, true)", role)
