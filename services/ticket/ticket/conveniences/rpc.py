"""Conveniences over gRPC: parse, call, convert."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from grpc.aio import ServicerContext

from chassis.clocks import timestamp
from chassis.days import day_of, parse
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import conveniences_pb2 as pb
from louyu.ticket.v1.conveniences_pb2_grpc import ConveniencesServiceServicer
from ticket.conveniences import commands, queries, rules
from ticket.conveniences.events import KIND
from ticket.conveniences.rules import Kind

_Call = ServicerContext[Any, Any]


class Conveniences(ConveniencesServiceServicer):
    """Serves louyu.ticket.v1.ConveniencesService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def RecordUse(self, request: pb.RecordUseRequest, context: _Call) -> pb.Use:
        kind, day = Kind(KIND.word(request.kind)), parse("date", request.date)
        return await self._use(
            request,
            lambda unit: commands.record(unit, kind, request.count, day, synthetic=request.synthetic),
        )

    async def UndoUse(self, request: pb.UndoUseRequest, context: _Call) -> pb.Use:
        return await self._use(request, lambda unit: commands.undo(unit, request.id))

    async def _use(self, request: Any, change: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Use:
        async def work(unit: UnitOfWork) -> pb.Use:
            return _use(await change(unit), unit)

        return await self._units.command(request, pb.Use, work)

    async def ListUses(self, request: pb.ListUsesRequest, context: _Call) -> pb.ListUsesResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListUsesResponse:
            rows = await queries.page(
                reader, kind=KIND.word(request.kind), after=self._pages.decode(request), size=size
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListUsesResponse(uses=[_use(row, reader) for row in rows[:size]], next_page_token=more)

        return await self._units.query(work)

    async def SummariseUses(self, request: pb.SummariseUsesRequest, context: _Call) -> pb.UseSummary:
        async def work(reader: Reader) -> pb.UseSummary:
            first = parse("month", f"{request.month}-01" if request.month else "")
            first = first or day_of(reader.now).replace(day=1)
            return _summary(first, await queries.counted(reader, first, rules.next_month(first)))

        return await self._units.query(work)


def _use(row: Row, reader: Reader) -> pb.Use:
    actor = reader.context.caller.actor
    return pb.Use(
        id=row.id,
        kind=KIND.number(row.kind),
        date=row.used_on.isoformat(),
        count=row.times,
        undone=row.undone,
        account=row.created_by,
        verbs=rules.verbs(row, day_of(row.created_at), actor, day_of(reader.now)),
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
    )


def _summary(first: date, rows: Sequence[Row]) -> pb.UseSummary:
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row.kind] += row.times
    days = [
        pb.UseDay(date=day.isoformat(), counts=[_count(row.kind, row.times) for row in of_day])
        for day, of_day in groupby(rows, key=lambda row: row.used_on)
    ]
    return pb.UseSummary(
        month=f"{first:%Y-%m}", days=days, totals=[_count(kind, times) for kind, times in totals.items()]
    )


def _count(kind: str, times: int) -> pb.UseCount:
    return pb.UseCount(kind=KIND.number(kind), count=times)
