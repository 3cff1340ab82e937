"""Supervision over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis import days
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import supervision_pb2 as pb
from louyu.membership.v1.supervision_pb2_grpc import SupervisionServiceServicer
from membership.people import People
from membership.supervision import commands, queries, stars, views
from membership.supervision.rules import Item, NewFinding
from membership.supervision.settings import CHECKLIST

_Call = ServicerContext[Any, Any]
_Verb = Callable[[UnitOfWork], Awaitable[Row]]
_Page = Callable[[Reader, Sequence[Any] | None, int], Awaitable[Sequence[Row]]]


class Supervision(SupervisionServiceServicer):
    """Serves louyu.membership.v1.SupervisionService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def GetSupervisionChecklist(
        self, request: pb.GetSupervisionChecklistRequest, context: _Call
    ) -> pb.SupervisionChecklist:
        async def work(reader: Reader) -> pb.SupervisionChecklist:
            return views.checklist(await CHECKLIST.current(reader))

        return await self._units.query(work)

    async def UpdateSupervisionChecklist(
        self, request: pb.UpdateSupervisionChecklistRequest, context: _Call
    ) -> pb.SupervisionChecklist:
        items = [Item(one.code, one.title_zh, one.title_en, one.source) for one in request.items]

        async def work(unit: UnitOfWork) -> pb.SupervisionChecklist:
            return views.checklist(await commands.set_checklist(unit, request.etag, items))

        return await self._units.command(request, pb.SupervisionChecklist, work)

    async def HoldSupervision(self, request: pb.HoldSupervisionRequest, context: _Call) -> pb.Supervision:
        answers = [(one.code, one.met) for one in request.answers]
        found = [
            NewFinding(one.code, one.text, days.required("findings", one.due_date))
            for one in request.findings
        ]

        async def work(unit: UnitOfWork) -> pb.Supervision:
            row = await commands.hold(unit, request.place, answers, found, synthetic=request.synthetic)
            return await views.whole(unit, row)

        return await self._units.command(request, pb.Supervision, work)

    async def ListSupervisions(
        self, request: pb.ListSupervisionsRequest, context: _Call
    ) -> pb.ListSupervisionsResponse:
        return await self._list(request)

    async def ListSupervisionsBelow(
        self, request: pb.ListSupervisionsBelowRequest, context: _Call
    ) -> pb.ListSupervisionsResponse:
        return await self._list(request)

    async def _list(
        self, request: pb.ListSupervisionsRequest | pb.ListSupervisionsBelowRequest
    ) -> pb.ListSupervisionsResponse:
        async def work(reader: Reader) -> pb.ListSupervisionsResponse:
            rows, more = await self._page(reader, request, queries.page)
            return pb.ListSupervisionsResponse(
                supervisions=await views.listed(reader, rows), next_page_token=more
            )

        return await self._units.query(work)

    async def _page(self, reader: Reader, request: Any, page: _Page) -> tuple[Sequence[Row], str]:
        size = page_size(request.page_size)
        rows = await page(reader, self._pages.decode(request), size)
        return rows[:size], self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""

    async def GetSupervision(self, request: pb.GetSupervisionRequest, context: _Call) -> pb.Supervision:
        return await self._get(request.id)

    async def GetSupervisionBelow(
        self, request: pb.GetSupervisionBelowRequest, context: _Call
    ) -> pb.Supervision:
        return await self._get(request.id)

    async def _get(self, supervision_id: str) -> pb.Supervision:
        async def work(reader: Reader) -> pb.Supervision:
            return await views.whole(reader, await queries.supervision(reader, supervision_id))

        return await self._units.query(work)

    async def _finding(self, request: Message, verb: _Verb) -> pb.Finding:
        async def work(unit: UnitOfWork) -> pb.Finding:
            return views.finding(unit, await verb(unit))

        return await self._units.command(request, pb.Finding, work)

    async def AssignFinding(self, request: pb.AssignFindingRequest, context: _Call) -> pb.Finding:
        display = await self._people.display(request.tenant, request.owner_id)
        return await self._finding(
            request,
            lambda unit: commands.assign(unit, request.id, request.etag, request.owner_id, display),
        )

    async def SubmitFinding(self, request: pb.SubmitFindingRequest, context: _Call) -> pb.Finding:
        return await self._finding(
            request,
            lambda unit: commands.submit(unit, request.id, request.etag, request.measure, request.reference),
        )

    async def VerifyFinding(self, request: pb.VerifyFindingRequest, context: _Call) -> pb.Finding:
        return await self._finding(request, lambda unit: commands.verify(unit, request.id, request.etag))

    async def ReturnFinding(self, request: pb.ReturnFindingRequest, context: _Call) -> pb.Finding:
        return await self._finding(
            request, lambda unit: commands.give_back(unit, request.id, request.etag, request.reason)
        )

    async def _star(self, request: Message, verb: _Verb) -> pb.Star:
        async def work(unit: UnitOfWork) -> pb.Star:
            return (await views.stars(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.Star, work)

    async def ApplyForStar(self, request: pb.ApplyForStarRequest, context: _Call) -> pb.Star:
        return await self._star(
            request,
            lambda unit: stars.apply(
                unit, request.org_id, request.level, request.grounds, synthetic=request.synthetic
            ),
        )

    async def WithdrawStar(self, request: pb.WithdrawStarRequest, context: _Call) -> pb.Star:
        return await self._star(request, lambda unit: stars.withdraw(unit, request.id, request.etag))

    async def GrantStar(self, request: pb.GrantStarRequest, context: _Call) -> pb.Star:
        return await self._star(request, lambda unit: stars.grant(unit, request.id, request.etag))

    async def RefuseStar(self, request: pb.RefuseStarRequest, context: _Call) -> pb.Star:
        return await self._star(
            request, lambda unit: stars.refuse(unit, request.id, request.etag, request.reason)
        )

    async def ListStars(self, request: pb.ListStarsRequest, context: _Call) -> pb.ListStarsResponse:
        return await self._stars(request)

    async def ListStarsBelow(self, request: pb.ListStarsBelowRequest, context: _Call) -> pb.ListStarsResponse:
        return await self._stars(request)

    async def _stars(self, request: pb.ListStarsRequest | pb.ListStarsBelowRequest) -> pb.ListStarsResponse:
        async def work(reader: Reader) -> pb.ListStarsResponse:
            rows, more = await self._page(reader, request, queries.star_page)
            return pb.ListStarsResponse(stars=await views.stars(reader, rows), next_page_token=more)

        return await self._units.query(work)
