"""Applications for organisations over gRPC: what the parties above the building do."""

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import orgs_pb2 as pb
from membership.orgs import commands, queries
from membership.orgs.events import KIND
from membership.orgs.rules import Kind
from membership.orgs.views import shown, words_of

_Call = ServicerContext[Any, Any]


class Applications:
    """The part of louyu.membership.v1.OrgsService under org-applications."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Org:
        async def work(unit: UnitOfWork) -> pb.Org:
            return (await shown(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.Org, work)

    async def ApplyForOrg(self, request: pb.ApplyForOrgRequest, context: _Call) -> pb.Org:
        application = commands.Application(
            place=request.place,
            kind=Kind(KIND.word(request.kind)),
            name=request.name,
            serves=request.serves,
            parent_id=request.parent,
            enterprise_id=request.enterprise_id,
            approver_id=request.approver,
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.apply(unit, application))

    async def ApproveOrg(self, request: pb.ApproveOrgRequest, context: _Call) -> pb.Org:
        return await self._do(
            request,
            lambda unit: commands.approve(
                unit, request.id, request.etag, request.approved_on, request.approval_no
            ),
        )

    async def RejectOrg(self, request: pb.RejectOrgRequest, context: _Call) -> pb.Org:
        return await self._do(
            request, lambda unit: commands.reject(unit, request.id, request.etag, request.reason)
        )

    async def ActivateAppliedOrg(self, request: pb.ActivateAppliedOrgRequest, context: _Call) -> pb.Org:
        return await self._do(
            request, lambda unit: commands.activate(unit, request.id, request.etag, request.founded_on)
        )

    async def DissolveOrg(self, request: pb.DissolveOrgRequest, context: _Call) -> pb.Org:
        return await self._do(
            request, lambda unit: commands.dissolve(unit, request.id, request.etag, request.reason)
        )

    async def GetOrgApplication(self, request: pb.GetOrgApplicationRequest, context: _Call) -> pb.Org:
        async def work(reader: Reader) -> pb.Org:
            return (await shown(reader, [await queries.application(reader, request.id)]))[0]

        return await self._units.query(work)

    async def ListOrgApplications(
        self, request: pb.ListOrgApplicationsRequest, context: _Call
    ) -> pb.ListOrgApplicationsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListOrgApplicationsResponse:
            rows = await queries.applications(
                reader,
                states=words_of(request.states),
                to_decide=request.to_decide,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListOrgApplicationsResponse(orgs=await shown(reader, rows[:size]), next_page_token=more)

        return await self._units.query(work)
