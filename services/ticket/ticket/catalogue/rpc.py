"""The catalogue over gRPC: parse, call, convert."""

from typing import Any, Final

from google.protobuf import json_format
from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.options.v1 import access_pb2
from louyu.ticket.v1 import catalogue_pb2 as pb
from louyu.ticket.v1.catalogue_pb2_grpc import CatalogueServiceServicer
from ticket.affairs import AFFAIRS, SENSITIVITY, STATION, Affairs, Sensitivity, Station
from ticket.catalogue import commands, queries
from ticket.catalogue.rules import Draft

_CHANGEABLE: Final = (
    "name_zh",
    "name_en",
    "summary_zh",
    "summary_en",
    "desk",
    "first_response_hours",
    "resolution_hours",
    "price_note",
    "live",
    "onsite",
)


class Catalogue(CatalogueServiceServicer):
    """Serves louyu.ticket.v1.CatalogueService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def CreateServiceItem(
        self, request: pb.CreateServiceItemRequest, context: ServicerContext[Any, Any]
    ) -> pb.ServiceItem:
        async def work(unit: UnitOfWork) -> pb.ServiceItem:
            return to_item(await commands.publish(unit, _draft(request)))

        return await self._units.command(request, pb.ServiceItem, work)

    async def UpdateServiceItem(
        self, request: pb.UpdateServiceItemRequest, context: ServicerContext[Any, Any]
    ) -> pb.ServiceItem:
        values = {name: getattr(request, name) for name in _CHANGEABLE if request.HasField(name)}
        if request.HasField("form"):
            values["form"] = json_format.MessageToDict(request.form)

        async def work(unit: UnitOfWork) -> pb.ServiceItem:
            return to_item(await commands.change(unit, request.id, request.etag, values))

        return await self._units.command(request, pb.ServiceItem, work)

    async def GetServiceItem(
        self, request: pb.GetServiceItemRequest, context: ServicerContext[Any, Any]
    ) -> pb.ServiceItem:
        async def work(reader: Reader) -> pb.ServiceItem:
            return to_item(await queries.item(reader, request.id))

        return await self._units.query(work)

    async def ListServiceItems(
        self, request: pb.ListServiceItemsRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListServiceItemsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListServiceItemsResponse:
            rows = await queries.page(
                reader,
                words=request.q,
                affairs=AFFAIRS.word(request.affairs) or None,
                station=STATION.word(request.station) or None,
                include_retired=request.include_retired,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListServiceItemsResponse(
                service_items=[to_item(row, form=False) for row in rows[:size]],
                next_page_token=more,
            )

        return await self._units.query(work)


def _draft(request: pb.CreateServiceItemRequest) -> Draft:
    return Draft(
        code=request.code,
        name_zh=request.name_zh,
        name_en=request.name_en,
        summary_zh=request.summary_zh,
        summary_en=request.summary_en,
        affairs=Affairs(AFFAIRS.word(request.affairs)),
        station=Station(STATION.word(request.station)),
        desk=request.desk,
        form=json_format.MessageToDict(request.form),
        first_response_hours=request.first_response_hours,
        resolution_hours=request.resolution_hours,
        price_note=request.price_note,
        sensitivity=Sensitivity.P3 if request.sensitivity == access_pb2.P3 else Sensitivity.P1,
        synthetic=request.synthetic,
        onsite=request.onsite,
    )


def to_item(row: Row, *, form: bool = True) -> pb.ServiceItem:
    """A row as its message; lists leave the form out."""
    item = pb.ServiceItem(
        id=row.id,
        etag=str(row.version),
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        summary_zh=row.summary_zh,
        summary_en=row.summary_en,
        affairs=AFFAIRS.number(row.affairs),
        station=STATION.number(row.station),
        desk=row.desk,
        first_response_hours=row.first_response_hours,
        resolution_hours=row.resolution_hours,
        price_note=row.price_note,
        sensitivity=SENSITIVITY.number(row.sensitivity),
        live=row.live,
        onsite=row.onsite,
        synthetic=row.synthetic,
        create_time=row.created_at,
        update_time=row.updated_at,
    )
    if form:
        item.form.update(row.form)
    return item
