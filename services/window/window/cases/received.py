"""The department's side of the cases contract: what buildings have handed to it."""

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.context import current
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.window.v1 import cases_pb2 as pb
from window.cases import deciding, queries
from window.cases.events import DECISION, DELIVERY, STATE
from window.cases.papers import Papers
from window.cases.views import brief, full

_Call = ServicerContext[Any, Any]


class ReceivedCases:
    """The methods of CasesService that departments call, as the party that the cases name."""

    def __init__(self, units: Units, pages: PageTokens, papers: Papers) -> None:
        self._units = units
        self._pages = pages
        self._papers = papers

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Case:
        async def work(unit: UnitOfWork) -> pb.Case:
            case = await verb(unit)
            return full(case, await queries.steps_of(unit, case), unit.context, self._papers)

        return await self._units.command(request, pb.Case, work)

    async def AcceptCase(self, request: pb.AcceptCaseRequest, context: _Call) -> pb.Case:
        return await self._do(
            request, lambda unit: deciding.accept(unit, request.id, request.etag, request.note)
        )

    async def RequestCorrection(self, request: pb.RequestCorrectionRequest, context: _Call) -> pb.Case:
        items = [(item.material, item.reason) for item in request.items]
        return await self._do(
            request,
            lambda unit: deciding.request_correction(unit, request.id, request.etag, items, request.note),
        )

    async def RefuseCase(self, request: pb.RefuseCaseRequest, context: _Call) -> pb.Case:
        return await self._do(
            request, lambda unit: deciding.refuse(unit, request.id, request.etag, request.reason)
        )

    async def StartCase(self, request: pb.StartCaseRequest, context: _Call) -> pb.Case:
        return await self._do(request, lambda unit: deciding.start(unit, request.id, request.etag))

    async def DecideCase(self, request: pb.DecideCaseRequest, context: _Call) -> pb.Case:
        results = self._papers.claim(request.results, "results")
        decision = DECISION.word(request.decision)
        return await self._do(
            request,
            lambda unit: deciding.decide(unit, request.id, request.etag, decision, request.text, results),
        )

    async def DeliverCase(self, request: pb.DeliverCaseRequest, context: _Call) -> pb.Case:
        delivery = DELIVERY.word(request.delivery)
        return await self._do(
            request,
            lambda unit: deciding.deliver(
                unit, request.id, request.etag, delivery, request.trips, request.note
            ),
        )

    async def CloseCallback(self, request: pb.CloseCallbackRequest, context: _Call) -> pb.Case:
        return await self._do(
            request,
            lambda unit: deciding.close_callback(unit, request.id, request.etag, request.note),
        )

    async def GetReceivedCase(self, request: pb.GetReceivedCaseRequest, context: _Call) -> pb.Case:
        async def work(reader: Reader) -> pb.Case:
            case = await queries.received_case(reader, request.id)
            return full(case, await queries.steps_of(reader, case), reader.context, self._papers)

        return await self._units.query(work)

    async def ListReceivedCases(
        self, request: pb.ListReceivedCasesRequest, context: _Call
    ) -> pb.ListReceivedCasesResponse:
        size = page_size(request.page_size)
        narrowed = queries.Filter(
            states=tuple(STATE.word(state) for state in request.states if state),
            handler=current().caller.account_id if request.mine else "",
            building=request.building,
            number=request.number,
            callback_open=request.callback_open,
        )

        async def work(reader: Reader) -> pb.ListReceivedCasesResponse:
            rows = await queries.received_page(reader, narrowed, self._pages.decode(request), size)
            more = ""
            if len(rows) > size:
                last = rows[size - 1]
                more = self._pages.encode(request, [last.submitted_at.isoformat(), last.id])
            return pb.ListReceivedCasesResponse(
                cases=[brief(row, reader.context) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def CountReceivedCases(
        self, request: pb.CountReceivedCasesRequest, context: _Call
    ) -> pb.CountReceivedCasesResponse:
        async def work(reader: Reader) -> pb.CountReceivedCasesResponse:
            return pb.CountReceivedCasesResponse(
                counts=[
                    pb.CaseCount(state=STATE.number(row.state), count=row.how_many)
                    for row in await queries.received_counts(reader)
                ],
                overdue=await queries.overdue(reader),
                callbacks=await queries.open_callbacks(reader),
            )

        return await self._units.query(work)
