"""Guests over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.context import current
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import guests_pb2 as pb
from louyu.membership.v1.guests_pb2_grpc import GuestsServiceServicer
from membership.guests import commands, queries, views
from membership.guests.commands import Wish
from membership.guests.events import STATE
from membership.guests.settings import SETTINGS
from membership.people import People

_Call = ServicerContext[Any, Any]


class Guests(GuestsServiceServicer):
    """Serves louyu.membership.v1.GuestsService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Guest:
        async def work(unit: UnitOfWork) -> pb.Guest:
            return views.guest(unit, await verb(unit))

        return await self._units.command(request, pb.Guest, work)

    async def InviteGuest(self, request: pb.InviteGuestRequest, context: _Call) -> pb.Guest:
        wish = Wish(
            person_id=request.person_id,
            account=await self._people.account(request.person_id),
            display=await self._people.display(request.tenant, request.person_id),
            enterprise_name=request.enterprise_name,
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.invite(unit, wish))

    async def AskAsGuest(self, request: pb.AskAsGuestRequest, context: _Call) -> pb.Guest:
        caller = current().caller
        wish = Wish(
            person_id=caller.person_id,
            account=caller.account_id,
            display=await self._people.own_display(caller.account_id),
            enterprise_name=request.enterprise_name,
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.ask(unit, wish))

    async def AdmitGuest(self, request: pb.AdmitGuestRequest, context: _Call) -> pb.Guest:
        return await self._do(
            request, lambda unit: commands.admit(unit, request.id, request.etag, request.until_on)
        )

    async def RejectGuest(self, request: pb.RejectGuestRequest, context: _Call) -> pb.Guest:
        return await self._do(request, lambda unit: commands.reject(unit, request.id, request.etag))

    async def EndGuest(self, request: pb.EndGuestRequest, context: _Call) -> pb.Guest:
        return await self._do(request, lambda unit: commands.end(unit, request.id, request.etag))

    async def ConfirmMyGuestPass(self, request: pb.ConfirmMyGuestPassRequest, context: _Call) -> pb.Guest:
        return await self._do(request, lambda unit: commands.confirm(unit, request.id))

    async def DeclineMyGuestPass(self, request: pb.DeclineMyGuestPassRequest, context: _Call) -> pb.Guest:
        return await self._do(request, lambda unit: commands.decline(unit, request.id))

    async def LeaveAsGuest(self, request: pb.LeaveAsGuestRequest, context: _Call) -> pb.Guest:
        return await self._do(request, lambda unit: commands.leave(unit, request.id))

    async def ListGuests(self, request: pb.ListGuestsRequest, context: _Call) -> pb.ListGuestsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListGuestsResponse:
            rows = await queries.page(
                reader,
                states=[STATE.word(state) for state in request.states if state],
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = [views.guest(reader, row) for row in rows[:size]]
            return pb.ListGuestsResponse(guests=found, next_page_token=more)

        return await self._units.query(work)

    async def ListMyGuestPasses(
        self, request: pb.ListMyGuestPassesRequest, context: _Call
    ) -> pb.ListMyGuestPassesResponse:
        async def work(reader: Reader) -> pb.ListMyGuestPassesResponse:
            found = [views.guest(reader, row) for row in await queries.all_mine(reader)]
            return pb.ListMyGuestPassesResponse(guests=found)

        return await self._units.query(work)

    async def SummariseGuests(self, request: pb.SummariseGuestsRequest, context: _Call) -> pb.GuestSummary:
        return await self._units.query(lambda reader: views.summary(reader, request.quarter))

    async def GetGuestSettings(self, request: pb.GetGuestSettingsRequest, context: _Call) -> pb.GuestSettings:
        async def work(reader: Reader) -> pb.GuestSettings:
            return views.settings(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdateGuestSettings(
        self, request: pb.UpdateGuestSettingsRequest, context: _Call
    ) -> pb.GuestSettings:
        async def work(unit: UnitOfWork) -> pb.GuestSettings:
            return views.settings(await commands.set_term(unit, request.etag, request.term_days))

        return await self._units.command(request, pb.GuestSettings, work)
