"""The business clock of this process, as identity moves it."""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chassis.clocks import BusinessClock
from chassis.errors import Invalid
from louyu.operations.v1 import clock_pb2
from louyu.operations.v1.clock_pb2_grpc import ClockServiceServicer

if TYPE_CHECKING:
    from chassis.consumer import ConsumerRunner
    from chassis.jobs import JobRunner
    from chassis.units import Units

_SETTLE_S = 10.0
_LOOK_S = 0.05
_ROUNDS = 20


class Quiescence:
    """Knows when a process has published and applied everything, and has no job left to run."""

    def __init__(
        self, units: "Units | None", runners: "Mapping[str, ConsumerRunner]", jobs: "JobRunner | None"
    ) -> None:
        self._units = units
        self._runners = runners
        self._jobs = jobs

    async def reach(self) -> int:
        """Apply what is published and run what is due until neither finds more; how many jobs' works ran.

        Gives up waiting for events after 10 seconds: NATS may be away, and the clock moves all the same.
        """
        total = 0
        for _ in range(_ROUNDS):
            await self._settle()
            done = await self._jobs.run_due() if self._jobs is not None else 0
            total += done
            if not done:
                break
        return total

    async def _settle(self) -> None:
        ends = time.monotonic() + _SETTLE_S
        while time.monotonic() < ends:
            if await self._published() and await self._applied():
                return
            await asyncio.sleep(_LOOK_S)

    async def _published(self) -> bool:
        if self._units is None:
            return True
        database = self._units.database
        async with database.connection() as connection, connection.transaction():
            await connection.execute("SELECT set_config('role', $1, true)", f"{database.service}_relay")
            return not await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)")

    async def _applied(self) -> bool:
        states = await asyncio.gather(
            *(runner.caught_up() for runner in self._runners.values()), return_exceptions=True
        )
        return all(state is True for state in states)


class Clock(ClockServiceServicer):
    """Moves this process's business clock, for identity only."""

    def __init__(self, clock: BusinessClock, quiescence: Quiescence) -> None:
        self._clock = clock
        self._quiescence = quiescence

    async def ApplyOffset(
        self, request: clock_pb2.ApplyOffsetRequest, context: Any
    ) -> clock_pb2.ApplyOffsetResponse:
        try:
            self._clock.apply(request.offset.ToTimedelta())
        except ValueError:
            raise Invalid("CLOCK_NOT_FORWARD") from None
        ran = await self._quiescence.reach() if request.run_jobs else 0
        reply = clock_pb2.ApplyOffsetResponse(jobs_run=ran)
        reply.business_time.FromDatetime(self._clock.now())
        return reply
