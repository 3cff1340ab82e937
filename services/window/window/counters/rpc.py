"""Counters over gRPC: parse, call, convert."""

from typing import Any, Final

from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.window.v1 import counters_pb2 as pb
from louyu.window.v1.counters_pb2_grpc import CountersServiceServicer
from window.counters import commands, queries
from window.counters.events import KIND, WEEKDAY
from window.published import to_published

_Call = ServicerContext[Any, Any]
_TEXTS: Final = ("name_zh", "name_en", "opens", "closes", "place")


class Counters(CountersServiceServicer):
    """Serves louyu.window.v1.CountersService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def CreateCounter(self, request: pb.CreateCounterRequest, context: _Call) -> pb.Counter:
        setup = commands.Setup(
            name_zh=request.name_zh,
            name_en=request.name_en,
            department_id=request.department_id,
            kind=KIND.word(request.kind),
            weekdays=[WEEKDAY.word(day) for day in request.weekdays],
            opens=request.opens,
            closes=request.closes,
            place=request.place,
            synthetic=request.synthetic,
        )

        async def work(unit: UnitOfWork) -> pb.Counter:
            return to_counter(await commands.set_up(unit, setup), 0)

        return await self._units.command(request, pb.Counter, work)

    async def UpdateCounter(self, request: pb.UpdateCounterRequest, context: _Call) -> pb.Counter:
        values: dict[str, Any] = {name: getattr(request, name) for name in _TEXTS if request.HasField(name)}
        if request.kind:
            values["kind"] = KIND.word(request.kind)
        if request.weekdays:
            values["weekdays"] = [WEEKDAY.word(day) for day in request.weekdays]

        async def work(unit: UnitOfWork) -> pb.Counter:
            return await _counted(unit, await commands.change(unit, request.id, request.etag, values))

        return await self._units.command(request, pb.Counter, work)

    async def CloseCounter(self, request: pb.CloseCounterRequest, context: _Call) -> pb.Counter:
        async def work(unit: UnitOfWork) -> pb.Counter:
            return await _counted(unit, await commands.close(unit, request.id, request.etag))

        return await self._units.command(request, pb.Counter, work)

    async def EnableMatter(self, request: pb.EnableMatterRequest, context: _Call) -> pb.BuildingMatter:
        async def work(unit: UnitOfWork) -> pb.BuildingMatter:
            row = await commands.enable(unit, request.id, request.matter_id)
            return to_building_matter(await queries.offer(unit, row.id))

        return await self._units.command(request, pb.BuildingMatter, work)

    async def DisableMatter(self, request: pb.DisableMatterRequest, context: _Call) -> pb.BuildingMatter:
        async def work(unit: UnitOfWork) -> pb.BuildingMatter:
            row = await commands.disable(unit, request.id, request.matter_id)
            return to_building_matter(await queries.offer(unit, row.id))

        return await self._units.command(request, pb.BuildingMatter, work)

    async def GetCounter(self, request: pb.GetCounterRequest, context: _Call) -> pb.Counter:
        async def work(reader: Reader) -> pb.Counter:
            return await _counted(reader, await queries.counter(reader, request.id))

        return await self._units.query(work)

    async def ListCounters(self, request: pb.ListCountersRequest, context: _Call) -> pb.ListCountersResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListCountersResponse:
            rows = await queries.page(
                reader,
                include_closed=request.include_closed,
                after=self._pages.decode(request),
                size=size,
            )
            more = ""
            if len(rows) > size:
                more = self._pages.encode(request, [rows[size - 1].name_zh, rows[size - 1].id])
            counts = await queries.matters_at(reader, [row.id for row in rows[:size]])
            return pb.ListCountersResponse(
                counters=[to_counter(row, counts.get(row.id, 0)) for row in rows[:size]],
                next_page_token=more,
            )

        return await self._units.query(work)

    async def GetBuildingMatter(
        self, request: pb.GetBuildingMatterRequest, context: _Call
    ) -> pb.BuildingMatter:
        async def work(reader: Reader) -> pb.BuildingMatter:
            return to_building_matter(await queries.offer(reader, request.id))

        return await self._units.query(work)

    async def ListBuildingMatters(
        self, request: pb.ListBuildingMattersRequest, context: _Call
    ) -> pb.ListBuildingMattersResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListBuildingMattersResponse:
            found = await queries.offers(
                reader,
                words=request.q,
                department_id=request.department_id,
                counter_id=request.counter_id,
                include_closed=request.include_closed,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [found[size - 1].row.id]) if len(found) > size else ""
            return pb.ListBuildingMattersResponse(
                matters=[to_building_matter(offer) for offer in found[:size]], next_page_token=more
            )

        return await self._units.query(work)


async def _counted(reader: Reader, row: Row) -> pb.Counter:
    return to_counter(row, (await queries.matters_at(reader, [row.id])).get(row.id, 0))


def to_counter(row: Row, matters: int) -> pb.Counter:
    """A counter with the number of matters enabled at it."""
    return pb.Counter(
        id=row.id,
        etag=str(row.version),
        name_zh=row.name_zh,
        name_en=row.name_en,
        department_id=row.department_id,
        kind=KIND.number(row.kind),
        weekdays=[WEEKDAY.number(day) for day in row.weekdays],
        opens=row.opens,
        closes=row.closes,
        place=row.place,
        state=pb.COUNTER_STATE_OPEN if row.is_open else pb.COUNTER_STATE_CLOSED,
        matters=matters,
        synthetic=row.synthetic,
        create_time=row.created_at,
        update_time=row.updated_at,
    )


def to_building_matter(offer: queries.Offer) -> pb.BuildingMatter:
    """A matter as the building offers it."""
    return pb.BuildingMatter(
        id=offer.row.id,
        counter_id=offer.counter.id,
        counter_name_zh=offer.counter.name_zh,
        counter_name_en=offer.counter.name_en,
        matter=to_published(offer.version, offer.department),
        open=offer.open,
        online=offer.department.online,
        create_time=offer.row.created_at,
    )
