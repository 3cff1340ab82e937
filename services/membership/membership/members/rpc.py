"""The roster over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import members_pb2 as pb
from louyu.membership.v1.members_pb2_grpc import MembersServiceServicer
from membership.members import commands, queries, views
from membership.members.commands import Entry, Place
from membership.members.events import BODY, ENDING, KIND, STAGE, STATE, TOLD
from membership.members.views import shown
from membership.people import People

_Call = ServicerContext[Any, Any]
_PLACE: Final = ("org_id", "group_id", "employer_id")


class Members(MembersServiceServicer):
    """Serves louyu.membership.v1.MembersService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Member:
        async def work(unit: UnitOfWork) -> pb.Member:
            return (await shown(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.Member, work)

    async def EnrolMember(self, request: pb.EnrolMemberRequest, context: _Call) -> pb.Member:
        entry = Entry(
            person_id=request.person_id,
            account=await self._people.account(request.person_id),
            display=await self._people.display(request.tenant, request.person_id),
            body=BODY.word(request.body),
            stage=STAGE.word(request.stage),
            place=Place(request.org_id, request.group_id, request.employer_id),
            joined_on=request.joined_on,
            told_on=request.told_on,
            told_how=TOLD.word(request.told_how),
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.enrol(unit, entry))

    async def NotifyMember(self, request: pb.NotifyMemberRequest, context: _Call) -> pb.Member:
        how = TOLD.word(request.told_how)
        return await self._do(request, lambda unit: commands.notify(unit, request.id, request.told_on, how))

    async def ActivateMember(self, request: pb.ActivateMemberRequest, context: _Call) -> pb.Member:
        return await self._do(request, lambda unit: commands.activate(unit, request.id))

    async def MoveMember(self, request: pb.MoveMemberRequest, context: _Call) -> pb.Member:
        changes = {name: getattr(request, name) for name in _PLACE if request.HasField(name)}
        return await self._do(
            request, lambda unit: commands.move(unit, request.id, request.etag, changes, request.from_on)
        )

    async def EndMember(self, request: pb.EndMemberRequest, context: _Call) -> pb.Member:
        ending = ENDING.word(request.ending)
        return await self._do(
            request, lambda unit: commands.end(unit, request.id, request.etag, ending, request.ended_on)
        )

    async def ConfirmMyMembership(self, request: pb.ConfirmMyMembershipRequest, context: _Call) -> pb.Member:
        return await self._do(request, lambda unit: commands.confirm(unit, request.id))

    async def ObjectToMyMembership(
        self, request: pb.ObjectToMyMembershipRequest, context: _Call
    ) -> pb.Member:
        return await self._do(request, lambda unit: commands.object_to(unit, request.id))

    async def GetMember(self, request: pb.GetMemberRequest, context: _Call) -> pb.Member:
        async def work(reader: Reader) -> pb.Member:
            return (await shown(reader, [await queries.get(reader, request.id)]))[0]

        return await self._units.query(work)

    async def ListMembers(self, request: pb.ListMembersRequest, context: _Call) -> pb.ListMembersResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListMembersResponse:
            rows = await queries.page(
                reader,
                states=tuple(STATE.word(state) for state in request.states if state),
                only={
                    "body": BODY.word(request.body),
                    "kind": KIND.word(request.kind),
                    "org_id": request.org_id,
                    "employer_id": request.employer_id,
                },
                without_group=request.without_group,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListMembersResponse(members=await shown(reader, rows[:size]), next_page_token=more)

        return await self._units.query(work)

    async def ListMemberMoves(
        self, request: pb.ListMemberMovesRequest, context: _Call
    ) -> pb.ListMemberMovesResponse:
        async def work(reader: Reader) -> pb.ListMemberMovesResponse:
            row = await queries.get(reader, request.id)
            moves = await queries.history(reader, row.id)
            return pb.ListMemberMovesResponse(moves=await views.history(reader, moves))

        return await self._units.query(work)

    async def ListMyMemberships(
        self, request: pb.ListMyMembershipsRequest, context: _Call
    ) -> pb.ListMyMembershipsResponse:
        async def work(reader: Reader) -> pb.ListMyMembershipsResponse:
            return pb.ListMyMembershipsResponse(members=await shown(reader, await queries.all_mine(reader)))

        return await self._units.query(work)

    async def SummariseMembers(self, request: pb.SummariseMembersRequest, context: _Call) -> pb.MemberSummary:
        return await self._units.query(views.summary)

    async def GetMemberSettings(
        self, request: pb.GetMemberSettingsRequest, context: _Call
    ) -> pb.MemberSettings:
        return await self._units.query(views.figures)

    async def UpdateMemberSettings(
        self, request: pb.UpdateMemberSettingsRequest, context: _Call
    ) -> pb.MemberSettings:
        async def work(unit: UnitOfWork) -> pb.MemberSettings:
            await commands.set_days(
                unit, request.etag, request.notice_days, request.pending_home_days, request.group_days
            )
            return await views.figures(unit)

        return await self._units.command(request, pb.MemberSettings, work)
