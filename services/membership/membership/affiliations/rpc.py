"""Affiliations over gRPC: parse, call, convert. What home organisations do is in `homes.py`."""

from typing import Any

from grpc.aio import ServicerContext

from chassis.context import current
from chassis.pages import page_size
from chassis.units import Reader
from louyu.membership.v1 import affiliations_pb2 as pb
from louyu.membership.v1.affiliations_pb2_grpc import AffiliationsServiceServicer
from membership.affiliations import commands, queries, views
from membership.affiliations.commands import Declaration
from membership.affiliations.events import ENDING, TOLD
from membership.affiliations.homes import Homes, words_of
from membership.affiliations.views import shown
from membership.members.commands import Place

_Call = ServicerContext[Any, Any]


class Affiliations(Homes, AffiliationsServiceServicer):
    """Serves louyu.membership.v1.AffiliationsService."""

    async def RegisterAffiliation(
        self, request: pb.RegisterAffiliationRequest, context: _Call
    ) -> pb.Affiliation:
        said = Declaration(
            person_id=request.person_id,
            account=await self._people.account(request.person_id),
            display=await self._people.display(request.tenant, request.person_id),
            told_on=request.told_on,
            told_how=TOLD.word(request.told_how),
            **_declared(request),
        )
        return await self._do(request, lambda unit: commands.declare(unit, said))

    async def DeclareMyAffiliation(
        self, request: pb.DeclareMyAffiliationRequest, context: _Call
    ) -> pb.Affiliation:
        caller = current().caller
        said = Declaration(
            person_id=caller.person_id,
            account=caller.account_id,
            display=await self._people.own_display(caller.account_id),
            told_on="",
            told_how="",
            **_declared(request),
        )
        return await self._do(request, lambda unit: commands.declare(unit, said))

    async def NotifyAffiliation(self, request: pb.NotifyAffiliationRequest, context: _Call) -> pb.Affiliation:
        how = TOLD.word(request.told_how)
        return await self._do(request, lambda unit: commands.notify(unit, request.id, request.told_on, how))

    async def VerifyAffiliation(self, request: pb.VerifyAffiliationRequest, context: _Call) -> pb.Affiliation:
        return await self._do(request, lambda unit: commands.verify(unit, request.id, request.etag))

    async def ReturnAffiliation(self, request: pb.ReturnAffiliationRequest, context: _Call) -> pb.Affiliation:
        return await self._do(
            request, lambda unit: commands.give_back(unit, request.id, request.etag, request.reason)
        )

    async def EndAffiliation(self, request: pb.EndAffiliationRequest, context: _Call) -> pb.Affiliation:
        ending = ENDING.word(request.ending)
        return await self._do(
            request, lambda unit: commands.end(unit, request.id, request.etag, ending, request.reason)
        )

    async def ConfirmMyAffiliation(
        self, request: pb.ConfirmMyAffiliationRequest, context: _Call
    ) -> pb.Affiliation:
        return await self._do(request, lambda unit: commands.confirm(unit, request.id))

    async def ObjectToMyAffiliation(
        self, request: pb.ObjectToMyAffiliationRequest, context: _Call
    ) -> pb.Affiliation:
        return await self._do(request, lambda unit: commands.object_to(unit, request.id))

    async def GetAffiliation(self, request: pb.GetAffiliationRequest, context: _Call) -> pb.Affiliation:
        async def work(reader: Reader) -> pb.Affiliation:
            return (await shown(reader, [await queries.get(reader, request.id)]))[0]

        return await self._units.query(work)

    async def ListAffiliations(
        self, request: pb.ListAffiliationsRequest, context: _Call
    ) -> pb.ListAffiliationsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListAffiliationsResponse:
            rows = await queries.page(
                reader,
                states=words_of(request.states),
                overdue=request.overdue,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = await shown(reader, rows[:size])
            return pb.ListAffiliationsResponse(affiliations=found, next_page_token=more)

        return await self._units.query(work)

    async def ListMyAffiliations(
        self, request: pb.ListMyAffiliationsRequest, context: _Call
    ) -> pb.ListMyAffiliationsResponse:
        async def work(reader: Reader) -> pb.ListMyAffiliationsResponse:
            found = await shown(reader, await queries.all_mine(reader))
            return pb.ListMyAffiliationsResponse(affiliations=found)

        return await self._units.query(work)

    async def GetAffiliationAttendance(
        self, request: pb.GetAffiliationAttendanceRequest, context: _Call
    ) -> pb.AttendanceSummary:
        async def work(reader: Reader) -> pb.AttendanceSummary:
            return await views.attendance(reader, await queries.get(reader, request.id))

        return await self._units.query(work)

    async def GetMyAffiliationAttendance(
        self, request: pb.GetMyAffiliationAttendanceRequest, context: _Call
    ) -> pb.AttendanceSummary:
        async def work(reader: Reader) -> pb.AttendanceSummary:
            return await views.attendance(reader, await queries.mine(reader, request.id))

        return await self._units.query(work)

    async def ListHomeOrganisations(
        self, request: pb.ListHomeOrganisationsRequest, context: _Call
    ) -> pb.ListHomeOrganisationsResponse:
        async def work(reader: Reader) -> pb.ListHomeOrganisationsResponse:
            found = await queries.homes(reader, request.q)
            return pb.ListHomeOrganisationsResponse(organisations=[views.organisation(row) for row in found])

        return await self._units.query(work)


def _declared(request: pb.RegisterAffiliationRequest | pb.DeclareMyAffiliationRequest) -> dict[str, Any]:
    """What both ways of declaring say."""
    return {
        "home_id": request.home_id,
        "home_name": request.home_name,
        "place": Place(request.org_id, request.group_id, request.employer_id),
        "joined_on": request.joined_on,
        "synthetic": request.synthetic,
    }
