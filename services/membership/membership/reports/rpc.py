"""Reports over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from google.protobuf.message import Message
from grpc.aio import ServicerContext
from sqlalchemy import ColumnElement

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import reports_pb2 as pb
from louyu.membership.v1.reports_pb2_grpc import ReportsServiceServicer
from membership.people import People
from membership.reports import commands, queries, views
from membership.reports.events import STATE
from membership.reports.settings import SETTINGS

_Call = ServicerContext[Any, Any]
_TEXTS: Final = ("done", "problems", "plans")


class Reports(ReportsServiceServicer):
    """Serves louyu.membership.v1.ReportsService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Report:
        async def work(unit: UnitOfWork) -> pb.Report:
            return await views.whole(unit, await verb(unit))

        return await self._units.command(request, pb.Report, work)

    async def BeginReport(self, request: pb.BeginReportRequest, context: _Call) -> pb.Report:
        return await self._do(request, lambda unit: commands.begin(unit, request.obligation_id))

    async def UpdateReport(self, request: pb.UpdateReportRequest, context: _Call) -> pb.Report:
        said = {name: getattr(request, name) for name in _TEXTS if request.HasField(name)}
        return await self._do(request, lambda unit: commands.edit(unit, request.id, request.etag, **said))

    async def SubmitReport(self, request: pb.SubmitReportRequest, context: _Call) -> pb.Report:
        # Identity is asked outside of the transaction that writes.
        person = await self._units.query(lambda reader: queries.accepting(reader, request.id))
        receiver = await self._people.account(person) if person else ""
        return await self._do(request, lambda unit: commands.submit(unit, request.id, request.etag, receiver))

    async def TakeReport(self, request: pb.TakeReportRequest, context: _Call) -> pb.Report:
        return await self._do(request, lambda unit: commands.take(unit, request.id, request.etag))

    async def AcceptReport(self, request: pb.AcceptReportRequest, context: _Call) -> pb.Report:
        return await self._do(request, lambda unit: commands.accept(unit, request.id, request.etag))

    async def ReturnReport(self, request: pb.ReturnReportRequest, context: _Call) -> pb.Report:
        return await self._do(
            request, lambda unit: commands.give_back(unit, request.id, request.etag, request.sentence)
        )

    async def AcceptReportBelow(self, request: pb.AcceptReportBelowRequest, context: _Call) -> pb.Report:
        return await self._do(request, lambda unit: commands.accept(unit, request.id, request.etag))

    async def ReturnReportBelow(self, request: pb.ReturnReportBelowRequest, context: _Call) -> pb.Report:
        return await self._do(
            request, lambda unit: commands.give_back(unit, request.id, request.etag, request.sentence)
        )

    async def GetReport(self, request: pb.GetReportRequest, context: _Call) -> pb.Report:
        return await self._get(request.id, queries.here)

    async def GetReportBelow(self, request: pb.GetReportBelowRequest, context: _Call) -> pb.Report:
        return await self._get(request.id, queries.named)

    async def _get(self, report_id: str, where: Callable[[Reader], ColumnElement[bool]]) -> pb.Report:
        async def work(reader: Reader) -> pb.Report:
            return await views.whole(reader, await queries.one(reader, where(reader), report_id))

        return await self._units.query(work)

    async def ListReports(self, request: pb.ListReportsRequest, context: _Call) -> pb.ListReportsResponse:
        states = tuple(STATE.word(state) for state in request.states)
        return await self._list(request, queries.here, states=states, mine=request.mine)

    async def ListReportsBelow(
        self, request: pb.ListReportsBelowRequest, context: _Call
    ) -> pb.ListReportsResponse:
        return await self._list(request, queries.named)

    async def _list(
        self,
        request: pb.ListReportsRequest | pb.ListReportsBelowRequest,
        where: Callable[[Reader], ColumnElement[bool]],
        **filters: Any,
    ) -> pb.ListReportsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListReportsResponse:
            rows = await queries.page(
                reader,
                where(reader),
                to_accept=request.to_accept,
                after=self._pages.decode(request),
                size=size,
                **filters,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = await views.listed(reader, rows[:size])
            return pb.ListReportsResponse(reports=found, next_page_token=more)

        return await self._units.query(work)

    async def GetReportSettings(
        self, request: pb.GetReportSettingsRequest, context: _Call
    ) -> pb.ReportSettings:
        async def work(reader: Reader) -> pb.ReportSettings:
            return views.settings(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdateReportSettings(
        self, request: pb.UpdateReportSettingsRequest, context: _Call
    ) -> pb.ReportSettings:
        async def work(unit: UnitOfWork) -> pb.ReportSettings:
            return views.settings(await commands.set_days(unit, request.etag, request.early_days))

        return await self._units.command(request, pb.ReportSettings, work)
