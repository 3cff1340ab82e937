"""Honours over gRPC: parse, call, convert."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from google.api.httpbody_pb2 import HttpBody
from google.protobuf.message import Message
from grpc.aio import ServicerContext
from sqlalchemy import ColumnElement

from chassis import days
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import honours_pb2 as pb
from louyu.membership.v1.honours_pb2_grpc import HonoursServiceServicer
from membership import plaques
from membership.honours import commands, queries, views
from membership.honours.commands import Nomination
from membership.honours.events import ENDING, KIND, STATE
from membership.honours.rules import Kind
from membership.honours.settings import SETTINGS
from membership.orgs import queries as orgs
from membership.people import People
from membership.plaques import Plaque

_Call = ServicerContext[Any, Any]
_HEADINGS: Final = {
    Kind.PIONEER_POST: "党员先锋岗",
    Kind.MODEL_POST: "先锋示范岗",
    Kind.MODEL_MEMBER: "党员模范",
    Kind.STAR_MEMBER: "星级党员",
    Kind.MERCHANT_POST: "商户示范岗",
    Kind.MODEL_MERCHANT: "模范商户",
}


class Honours(HonoursServiceServicer):
    """Serves louyu.membership.v1.HonoursService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def NominateHonour(self, request: pb.NominateHonourRequest, context: _Call) -> pb.Honour:
        wish = Nomination(
            person_id=request.person_id,
            account=await self._people.account(request.person_id),
            display=await self._people.display(request.tenant, request.person_id),
            kind=KIND.word(request.kind),
            shown_as=request.shown_as,
            floor=request.floor,
            place=request.place,
            stars=request.stars,
            citation=request.citation,
            grounds=request.grounds,
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.nominate(unit, wish))

    async def WithdrawHonour(self, request: pb.WithdrawHonourRequest, context: _Call) -> pb.Honour:
        return await self._do(request, lambda unit: commands.withdraw(unit, request.id))

    async def ApproveHonour(self, request: pb.ApproveHonourRequest, context: _Call) -> pb.Honour:
        return await self._do(
            request, lambda unit: commands.approve(unit, request.id, request.etag, request.until_date)
        )

    async def RejectHonour(self, request: pb.RejectHonourRequest, context: _Call) -> pb.Honour:
        return await self._do(
            request, lambda unit: commands.reject(unit, request.id, request.etag, request.reason)
        )

    async def EndHonour(self, request: pb.EndHonourRequest, context: _Call) -> pb.Honour:
        ending = ENDING.word(request.ending)
        return await self._do(request, lambda unit: commands.end(unit, request.id, request.etag, ending))

    async def RevokeHonour(self, request: pb.RevokeHonourRequest, context: _Call) -> pb.Honour:
        return await self._do(
            request, lambda unit: commands.revoke(unit, request.id, request.etag, request.reason)
        )

    async def ConsentToMyHonour(self, request: pb.ConsentToMyHonourRequest, context: _Call) -> pb.Honour:
        return await self._do(request, lambda unit: commands.consent(unit, request.id, request.etag))

    async def DeclineMyHonour(self, request: pb.DeclineMyHonourRequest, context: _Call) -> pb.Honour:
        return await self._do(request, lambda unit: commands.decline(unit, request.id))

    async def StepDownFromMyHonour(
        self, request: pb.StepDownFromMyHonourRequest, context: _Call
    ) -> pb.Honour:
        return await self._do(request, lambda unit: commands.step_down(unit, request.id))

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Honour:
        async def work(unit: UnitOfWork) -> pb.Honour:
            return views.honour(unit, await verb(unit))

        return await self._units.command(request, pb.Honour, work)

    async def GetHonour(self, request: pb.GetHonourRequest, context: _Call) -> pb.Honour:
        async def work(reader: Reader) -> pb.Honour:
            return views.honour(reader, await queries.one(reader, queries.here(reader), request.id))

        return await self._units.query(work)

    async def ListHonours(self, request: pb.ListHonoursRequest, context: _Call) -> pb.ListHonoursResponse:
        states = [STATE.word(state) for state in request.states]
        kind = KIND.word(request.kind)
        return await self._list(request, queries.here, states, kind, request.floor)

    async def ListMyHonours(self, request: pb.ListMyHonoursRequest, context: _Call) -> pb.ListHonoursResponse:
        return await self._list(request, queries.own)

    async def _list(
        self,
        request: pb.ListHonoursRequest | pb.ListMyHonoursRequest,
        where: Callable[[Reader], ColumnElement[bool]],
        states: Iterable[str] = (),
        kind: str = "",
        floor: str = "",
    ) -> pb.ListHonoursResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListHonoursResponse:
            rows = await queries.page(
                reader,
                where(reader),
                states=states,
                kind=kind,
                floor=floor,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = [views.honour(reader, row) for row in rows[:size]]
            return pb.ListHonoursResponse(honours=found, next_page_token=more)

        return await self._units.query(work)

    async def GetHonourWall(self, request: pb.GetHonourWallRequest, context: _Call) -> pb.HonourWall:
        async def work(reader: Reader) -> pb.HonourWall:
            return views.wall(await queries.wall(reader, request.floor))

        return await self._units.query(work)

    async def ExportHonourPlaques(self, request: pb.ExportHonourPlaquesRequest, context: _Call) -> HttpBody:
        async def work(reader: Reader) -> list[Plaque]:
            building = await orgs.tenant(reader, request.tenant)
            rows = await queries.for_plaques(reader, list(request.ids))
            return [_plaque(row, building.name_zh if building else "", request) for row in rows]

        wanted = await self._units.query(work)
        content = await asyncio.to_thread(plaques.write, "荣誉牌", wanted)
        return HttpBody(content_type=plaques.MEDIA_TYPE, data=content)

    async def GetHonourPlaque(self, request: pb.GetHonourPlaqueRequest, context: _Call) -> pb.HonourPlaque:
        async def work(reader: Reader) -> pb.HonourPlaque:
            row, building = await queries.plaque(reader, request.tenant, request.code)
            return views.plaque(row, building)

        return await self._units.query(work)

    async def GetHonourSettings(
        self, request: pb.GetHonourSettingsRequest, context: _Call
    ) -> pb.HonourSettings:
        async def work(reader: Reader) -> pb.HonourSettings:
            return views.settings(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdateHonourSettings(
        self, request: pb.UpdateHonourSettingsRequest, context: _Call
    ) -> pb.HonourSettings:
        async def work(unit: UnitOfWork) -> pb.HonourSettings:
            return views.settings(await commands.set_term(unit, request.etag, request.term_days))

        return await self._units.command(request, pb.HonourSettings, work)


def _plaque(row: Row, building: str, request: pb.ExportHonourPlaquesRequest) -> Plaque:
    floor = f"{row.floor}层" if row.floor else ""
    place = " ".join(part for part in (floor, row.place) if part)
    lines = [("姓名", f"{row.shown_as} {'★' * row.stars}".strip())]
    if place:
        lines.append(("岗位" if row.place else "位置", place))
    return Plaque(
        heading=_HEADINGS[Kind(row.kind)],
        lines=[*lines, ("任期", f"{days.written(row.from_on)} 至 {days.written(row.until_on)}")],
        caption="扫码核对是否仍在任期",
        building=building,
        number=row.number,
        address=f"{request.origin}/honour-plaques/{request.tenant}/{row.code}",
    )
