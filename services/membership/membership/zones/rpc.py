"""Zones over gRPC: parse, call, convert."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from google.api.httpbody_pb2 import HttpBody
from grpc.aio import ServicerContext

from chassis import days
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import zones_pb2 as pb
from louyu.membership.v1.zones_pb2_grpc import ZonesServiceServicer
from membership import plaques
from membership.people import People
from membership.plaques import Plaque
from membership.zones import commands, grid, queries, views
from membership.zones.events import ENDING, STATE
from membership.zones.settings import SETTINGS

_Call = ServicerContext[Any, Any]


class Zones(ZonesServiceServicer):
    """Serves louyu.membership.v1.ZonesService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def GetZoneMap(self, request: pb.GetZoneMapRequest, context: _Call) -> pb.ZoneMap:
        return await self._units.query(views.zone_map)

    async def AddZoneLocation(self, request: pb.AddZoneLocationRequest, context: _Call) -> pb.ZoneLocation:
        async def work(unit: UnitOfWork) -> pb.ZoneLocation:
            row = await grid.add(
                unit, request.floor, request.name, request.site_id, synthetic=request.synthetic
            )
            return views.location(unit, row)

        return await self._units.command(request, pb.ZoneLocation, work)

    async def CloseZoneLocation(
        self, request: pb.CloseZoneLocationRequest, context: _Call
    ) -> pb.ZoneLocation:
        async def work(unit: UnitOfWork) -> pb.ZoneLocation:
            return views.location(unit, await grid.close(unit, request.id))

        return await self._units.command(request, pb.ZoneLocation, work)

    async def EnrolZoneHolders(
        self, request: pb.EnrolZoneHoldersRequest, context: _Call
    ) -> pb.ListZoneHoldersResponse:
        names = {one: await self._people.display(request.tenant, one) for one in request.person_ids}

        async def work(unit: UnitOfWork) -> pb.ListZoneHoldersResponse:
            await commands.enrol(unit, names)
            unit.audit("zones.enrol", unit.tenant_id, people=len(names))
            rows = [row for row in await queries.roll(unit) if row.person_id in names]
            held = await queries.held_by(unit, list(names))
            return pb.ListZoneHoldersResponse(
                holders=[views.holder(row, held.get(row.person_id, ())) for row in rows]
            )

        return await self._units.command(request, pb.ListZoneHoldersResponse, work)

    async def StrikeZoneHolder(self, request: pb.StrikeZoneHolderRequest, context: _Call) -> pb.ZoneHolder:
        async def work(unit: UnitOfWork) -> pb.ZoneHolder:
            return views.holder(await commands.strike(unit, request.id), ())

        return await self._units.command(request, pb.ZoneHolder, work)

    async def ListZoneHolders(
        self, request: pb.ListZoneHoldersRequest, context: _Call
    ) -> pb.ListZoneHoldersResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListZoneHoldersResponse:
            rows = await queries.roll(reader, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            held = await queries.held_by(reader, [row.person_id for row in rows[:size]])
            found = [views.holder(row, held.get(row.person_id, ())) for row in rows[:size]]
            return pb.ListZoneHoldersResponse(holders=found, next_page_token=more)

        return await self._units.query(work)

    async def ProposeZone(self, request: pb.ProposeZoneRequest, context: _Call) -> pb.Zone:
        display = await self._people.display(request.tenant, request.person_id)
        return await self._do(
            request,
            lambda unit: commands.propose(
                unit, request.location_id, request.person_id, display, synthetic=request.synthetic
            ),
        )

    async def DeclareZone(self, request: pb.DeclareZoneRequest, context: _Call) -> pb.Zone:
        return await self._do(
            request,
            lambda unit: commands.declare(
                unit, request.location_id, request.shown_as, synthetic=request.synthetic
            ),
        )

    async def WithdrawZone(self, request: pb.WithdrawZoneRequest, context: _Call) -> pb.Zone:
        return await self._do(request, lambda unit: commands.withdraw(unit, request.id))

    async def ApproveZone(self, request: pb.ApproveZoneRequest, context: _Call) -> pb.Zone:
        return await self._do(request, lambda unit: commands.approve(unit, request.id, request.etag))

    async def ReturnZone(self, request: pb.ReturnZoneRequest, context: _Call) -> pb.Zone:
        return await self._do(
            request, lambda unit: commands.send_back(unit, request.id, request.etag, request.reason)
        )

    async def HangPlaque(self, request: pb.HangPlaqueRequest, context: _Call) -> pb.Zone:
        return await self._do(request, lambda unit: commands.hang(unit, request.id, request.hung_date))

    async def EndZone(self, request: pb.EndZoneRequest, context: _Call) -> pb.Zone:
        ending = ENDING.word(request.ending)
        return await self._do(request, lambda unit: commands.end(unit, request.id, ending))

    async def _do(self, request: Any, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Zone:
        async def work(unit: UnitOfWork) -> pb.Zone:
            return await views.one_zone(unit, await verb(unit))

        return await self._units.command(request, pb.Zone, work)

    async def ListMyZones(self, request: pb.ListMyZonesRequest, context: _Call) -> pb.ListZonesResponse:
        return await self._list(request, "", "", own=True)

    async def ListZones(self, request: pb.ListZonesRequest, context: _Call) -> pb.ListZonesResponse:
        return await self._list(request, STATE.word(request.state), request.location_id, own=False)

    async def _list(
        self,
        request: pb.ListMyZonesRequest | pb.ListZonesRequest,
        state: str,
        location_id: str,
        *,
        own: bool,
    ) -> pb.ListZonesResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListZonesResponse:
            after = self._pages.decode(request)
            rows = await queries.page(
                reader, state=state, location_id=location_id, own=own, after=after, size=size
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            last = await queries.accident_days(reader, (row.site_id for row in rows))
            found = [views.zone(reader, row, last) for row in rows[:size]]
            return pb.ListZonesResponse(zones=found, next_page_token=more)

        return await self._units.query(work)

    async def ExportPlaques(self, request: pb.ExportPlaquesRequest, context: _Call) -> HttpBody:
        async def work(reader: Reader) -> list[Plaque]:
            building = await queries.building_name(reader)
            held = await SETTINGS.current(reader)
            rows = await queries.for_plaques(reader, list(request.location_ids))
            return [_plaque(row, building, held.relay_phone, request) for row in rows]

        wanted = await self._units.query(work)
        content = await asyncio.to_thread(plaques.write, "党员责任区牌", wanted)
        return HttpBody(content_type=plaques.MEDIA_TYPE, data=content)

    async def GetPlaque(self, request: pb.GetPlaqueRequest, context: _Call) -> pb.Plaque:
        async def work(reader: Reader) -> pb.Plaque:
            row = await queries.plaque(reader, request.tenant, request.code)
            phone, free = await queries.plaque_facts(reader, request.tenant, row)
            return pb.Plaque(
                number=row.plaque_number,
                building_zh=row.name_zh,
                building_en=row.name_en,
                floor=row.floor,
                location_name=row.name,
                shown_as=row.shown_as or "",
                from_date=days.written(row.from_on),
                relay_phone=phone,
                accident_free_days=free,
            )

        return await self._units.query(work)

    async def GetZoneSettings(self, request: pb.GetZoneSettingsRequest, context: _Call) -> pb.ZoneSettings:
        async def work(reader: Reader) -> pb.ZoneSettings:
            return views.settings(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdateZoneSettings(
        self, request: pb.UpdateZoneSettingsRequest, context: _Call
    ) -> pb.ZoneSettings:
        phone = request.relay_phone if request.HasField("relay_phone") else None
        minimum = request.team_minimum if request.HasField("team_minimum") else None

        async def work(unit: UnitOfWork) -> pb.ZoneSettings:
            decided = await commands.set_figures(unit, request.etag, relay_phone=phone, team_minimum=minimum)
            return views.settings(decided)

        return await self._units.command(request, pb.ZoneSettings, work)


def _plaque(row: Row, building: str, phone: str, request: pb.ExportPlaquesRequest) -> Plaque:
    floor = f"{row.floor}层 " if row.floor else ""
    lines = [("责任区", f"{floor}{row.location_name}"), ("责任人", row.shown_as)]
    if phone:
        lines.append(("联系电话", phone))
    return Plaque(
        heading="党员责任区",
        lines=[*lines, ("始于", days.written(row.from_on))],
        caption="扫码看责任人与安全天数",
        building=building,
        number=row.plaque_number,
        address=f"{request.origin}/plaques/{request.tenant}/{row.code}",
    )
