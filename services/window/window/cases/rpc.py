"""Cases over gRPC: parse, call, convert. The applicant's verbs here, the department's in `received.py`."""

from collections.abc import Iterable
from typing import Any

from grpc.aio import ServicerContext

from chassis.context import current
from chassis.pages import page_size
from chassis.units import Reader
from louyu.window.v1 import cases_pb2 as pb
from louyu.window.v1.cases_pb2_grpc import CasesServiceServicer
from window.cases import commands, queries
from window.cases.events import STATE
from window.cases.received import ReceivedCases
from window.cases.rules import FiledFor
from window.cases.views import brief, full

_Call = ServicerContext[Any, Any]


class Cases(ReceivedCases, CasesServiceServicer):
    """Serves louyu.window.v1.CasesService."""

    async def CreateCase(self, request: pb.CreateCaseRequest, context: _Call) -> pb.Case:
        is_firms = request.filed_for == pb.CASE_FILED_FOR_ENTERPRISE
        application = commands.Application(
            building_matter_id=request.building_matter_id,
            filed_for=FiledFor.ENTERPRISE if is_firms else FiledFor.PERSON,
            enterprise_id=request.enterprise_id,
            summary=request.summary,
            supplies=self._papers.supplies(request.materials),
            correlation_id=request.correlation_id,
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.begin(unit, application))

    async def UpdateCase(self, request: pb.UpdateCaseRequest, context: _Call) -> pb.Case:
        summary = request.summary if request.HasField("summary") else None
        supplies = self._papers.supplies(request.materials)
        return await self._do(
            request,
            lambda unit: commands.change(unit, request.id, request.etag, summary, supplies),
        )

    async def PrecheckCase(self, request: pb.PrecheckCaseRequest, context: _Call) -> pb.Case:
        return await self._do(request, lambda unit: commands.precheck(unit, request.id, request.etag))

    async def SubmitCase(self, request: pb.SubmitCaseRequest, context: _Call) -> pb.Case:
        return await self._do(request, lambda unit: commands.submit(unit, request.id, request.etag))

    async def CorrectCase(self, request: pb.CorrectCaseRequest, context: _Call) -> pb.Case:
        supplies = self._papers.supplies(request.materials)
        return await self._do(
            request,
            lambda unit: commands.correct(unit, request.id, request.etag, supplies, request.note),
        )

    async def WithdrawCase(self, request: pb.WithdrawCaseRequest, context: _Call) -> pb.Case:
        return await self._do(
            request, lambda unit: commands.withdraw(unit, request.id, request.etag, request.reason)
        )

    async def RateCase(self, request: pb.RateCaseRequest, context: _Call) -> pb.Case:
        return await self._do(
            request,
            lambda unit: commands.rate(unit, request.id, request.etag, request.grade, request.remark),
        )

    async def GetCase(self, request: pb.GetCaseRequest, context: _Call) -> pb.Case:
        async def work(reader: Reader) -> pb.Case:
            case = await queries.case(reader, request.id)
            return full(case, await queries.steps_of(reader, case), reader.context, self._papers)

        return await self._units.query(work)

    async def ListCases(self, request: pb.ListCasesRequest, context: _Call) -> pb.ListCasesResponse:
        size = page_size(request.page_size)
        narrowed = queries.Filter(
            states=words_of(request.states),
            applicant=current().caller.account_id if request.mine else "",
            department_id=request.department_id,
            enterprise_id=request.enterprise_id,
            number=request.number,
        )

        async def work(reader: Reader) -> pb.ListCasesResponse:
            rows = await queries.page(reader, narrowed, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListCasesResponse(
                cases=[brief(row, reader.context) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def CountCases(self, request: pb.CountCasesRequest, context: _Call) -> pb.CountCasesResponse:
        async def work(reader: Reader) -> pb.CountCasesResponse:
            return pb.CountCasesResponse(
                counts=[
                    pb.DepartmentCount(
                        department_id=row.department_id, state=STATE.number(row.state), count=row.how_many
                    )
                    for row in await queries.counts(reader)
                ]
            )

        return await self._units.query(work)


def words_of(states: Iterable[int]) -> tuple[str, ...]:
    """The states of a request as the tables keep them."""
    return tuple(STATE.word(state) for state in states if state)
