"""Departments over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.messages import Messages
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.window.v1 import departments_pb2 as pb
from louyu.window.v1.departments_pb2_grpc import DepartmentsServiceServicer
from window.departments import commands, queries, rules
from window.departments.events import STATE

_Call = ServicerContext[Any, Any]
_NAMES: Final = ("name_zh", "name_en", "modern_name_zh", "modern_name_en")


class Departments(DepartmentsServiceServicer):
    """Serves louyu.window.v1.DepartmentsService."""

    def __init__(self, units: Units, pages: PageTokens, messages: Messages) -> None:
        self._units = units
        self._pages = pages
        self._messages = messages

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Department:
        async def work(unit: UnitOfWork) -> pb.Department:
            return to_department(await verb(unit), unit)

        return await self._units.command(request, pb.Department, work)

    async def CreateDepartment(self, request: pb.CreateDepartmentRequest, context: _Call) -> pb.Department:
        application = commands.Application(
            approver_id=request.approver_id,
            code=request.code,
            name_zh=request.name_zh,
            name_en=request.name_en,
            modern_name_zh=request.modern_name_zh,
            modern_name_en=request.modern_name_en,
            aliases=list(request.aliases),
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.apply(unit, application))

    async def UpdateDepartment(self, request: pb.UpdateDepartmentRequest, context: _Call) -> pb.Department:
        values: dict[str, Any] = {name: getattr(request, name) for name in _NAMES if request.HasField(name)}
        if request.aliases:
            values["aliases"] = list(request.aliases)
        return await self._do(request, lambda unit: commands.correct(unit, request.id, request.etag, values))

    async def OpenDepartment(self, request: pb.OpenDepartmentRequest, context: _Call) -> pb.Department:
        return await self._do(request, lambda unit: commands.open_department(unit, request.id, request.etag))

    async def SetAvailability(self, request: pb.SetAvailabilityRequest, context: _Call) -> pb.Department:
        return await self._do(
            request, lambda unit: commands.set_availability(unit, request.id, request.online)
        )

    async def ApproveDepartment(self, request: pb.ApproveDepartmentRequest, context: _Call) -> pb.Department:
        return await self._do(request, lambda unit: commands.approve(unit, request.id, request.etag))

    async def RefuseDepartment(self, request: pb.RefuseDepartmentRequest, context: _Call) -> pb.Department:
        return await self._do(
            request, lambda unit: commands.refuse(unit, request.id, request.etag, request.reason)
        )

    async def SuspendDepartment(self, request: pb.SuspendDepartmentRequest, context: _Call) -> pb.Department:
        return await self._do(
            request, lambda unit: commands.suspend(unit, request.id, request.etag, request.reason)
        )

    async def ResumeDepartment(self, request: pb.ResumeDepartmentRequest, context: _Call) -> pb.Department:
        return await self._do(request, lambda unit: commands.resume(unit, request.id, request.etag))

    async def TestDepartment(self, request: pb.TestDepartmentRequest, context: _Call) -> pb.ContractReport:
        async def work(unit: UnitOfWork) -> pb.ContractReport:
            findings, row = await commands.test(unit, request.id)
            return pb.ContractReport(
                passed=not findings,
                findings=[
                    pb.ContractFinding(
                        subject=finding.subject,
                        reason=finding.reason,
                        message=self._messages.say(
                            finding.reason, {"matter": finding.subject}, unit.context.locale
                        ),
                    )
                    for finding in findings
                ],
                department=to_department(row, unit),
            )

        return await self._units.command(request, pb.ContractReport, work)

    async def GetDepartment(self, request: pb.GetDepartmentRequest, context: _Call) -> pb.Department:
        async def work(reader: Reader) -> pb.Department:
            return to_department(await queries.department(reader, request.id), reader)

        return await self._units.query(work)

    async def ListDepartments(
        self, request: pb.ListDepartmentsRequest, context: _Call
    ) -> pb.ListDepartmentsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListDepartmentsResponse:
            rows = await queries.page(reader, request.q, self._pages.decode(request), size)
            return pb.ListDepartmentsResponse(
                departments=[to_department(row, reader) for row in rows[:size]],
                next_page_token=self._more(request, rows, size),
            )

        return await self._units.query(work)

    async def ListApplications(
        self, request: pb.ListApplicationsRequest, context: _Call
    ) -> pb.ListApplicationsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListApplicationsResponse:
            state = STATE.word(request.state)
            rows = await queries.applications(reader, state, self._pages.decode(request), size)
            return pb.ListApplicationsResponse(
                departments=[to_department(row, reader) for row in rows[:size]],
                next_page_token=self._more(request, rows, size),
            )

        return await self._units.query(work)

    def _more(self, request: Message, rows: Any, size: int) -> str:
        if len(rows) <= size:
            return ""
        last = rows[size - 1]
        return self._pages.encode(request, [last.code, last.id])


def to_department(row: Row, reader: Reader) -> pb.Department:
    """A department as the caller may know it: why it was refused stays between the two sides."""
    sides = {row.tenant_id: rules.Side.DEPARTMENT, row.approver_id: rules.Side.DISTRICT}
    side = sides.get(reader.tenant_id)
    is_suspended = row.state == rules.State.SUSPENDED
    return pb.Department(
        id=row.id,
        etag=str(row.version),
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        modern_name_zh=row.modern_name_zh,
        modern_name_en=row.modern_name_en,
        aliases=row.aliases,
        state=STATE.number(row.state),
        online=row.online,
        approver_id=row.approver_id,
        last_word=row.last_word if side or is_suspended else "",
        verbs=rules.allowed(rules.State(row.state), side) if side else (),
        synthetic=row.synthetic,
        create_time=row.created_at,
        update_time=row.updated_at,
        live_time=row.live_at,
    )
