"""The network over gRPC: parse, call, convert. What is counted over it is in `coverage.py`."""

from typing import Any

from grpc.aio import ServicerContext

from chassis import days
from chassis.pages import page_size
from chassis.units import Reader, UnitOfWork
from louyu.membership.v1 import network_pb2 as pb
from louyu.membership.v1.network_pb2_grpc import NetworkServiceServicer
from membership.network import commands, queries, views
from membership.network.coverage import Counted

_Call = ServicerContext[Any, Any]


class Network(Counted, NetworkServiceServicer):
    """Serves louyu.membership.v1.NetworkService."""

    async def GetNetwork(self, request: pb.GetNetworkRequest, context: _Call) -> pb.Network:
        return await self._units.query(views.network)

    async def AddFloors(self, request: pb.AddFloorsRequest, context: _Call) -> pb.Network:
        async def work(unit: UnitOfWork) -> pb.Network:
            await commands.add_floors(unit, request.floors)
            return await views.network(unit)

        return await self._units.command(request, pb.Network, work)

    async def UpdateFloor(self, request: pb.UpdateFloorRequest, context: _Call) -> pb.Floor:
        occupied = request.occupied if request.HasField("occupied") else None

        async def work(unit: UnitOfWork) -> pb.Floor:
            row = await commands.set_occupied(unit, request.id, request.etag, occupied)
            return views.floor(row)

        return await self._units.command(request, pb.Floor, work)

    async def OpenArea(self, request: pb.OpenAreaRequest, context: _Call) -> pb.Area:
        async def work(unit: UnitOfWork) -> pb.Area:
            synthetic = request.synthetic
            row = await commands.open_area(unit, request.floor, request.name, synthetic=synthetic)
            return views.area(row, None, days.day_of(unit.now))

        return await self._units.command(request, pb.Area, work)

    async def CloseArea(self, request: pb.CloseAreaRequest, context: _Call) -> pb.Area:
        async def work(unit: UnitOfWork) -> pb.Area:
            row = await commands.close_area(unit, request.id)
            return views.area(row, None, days.day_of(unit.now))

        return await self._units.command(request, pb.Area, work)

    async def AppointLiaison(self, request: pb.AppointLiaisonRequest, context: _Call) -> pb.Area:
        display = await self._people.display(request.tenant, request.person_id)

        async def work(unit: UnitOfWork) -> pb.Area:
            row = await commands.appoint(
                unit, request.id, request.person_id, display, request.term_from, request.term_until
            )
            return views.area(row, await queries.liaison(unit, row.id), days.day_of(unit.now))

        return await self._units.command(request, pb.Area, work)

    async def VacateArea(self, request: pb.VacateAreaRequest, context: _Call) -> pb.Area:
        async def work(unit: UnitOfWork) -> pb.Area:
            row = await commands.vacate(unit, request.id, request.ended_on)
            return views.area(row, None, days.day_of(unit.now))

        return await self._units.command(request, pb.Area, work)

    async def ListLiaisons(self, request: pb.ListLiaisonsRequest, context: _Call) -> pb.ListLiaisonsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListLiaisonsResponse:
            after = self._pages.decode(request)
            rows = await queries.liaison_page(reader, area_id=request.area_id, after=after, size=size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            today = days.day_of(reader.now)
            named = queries.named(reader.context)
            found = [views.liaison(row, row.floor, row.area_name, today, named=named) for row in rows[:size]]
            return pb.ListLiaisonsResponse(liaisons=found, next_page_token=more)

        return await self._units.query(work)
