"""Stalls over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from typing import Any

from grpc.aio import ServicerContext

from chassis.clocks import timestamp
from chassis.days import written
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import stalls_pb2 as pb
from louyu.ticket.v1.stalls_pb2_grpc import StallsServiceServicer
from ticket.stalls import commands, queries, rules
from ticket.stalls.events import KIND, STATE
from ticket.stalls.rules import THERE

_Call = ServicerContext[Any, Any]


class Stalls(StallsServiceServicer):
    """Serves louyu.ticket.v1.StallsService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def AddStall(self, request: pb.AddStallRequest, context: _Call) -> pb.Stall:
        return await self._do(
            request,
            lambda unit: commands.add(
                unit, request.name, request.place, request.enterprise_id, synthetic=request.synthetic
            ),
        )

    async def BeginStallHelp(self, request: pb.BeginStallHelpRequest, context: _Call) -> pb.Stall:
        return await self._do(
            request,
            lambda unit: commands.begin(
                unit, request.id, score=request.score, findings=request.findings, plan=request.plan
            ),
        )

    async def HelpStall(self, request: pb.HelpStallRequest, context: _Call) -> pb.Stall:
        return await self._do(
            request, lambda unit: commands.help_(unit, request.id, day=request.date, what=request.what)
        )

    async def ReassessStall(self, request: pb.ReassessStallRequest, context: _Call) -> pb.Stall:
        return await self._do(
            request,
            lambda unit: commands.reassess(unit, request.id, score=request.score, findings=request.findings),
        )

    async def CloseStall(self, request: pb.CloseStallRequest, context: _Call) -> pb.Stall:
        return await self._do(request, lambda unit: commands.close(unit, request.id))

    async def _do(self, request: Any, change: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Stall:
        async def work(unit: UnitOfWork) -> pb.Stall:
            return _stall(await change(unit), unit)

        return await self._units.command(request, pb.Stall, work)

    async def GetStall(self, request: pb.GetStallRequest, context: _Call) -> pb.Stall:
        async def work(reader: Reader) -> pb.Stall:
            return _stall(await queries.stall(reader, request.id), reader)

        return await self._units.query(work)

    async def ListStalls(self, request: pb.ListStallsRequest, context: _Call) -> pb.ListStallsResponse:
        size = page_size(request.page_size)
        states = tuple(STATE.word(one) for one in request.states if one) or tuple(sorted(THERE))

        async def work(reader: Reader) -> pb.ListStallsResponse:
            after = self._pages.decode(request)
            rows = await queries.page(reader, states=states, after=after, size=size)
            last = rows[size - 1] if len(rows) > size else None
            counts = {} if after else await queries.counts(reader)
            return pb.ListStallsResponse(
                stalls=[_stall(row, reader) for row in rows[:size]],
                counts=[
                    pb.StallCount(state=STATE.number(state), count=count)
                    for state, count in sorted(counts.items())
                ],
                next_page_token=self._pages.encode(request, [last.name, last.id]) if last else "",
            )

        return await self._units.query(work)

    async def ListStallSteps(
        self, request: pb.ListStallStepsRequest, context: _Call
    ) -> pb.ListStallStepsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListStallStepsResponse:
            stall = await queries.stall(reader, request.id)
            rows = await queries.page_of_steps(reader, stall.id, after=self._pages.decode(request), size=size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListStallStepsResponse(steps=[_step(row) for row in rows[:size]], next_page_token=more)

        return await self._units.query(work)


def _stall(row: Row, reader: Reader) -> pb.Stall:
    caller = reader.context.caller
    return pb.Stall(
        id=row.id,
        etag=str(row.version),
        name=row.name,
        place=row.place,
        enterprise_id=row.enterprise_id,
        state=STATE.number(row.state),
        plan=row.plan,
        begin_date=written(row.began_on),
        baseline=row.baseline,
        score=row.score,
        helped=row.helped,
        verbs=rules.verbs(row, caller.account_id, caller.person_id, manages=reader.context.has("B")),
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
    )


def _step(row: Row) -> pb.StallStep:
    return pb.StallStep(
        id=row.id,
        kind=KIND.number(row.kind),
        date=row.day.isoformat(),
        score=row.score,
        words=row.words,
        account=row.created_by,
        create_time=timestamp(row.created_at),
    )
