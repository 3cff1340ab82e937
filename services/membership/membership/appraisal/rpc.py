"""The appraisal over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext
from sqlalchemy import ColumnElement

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import appraisal_pb2 as pb
from louyu.membership.v1.appraisal_pb2_grpc import AppraisalServiceServicer
from membership.appraisal import commands, queries, views
from membership.appraisal.commands import Seen
from membership.appraisal.events import CHANNEL, OUTCOME, STATE
from membership.appraisal.rubrics import Channel, Item
from membership.appraisal.scoring import Outcome
from membership.appraisal.settings import RUBRICS, version

_Call = ServicerContext[Any, Any]
_Where = Callable[[Reader], ColumnElement[bool]]


class Appraisal(AppraisalServiceServicer):
    """Serves louyu.membership.v1.AppraisalService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def GetAppraisalRubric(
        self, request: pb.GetAppraisalRubricRequest, context: _Call
    ) -> pb.AppraisalRubric:
        async def work(reader: Reader) -> pb.AppraisalRubric:
            if request.version:
                return views.rubric(await version(reader, request.version))
            return views.rubric(await RUBRICS.current(reader))

        return await self._units.query(work)

    async def SetAppraisalRubric(
        self, request: pb.SetAppraisalRubricRequest, context: _Call
    ) -> pb.AppraisalRubric:
        items = [_item(item) for item in request.items]

        async def work(unit: UnitOfWork) -> pb.AppraisalRubric:
            held = await commands.set_rubric(
                unit,
                request.etag,
                items,
                star_steps=list(request.star_steps),
                months_percent=request.months_percent,
                due_days=request.due_days,
                late_days=request.late_days,
                appeal_days=request.appeal_days,
            )
            return views.rubric(held)

        return await self._units.command(request, pb.AppraisalRubric, work)

    async def ListAppraisalPeriods(
        self, request: pb.ListAppraisalPeriodsRequest, context: _Call
    ) -> pb.ListAppraisalPeriodsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListAppraisalPeriodsResponse:
            rows = await queries.period_page(reader, self._pages.decode(request), size)
            more = self._more(request, rows, size)
            found = await views.periods(reader, rows[:size])
            return pb.ListAppraisalPeriodsResponse(periods=found, next_page_token=more)

        return await self._units.query(work)

    def _more(self, request: Message, rows: Sequence[Row], size: int) -> str:
        return self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""

    async def OpenAppraisalPeriod(
        self, request: pb.OpenAppraisalPeriodRequest, context: _Call
    ) -> pb.AppraisalPeriod:
        async def work(unit: UnitOfWork) -> pb.AppraisalPeriod:
            row = await commands.open_period(
                unit, request.org_id, request.from_month, request.until_month, synthetic=request.synthetic
            )
            return (await views.periods(unit, [row]))[0]

        return await self._units.command(request, pb.AppraisalPeriod, work)

    async def AddToAppraisalPeriod(
        self, request: pb.AddToAppraisalPeriodRequest, context: _Call
    ) -> pb.Appraisal:
        return await self._do(request, lambda unit: commands.add(unit, request.id, request.person_id))

    async def RecordAppraisalMarks(
        self, request: pb.RecordAppraisalMarksRequest, context: _Call
    ) -> pb.Appraisal:
        seen = Seen(
            month=request.month,
            channel=Channel(CHANNEL.word(request.channel)),
            marks=[(mark.target, mark.score) for mark in request.marks],
            reference=request.reference,
        )
        return await self._do(request, lambda unit: commands.record(unit, request.id, seen))

    async def ConfirmAppraisalTarget(
        self, request: pb.ConfirmAppraisalTargetRequest, context: _Call
    ) -> pb.Appraisal:
        outcome = Outcome(OUTCOME.word(request.outcome))
        return await self._do(
            request,
            lambda unit: commands.confirm(unit, request.id, request.etag, request.target, outcome),
        )

    async def ShowAppraisal(self, request: pb.ShowAppraisalRequest, context: _Call) -> pb.Appraisal:
        return await self._do(request, lambda unit: commands.show(unit, request.id, request.etag))

    async def EndAppraisal(self, request: pb.EndAppraisalRequest, context: _Call) -> pb.Appraisal:
        return await self._do(request, lambda unit: commands.end(unit, request.id, request.etag))

    async def AcceptMyAppraisal(self, request: pb.AcceptMyAppraisalRequest, context: _Call) -> pb.Appraisal:
        return await self._do(request, lambda unit: commands.accept(unit, request.id, request.etag))

    async def AppealMyAppraisal(self, request: pb.AppealMyAppraisalRequest, context: _Call) -> pb.Appraisal:
        targets = list(request.targets)
        return await self._do(
            request,
            lambda unit: commands.appeal(unit, request.id, request.etag, targets, request.reason),
        )

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Appraisal:
        async def work(unit: UnitOfWork) -> pb.Appraisal:
            return (await views.shown(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.Appraisal, work)

    async def AnswerAppraisalAppeal(
        self, request: pb.AnswerAppraisalAppealRequest, context: _Call
    ) -> pb.Appraisal:
        stars = request.stars if request.HasField("stars") else None

        async def work(unit: UnitOfWork) -> pb.Appraisal:
            row = await commands.answer(unit, request.id, request.etag, stars, request.reason)
            return (await views.above(unit, [row]))[0]

        return await self._units.command(request, pb.Appraisal, work)

    async def GetAppraisal(self, request: pb.GetAppraisalRequest, context: _Call) -> pb.Appraisal:
        async def work(reader: Reader) -> pb.Appraisal:
            row = await queries.one(reader, queries.here(reader), request.id)
            return (await views.shown(reader, [row]))[0]

        return await self._units.query(work)

    async def ListAppraisals(
        self, request: pb.ListAppraisalsRequest, context: _Call
    ) -> pb.ListAppraisalsResponse:
        states = [STATE.word(state) for state in request.states]
        return await self._list(
            request, queries.here, views.shown, states, period_id=request.period_id, newest=False
        )

    async def ListMyAppraisals(
        self, request: pb.ListMyAppraisalsRequest, context: _Call
    ) -> pb.ListAppraisalsResponse:
        return await self._list(request, queries.own, views.shown)

    async def ListAppraisalsBelow(
        self, request: pb.ListAppraisalsBelowRequest, context: _Call
    ) -> pb.ListAppraisalsResponse:
        states = ("appealed",) if request.appealed_only else ()
        return await self._list(request, queries.below, views.above, states)

    async def _list(
        self,
        request: pb.ListAppraisalsRequest | pb.ListMyAppraisalsRequest | pb.ListAppraisalsBelowRequest,
        where: _Where,
        view: Callable[[Reader, Sequence[Row]], Awaitable[list[pb.Appraisal]]],
        states: Iterable[str] = (),
        *,
        period_id: str = "",
        newest: bool = True,
    ) -> pb.ListAppraisalsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListAppraisalsResponse:
            rows = await queries.page(
                reader,
                where(reader),
                period_id=period_id,
                states=states,
                newest=newest,
                after=self._pages.decode(request),
                size=size,
            )
            found = await view(reader, rows[:size])
            return pb.ListAppraisalsResponse(
                appraisals=found, next_page_token=self._more(request, rows, size)
            )

        return await self._units.query(work)

    async def ListAppraisalMarks(
        self, request: pb.ListAppraisalMarksRequest, context: _Call
    ) -> pb.ListAppraisalMarksResponse:
        return await self._marks(request, queries.here)

    async def ListMyAppraisalMarks(
        self, request: pb.ListMyAppraisalMarksRequest, context: _Call
    ) -> pb.ListAppraisalMarksResponse:
        return await self._marks(request, queries.own)

    async def _marks(
        self, request: pb.ListAppraisalMarksRequest | pb.ListMyAppraisalMarksRequest, where: _Where
    ) -> pb.ListAppraisalMarksResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListAppraisalMarksResponse:
            row = await queries.one(reader, where(reader), request.id)
            rows = await queries.mark_page(reader, row.id, self._pages.decode(request), size)
            found = [views.mark(one) for one in rows[:size]]
            return pb.ListAppraisalMarksResponse(marks=found, next_page_token=self._more(request, rows, size))

        return await self._units.query(work)


def _item(item: pb.AppraisalItem) -> Item:
    return Item(
        code=item.code,
        title_zh=item.title_zh,
        title_en=item.title_en,
        weight=item.weight,
        channels=[Channel(CHANNEL.word(channel)) for channel in item.channels],
        source=item.source,
    )
