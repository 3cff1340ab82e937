"""Places over gRPC: parse, call, convert."""

from typing import Any, Final

from grpc.aio import ServicerContext

from chassis.clocks import timestamp
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import sites_pb2 as pb
from louyu.ticket.v1.sites_pb2_grpc import SitesServiceServicer
from ticket.sites import commands, queries

_Call = ServicerContext[Any, Any]
_FIELDS: Final = ("name", "floor", "whereabouts", "live")


class Sites(SitesServiceServicer):
    """Serves louyu.ticket.v1.SitesService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def CreateSite(self, request: pb.CreateSiteRequest, context: _Call) -> pb.InspectionSite:
        async def work(unit: UnitOfWork) -> pb.InspectionSite:
            return _site(
                await commands.add(
                    unit, request.name, request.floor, request.whereabouts, synthetic=request.synthetic
                )
            )

        return await self._units.command(request, pb.InspectionSite, work)

    async def ListSites(self, request: pb.ListSitesRequest, context: _Call) -> pb.ListSitesResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListSitesResponse:
            rows = await queries.page(
                reader, self._pages.decode(request), size, retired=request.include_retired
            )
            more = self._pages.encode(request, [rows[size - 1].name]) if len(rows) > size else ""
            return pb.ListSitesResponse(sites=[_site(row) for row in rows[:size]], next_page_token=more)

        return await self._units.query(work)

    async def UpdateSite(self, request: pb.UpdateSiteRequest, context: _Call) -> pb.InspectionSite:
        given = {name: getattr(request, name) for name in _FIELDS if request.HasField(name)}

        async def work(unit: UnitOfWork) -> pb.InspectionSite:
            return _site(await commands.change(unit, request.id, request.etag, **given))

        return await self._units.command(request, pb.InspectionSite, work)


def _site(row: Row) -> pb.InspectionSite:
    return pb.InspectionSite(
        id=row.id,
        etag=str(row.version),
        name=row.name,
        floor=row.floor,
        whereabouts=row.whereabouts,
        live=row.live,
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
    )
