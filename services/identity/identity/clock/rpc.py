"""The business clock over gRPC."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import grpc
from grpc.aio import ServicerContext

from chassis.clocks import BusinessClock, system_now
from chassis.context import current
from chassis.units import UnitOfWork, Units
from identity.clock import commands
from louyu.identity.v1 import clock_pb2 as pb
from louyu.identity.v1.clock_pb2_grpc import ClockServiceServicer
from louyu.operations.v1 import clock_pb2
from louyu.operations.v1.clock_pb2_grpc import ClockServiceStub

_APPLY_S: Final = 18.0
_ROUNDS: Final = 2
"""What one service's jobs did may give another one work: everybody is asked a second time."""


class Clock(ClockServiceServicer):
    """Serves louyu.identity.v1.ClockService."""

    def __init__(
        self,
        units: Units,
        clock: BusinessClock,
        channels: Sequence[grpc.aio.Channel],
        *,
        walkable: bool,
    ) -> None:
        """`channels` lead to every process of the district, this one included."""
        self._units = units
        self._clock = clock
        self._stubs = [ClockServiceStub(channel) for channel in channels]
        self._walkable = walkable

    async def GetClock(self, request: pb.GetClockRequest, context: ServicerContext[Any, Any]) -> pb.Clock:
        return self._now()

    async def BeginClock(self, request: pb.BeginClockRequest, context: ServicerContext[Any, Any]) -> pb.Clock:
        async def work(unit: UnitOfWork) -> int:
            return await commands.begin(unit, request.seconds_ago, walkable=self._walkable)

        await self._apply(await self._units.run(current(), work), run_jobs=False)
        return self._now()

    async def AdvanceClock(
        self, request: pb.AdvanceClockRequest, context: ServicerContext[Any, Any]
    ) -> pb.Clock:
        async def work(unit: UnitOfWork) -> int:
            return await commands.advance(unit, request.seconds, walkable=self._walkable)

        # Not `command`: a retry of a walk that stopped half-way must reach the processes again.
        seconds = await self._units.run(current(), work)
        await self._apply(seconds, run_jobs=False)
        for _ in range(_ROUNDS):
            await self._apply(seconds, run_jobs=True)
        return self._now()

    async def _apply(self, seconds: int, *, run_jobs: bool) -> None:
        request = clock_pb2.ApplyOffsetRequest(run_jobs=run_jobs)
        request.offset.FromTimedelta(timedelta(seconds=seconds))
        await asyncio.gather(*(stub.ApplyOffset(request, timeout=_APPLY_S) for stub in self._stubs))

    def _now(self) -> pb.Clock:
        reply = pb.Clock(offset_seconds=int(self._clock.offset.total_seconds()), walkable=self._walkable)
        reply.business_time.FromDatetime(self._clock.now())
        reply.system_time.FromDatetime(system_now())
        return reply
