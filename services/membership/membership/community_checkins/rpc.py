"""Reporting to communities over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.context import current
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import community_checkins_pb2 as pb
from louyu.membership.v1.community_checkins_pb2_grpc import CommunityCheckinsServiceServicer
from membership.community_checkins import commands, queries, services, views
from membership.community_checkins.commands import Wish
from membership.community_checkins.events import GROUP, KIND, POST, SERVICE, STATE
from membership.community_checkins.rules import Serving
from membership.community_checkins.services import Task
from membership.community_checkins.settings import SETTINGS
from membership.people import People

_Call = ServicerContext[Any, Any]
_Verb = Callable[[UnitOfWork], Awaitable[Row]]


class CommunityCheckins(CommunityCheckinsServiceServicer):
    """Serves louyu.membership.v1.CommunityCheckinsService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def ListCommunities(
        self, request: pb.ListCommunitiesRequest, context: _Call
    ) -> pb.ListCommunitiesResponse:
        async def work(reader: Reader) -> pb.ListCommunitiesResponse:
            found = await queries.communities(reader, request.q)
            return pb.ListCommunitiesResponse(
                communities=[
                    pb.Community(id=row.tenant_id, name_zh=row.name_zh, name_en=row.name_en) for row in found
                ]
            )

        return await self._units.query(work)

    async def _checkin(self, request: Message, verb: _Verb) -> pb.CommunityCheckin:
        async def work(unit: UnitOfWork) -> pb.CommunityCheckin:
            return (await views.checkins(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.CommunityCheckin, work)

    async def CheckInOrganisation(
        self, request: pb.CheckInOrganisationRequest, context: _Call
    ) -> pb.CommunityCheckin:
        wish = _wish(request)
        return await self._checkin(
            request, lambda unit: commands.check_in_organisation(unit, request.org_id, wish)
        )

    async def CheckMeIn(self, request: pb.CheckMeInRequest, context: _Call) -> pb.CommunityCheckin:
        wish, display = _wish(request), await self._people.own_display(current().caller.account_id)
        return await self._checkin(request, lambda unit: commands.check_me_in(unit, display, wish))

    async def EndCommunityCheckin(
        self, request: pb.EndCommunityCheckinRequest, context: _Call
    ) -> pb.CommunityCheckin:
        return await self._checkin(request, lambda unit: commands.end(unit, request.id, request.etag))

    async def LeaveMyCommunityCheckin(
        self, request: pb.LeaveMyCommunityCheckinRequest, context: _Call
    ) -> pb.CommunityCheckin:
        return await self._checkin(request, lambda unit: commands.leave(unit, request.id))

    async def ConfirmCommunityCheckin(
        self, request: pb.ConfirmCommunityCheckinRequest, context: _Call
    ) -> pb.CommunityCheckin:
        post = POST.word(request.post)
        return await self._checkin(
            request, lambda unit: commands.confirm(unit, request.id, request.etag, post)
        )

    async def ReturnCommunityCheckin(
        self, request: pb.ReturnCommunityCheckinRequest, context: _Call
    ) -> pb.CommunityCheckin:
        return await self._checkin(
            request, lambda unit: commands.give_back(unit, request.id, request.etag, request.reason)
        )

    async def ListCommunityCheckins(
        self, request: pb.ListCommunityCheckinsRequest, context: _Call
    ) -> pb.ListCommunityCheckinsResponse:
        return await self._checkins(request, request.year)

    async def ListCheckinsHere(
        self, request: pb.ListCheckinsHereRequest, context: _Call
    ) -> pb.ListCommunityCheckinsResponse:
        return await self._checkins(request, 0)

    async def _checkins(
        self, request: pb.ListCommunityCheckinsRequest | pb.ListCheckinsHereRequest, year: int
    ) -> pb.ListCommunityCheckinsResponse:
        size = page_size(request.page_size)
        states = [STATE.word(state) for state in request.states if state]

        async def work(reader: Reader) -> pb.ListCommunityCheckinsResponse:
            after = self._pages.decode(request)
            rows = await queries.page(reader, KIND.word(request.kind), states, after, size)
            found = await views.checkins(reader, rows[:size], year)
            return pb.ListCommunityCheckinsResponse(
                checkins=found, next_page_token=self._more(request, rows, size)
            )

        return await self._units.query(work)

    def _more(self, request: Message, rows: Sequence[Row], size: int) -> str:
        return self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""

    async def ListMyCommunityCheckins(
        self, request: pb.ListMyCommunityCheckinsRequest, context: _Call
    ) -> pb.ListMyCommunityCheckinsResponse:
        return await self._units.query(views.mine)

    async def SummariseCommunityCheckins(
        self, request: pb.SummariseCommunityCheckinsRequest, context: _Call
    ) -> pb.CommunityCheckinSummary:
        return await self._units.query(lambda reader: views.summary(reader, request.year))

    async def _service(self, request: Message, verb: _Verb) -> pb.CommunityService:
        async def work(unit: UnitOfWork) -> pb.CommunityService:
            return (await views.services(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.CommunityService, work)

    async def PlanCommunityService(
        self, request: pb.PlanCommunityServiceRequest, context: _Call
    ) -> pb.CommunityService:
        return await self._service(
            request, lambda unit: services.plan(unit, request.checkin_id, _task(request))
        )

    async def AskForCommunityService(
        self, request: pb.AskForCommunityServiceRequest, context: _Call
    ) -> pb.CommunityService:
        return await self._service(
            request, lambda unit: services.ask(unit, request.checkin_id, _task(request))
        )

    async def TakeUpCommunityService(
        self, request: pb.TakeUpCommunityServiceRequest, context: _Call
    ) -> pb.CommunityService:
        return await self._service(request, lambda unit: services.take(unit, request.id, request.etag))

    async def DeclineCommunityService(
        self, request: pb.DeclineCommunityServiceRequest, context: _Call
    ) -> pb.CommunityService:
        return await self._service(
            request, lambda unit: services.decline(unit, request.id, request.etag, request.reason)
        )

    async def ReportCommunityService(
        self, request: pb.ReportCommunityServiceRequest, context: _Call
    ) -> pb.CommunityService:
        who = [Serving(one.checkin_id, one.minutes) for one in request.servings]
        return await self._service(
            request,
            lambda unit: services.report(
                unit, request.id, request.etag, request.held_on, request.helped, who
            ),
        )

    async def ConfirmCommunityService(
        self, request: pb.ConfirmCommunityServiceRequest, context: _Call
    ) -> pb.CommunityService:
        return await self._service(request, lambda unit: services.confirm(unit, request.id, request.etag))

    async def ReturnCommunityService(
        self, request: pb.ReturnCommunityServiceRequest, context: _Call
    ) -> pb.CommunityService:
        return await self._service(
            request, lambda unit: services.give_back(unit, request.id, request.etag, request.reason)
        )

    async def ListCommunityServices(
        self, request: pb.ListCommunityServicesRequest, context: _Call
    ) -> pb.ListCommunityServicesResponse:
        return await self._services(request)

    async def ListServicesHere(
        self, request: pb.ListServicesHereRequest, context: _Call
    ) -> pb.ListCommunityServicesResponse:
        return await self._services(request)

    async def _services(
        self, request: pb.ListCommunityServicesRequest | pb.ListServicesHereRequest
    ) -> pb.ListCommunityServicesResponse:
        size = page_size(request.page_size)
        states = [SERVICE.word(state) for state in request.states if state]

        async def work(reader: Reader) -> pb.ListCommunityServicesResponse:
            rows = await queries.service_page(reader, states, self._pages.decode(request), size)
            found = await views.services(reader, rows[:size])
            return pb.ListCommunityServicesResponse(
                services=found, next_page_token=self._more(request, rows, size)
            )

        return await self._units.query(work)

    async def GetCommunityCheckinSettings(
        self, request: pb.GetCommunityCheckinSettingsRequest, context: _Call
    ) -> pb.CommunityCheckinSettings:
        async def work(reader: Reader) -> pb.CommunityCheckinSettings:
            return views.settings(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdateCommunityCheckinSettings(
        self, request: pb.UpdateCommunityCheckinSettingsRequest, context: _Call
    ) -> pb.CommunityCheckinSettings:
        async def work(unit: UnitOfWork) -> pb.CommunityCheckinSettings:
            return views.settings(await commands.set_hours(unit, request.etag, request.hours_year))

        return await self._units.command(request, pb.CommunityCheckinSettings, work)


def _wish(request: pb.CheckInOrganisationRequest | pb.CheckMeInRequest) -> Wish:
    offers = [POST.word(offer) for offer in request.offers if offer]
    return Wish(community_id=request.community_id, offers=offers, synthetic=request.synthetic)


def _task(request: pb.PlanCommunityServiceRequest | pb.AskForCommunityServiceRequest) -> Task:
    return Task(
        title=request.title,
        group=GROUP.word(request.group),
        due_on=request.due_on,
        synthetic=request.synthetic,
    )
