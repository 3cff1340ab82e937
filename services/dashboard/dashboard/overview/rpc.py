"""The overview over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.recent import Recent
from chassis.statements import Row
from chassis.units import Reader, Units
from chassis.words import Words
from dashboard.overview import queries, rules
from dashboard.overview.events import SOURCES
from dashboard.overview.figures import Counts, Figure, figures
from dashboard.overview.records import list_records
from dashboard.overview.rules import Indicator, Period, Range, Step
from dashboard.overview.scopes import Scope, check_records, scope_of
from louyu.activity.v1 import calendar_pb2
from louyu.dashboard.v1 import overview_pb2 as pb
from louyu.dashboard.v1.overview_pb2_grpc import OverviewServiceServicer
from louyu.ticket.v1 import catalogue_pb2

Call = ServicerContext[Any, Any]
PERIOD: Final = Words(pb.Period)
UNIT: Final = Words(pb.Unit)
REACH: Final = Words(pb.Reach)
STEP: Final = Words(pb.Step)
_SIDES: Final = {pb.SIDE_NUMERATOR: True, pb.SIDE_MISSING: False}

Pending = Callable[[str], Awaitable[int]]
"""How many events of a source wait to be applied; -1 when that is not known."""


class Overview(OverviewServiceServicer):
    """Serves louyu.dashboard.v1.OverviewService."""

    def __init__(self, units: Units, pages: PageTokens, pending: Pending) -> None:
        self._units = units
        self._pages = pages
        self._pending = pending
        self._recent = Recent[tuple[Scope, Range], Counts](1.0)

    async def GetOverview(self, request: pb.GetOverviewRequest, _: Call) -> pb.Overview:
        async def work(reader: Reader) -> pb.Overview:
            scope, covered = await scope_of(reader), _range(request, reader)
            counted = await self._counts(reader, scope, covered)
            return pb.Overview(
                scope=to_scope(scope),
                range=to_range(covered),
                indicators=[to_indicator(figure) for figure in figures(counted)],
                freshness=await self._freshness(reader),
            )

        return await self._units.query(work)

    async def CompareTenants(self, request: pb.CompareTenantsRequest, _: Call) -> pb.CompareTenantsResponse:
        code = Indicator(request.code)

        async def work(reader: Reader) -> pb.CompareTenantsResponse:
            scope, covered = await scope_of(reader), _range(request, reader)
            names = await queries.tenant_names(reader, scope)
            each = await queries.counts(reader, scope, covered, by_tenant=True)
            total = await self._counts(reader, scope, covered)
            return pb.CompareTenantsResponse(
                total=to_indicator(_one(total, code)),
                range=to_range(covered),
                tenants=[
                    pb.TenantFigure(
                        tenant=tenant,
                        name=name,
                        indicator=to_indicator(_one(each.get(tenant, Counts()), code)),
                    )
                    for tenant, name in sorted(names.items(), key=lambda named: named[1])
                ],
            )

        return await self._units.query(work)

    async def GetTrend(self, request: pb.GetTrendRequest, _: Call) -> pb.Trend:
        async def work(reader: Reader) -> pb.Trend:
            scope, covered = await scope_of(reader), _range(request, reader)
            step = Step(STEP.word(request.step) or rules.step_of(covered))
            found = await queries.trend(reader, scope, covered, step)
            points = []
            for start in rules.steps(covered, step):
                if start > reader.now:
                    break
                point = pb.TrendPoint()
                for name, by in found.items():
                    setattr(point, name, by.get(start, 0))
                point.start_time.FromDatetime(start)
                points.append(point)
            return pb.Trend(
                scope=to_scope(scope), range=to_range(covered), step=STEP.number(step), points=points
            )

        return await self._units.query(work)

    async def ListRecords(self, request: pb.ListRecordsRequest, _: Call) -> pb.ListRecordsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListRecordsResponse:
            check_records(reader)
            rows = await list_records(
                reader,
                await scope_of(reader),
                _range(request, reader),
                Indicator(request.code),
                numerator=_SIDES.get(request.side),
                of_tenant=request.of_tenant,
                affairs=request.affairs,
                size=size,
                after=self._pages.decode(request),
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListRecordsResponse(
                records=[to_record(row) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def GetFreshness(self, request: pb.GetFreshnessRequest, _: Call) -> pb.Freshness:
        return await self._units.query(self._freshness)

    async def _counts(self, reader: Reader, scope: Scope, covered: Range) -> Counts:
        """The counts of a scope, at most a second old: many screens ask for the same figures at once."""

        async def count() -> Counts:
            return (await queries.counts(reader, scope, covered))[""]

        return await self._recent.get((scope, covered), count)

    async def _freshness(self, reader: Reader) -> pb.Freshness:
        known = {row.source: row for row in await queries.freshness(reader)}
        parked = await queries.parked(reader)
        found = pb.Freshness(rebuilding=any(row.rebuilding for row in known.values()))
        found.as_of_time.FromDatetime(reader.now)
        for source, _ in SOURCES:
            row = known.get(source)
            found.sources.append(
                pb.Source(
                    service=source,
                    last_event_time=row.last_event_at if row else None,
                    applied_time=row.applied_at if row else None,
                    pending=await self._pending(source),
                    parked=parked.get(f"{source}-overview", 0),
                )
            )
        return found


def _range(request: Any, reader: Reader) -> Range:
    anchor = _moment(request.from_time) if request.HasField("from_time") else reader.now
    until = _moment(request.to_time) if request.HasField("to_time") else None
    return rules.range_of(Period(PERIOD.word(request.period) or Period.MONTH), anchor, until)


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)


def _one(counted: Counts, code: Indicator) -> Figure:
    return next(figure for figure in figures(counted) if figure.code is code)


def to_scope(scope: Scope) -> pb.Scope:
    """Whose facts a figure covers."""
    return pb.Scope(tenant=scope.tenant_id, reach=REACH.number(scope.reach), tenants=scope.count)


def to_range(covered: Range) -> pb.Range:
    """From when to when."""
    found = pb.Range(period=PERIOD.number(covered.period))
    found.start_time.FromDatetime(covered.start)
    found.end_time.FromDatetime(covered.end)
    return found


def to_indicator(figure: Figure) -> pb.Indicator:
    """A figure; one without a value stays unset, which is "n/a"."""
    return pb.Indicator(
        code=pb.IndicatorCode.ValueType(figure.code),
        number=figure.number,
        value=figure.value,
        unit=UNIT.number(figure.unit),
        numerator=figure.numerator,
        denominator=figure.denominator,
        target=figure.target,
        parts=[
            pb.Part(dimension=part.dimension, key=_key(part.dimension, part.value), count=part.count)
            for part in figure.parts
        ],
    )


def _key(dimension: str, value: int | str) -> str:
    number: Any = value
    match dimension:
        case "brand":
            return str(value)
        case "audience":
            return calendar_pb2.Audience.Name(number).removeprefix("AUDIENCE_")
        case "affairs":
            return catalogue_pb2.Affairs.Name(number).removeprefix("AFFAIRS_")
        case "station":
            return catalogue_pb2.Station.Name(number).removeprefix("STATION_")
        case _:
            return calendar_pb2.ActivityKind.Name(number).removeprefix("ACTIVITY_KIND_")


def to_record(row: Row) -> pb.Record:
    """A record behind a figure."""
    return pb.Record(
        id=row.id,
        tenant=row.tenant_id,
        capability=row.capability,
        number=row.number,
        affairs=row.affairs,
        station=row.station,
        value=row.value,
        start_time=row.start,
        counted=row.counted,
    )
