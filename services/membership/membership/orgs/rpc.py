"""Organisations over gRPC: parse, call, convert. What those above do is in `applications.py`."""

from typing import Any, Final

from grpc.aio import ServicerContext

from chassis.pages import page_size
from chassis.units import Reader
from louyu.membership.v1 import orgs_pb2 as pb
from louyu.membership.v1.orgs_pb2_grpc import OrgsServiceServicer
from membership.orgs import commands, queries
from membership.orgs.applications import Applications
from membership.orgs.events import KIND
from membership.orgs.views import shown, words_of

_Call = ServicerContext[Any, Any]
_CORRECTED: Final = ("name", "serves", "floor", "parent")


class Orgs(Applications, OrgsServiceServicer):
    """Serves louyu.membership.v1.OrgsService."""

    async def CreateGroup(self, request: pb.CreateGroupRequest, context: _Call) -> pb.Org:
        return await self._do(
            request,
            lambda unit: commands.form_group(
                unit,
                request.name,
                request.parent,
                request.floor,
                request.founded_on,
                synthetic=request.synthetic,
            ),
        )

    async def UpdateOrg(self, request: pb.UpdateOrgRequest, context: _Call) -> pb.Org:
        changes = {name: getattr(request, name) for name in _CORRECTED if request.HasField(name)}
        return await self._do(request, lambda unit: commands.correct(unit, request.id, request.etag, changes))

    async def ActivateOrg(self, request: pb.ActivateOrgRequest, context: _Call) -> pb.Org:
        return await self._do(
            request, lambda unit: commands.activate(unit, request.id, request.etag, request.founded_on)
        )

    async def DissolveGroup(self, request: pb.DissolveGroupRequest, context: _Call) -> pb.Org:
        return await self._do(
            request, lambda unit: commands.dissolve(unit, request.id, request.etag, request.reason)
        )

    async def GetOrg(self, request: pb.GetOrgRequest, context: _Call) -> pb.Org:
        async def work(reader: Reader) -> pb.Org:
            return (await shown(reader, [await queries.get(reader, request.id)]))[0]

        return await self._units.query(work)

    async def ListOrgs(self, request: pb.ListOrgsRequest, context: _Call) -> pb.ListOrgsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListOrgsResponse:
            rows = await queries.page(
                reader,
                states=words_of(request.states),
                kind=KIND.word(request.kind),
                floor=request.floor,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListOrgsResponse(orgs=await shown(reader, rows[:size]), next_page_token=more)

        return await self._units.query(work)

    async def ListOrgTree(self, request: pb.ListOrgTreeRequest, context: _Call) -> pb.ListOrgTreeResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListOrgTreeResponse:
            rows = await queries.tree(reader, self._pages.decode(request), size)
            last = rows[size - 1] if len(rows) > size else None
            more = self._pages.encode(request, [last.tenant_id, last.id]) if last else ""
            return pb.ListOrgTreeResponse(orgs=await shown(reader, rows[:size]), next_page_token=more)

        return await self._units.query(work)
