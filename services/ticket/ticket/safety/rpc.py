"""Safety over gRPC: parse, call, convert."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from grpc.aio import ServicerContext

from chassis.clocks import timestamp
from chassis.errors import FieldError, Invalid
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import safety_pb2 as pb
from louyu.ticket.v1.safety_pb2_grpc import SafetyServiceServicer
from ticket.safety import commands, queries, rules
from ticket.safety.events import ACT, KIND
from ticket.safety.rules import Kind
from ticket.sites import queries as sites

_Call = ServicerContext[Any, Any]


class Safety(SafetyServiceServicer):
    """Serves louyu.ticket.v1.SafetyService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def RecordObservation(
        self, request: pb.RecordObservationRequest, context: _Call
    ) -> pb.SafetyObservation:
        counts = {ACT.word(one.act): one.count for one in request.counts}
        if len(counts) != len(request.counts):
            raise Invalid("ACT_TWICE", fields=[FieldError("counts", "ACT_TWICE")])

        async def work(unit: UnitOfWork) -> pb.SafetyObservation:
            said = _said(request.observe_time, given=request.HasField("observe_time"))
            return _observation(
                await commands.observe(
                    unit, request.site_id, said, request.acts, counts, synthetic=request.synthetic
                )
            )

        return await self._units.command(request, pb.SafetyObservation, work)

    async def ListObservations(
        self, request: pb.ListObservationsRequest, context: _Call
    ) -> pb.ListObservationsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListObservationsResponse:
            after = self._pages.decode(request)
            rows = await queries.page_of_observations(reader, request.site_id, after, size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListObservationsResponse(
                observations=[_observation(row) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def ReportIncident(self, request: pb.ReportIncidentRequest, context: _Call) -> pb.Incident:
        async def work(unit: UnitOfWork) -> pb.Incident:
            said = _said(request.occur_time, given=request.HasField("occur_time"))
            kind = Kind(KIND.word(request.kind))
            return _incident(
                await commands.report(
                    unit, kind, request.site_id, said, request.summary, synthetic=request.synthetic
                )
            )

        return await self._units.command(request, pb.Incident, work)

    async def ListIncidents(
        self, request: pb.ListIncidentsRequest, context: _Call
    ) -> pb.ListIncidentsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListIncidentsResponse:
            after = self._pages.decode(request)
            kind = KIND.word(request.kind)
            rows = await queries.page_of_incidents(reader, request.site_id, kind, after, size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListIncidentsResponse(
                incidents=[_incident(row) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def GetSafetyFigures(self, request: pb.GetSafetyFiguresRequest, context: _Call) -> pb.SafetyFigures:
        async def work(reader: Reader) -> pb.SafetyFigures:
            start = reader.now - timedelta(days=request.days or rules.PERIOD_DAYS)
            watched = await queries.watched(reader, start)
            happened = await queries.happened(reader, start)
            last = await queries.last_accidents(reader)
            acts = sum(found for found, _ in watched.values())
            unsafe = sum(found for _, found in watched.values())
            return pb.SafetyFigures(
                start_time=timestamp(start),
                end_time=timestamp(reader.now),
                sites=[
                    _site(site, reader.now, watched.get(site.id, (0, 0)), happened, last.get(site.id))
                    for site in await sites.all_in_use(reader)
                ],
                acts=acts,
                unsafe=unsafe,
                unsafe_rate=rules.rate(unsafe, acts),
                near_misses=sum(n for (_, kind), n in happened.items() if kind == Kind.NEAR_MISS),
                accidents=sum(n for (_, kind), n in happened.items() if kind == Kind.ACCIDENT),
            )

        return await self._units.query(work)


def _said(moment: Timestamp, *, given: bool) -> datetime | None:
    return moment.ToDatetime(tzinfo=UTC) if given else None


def _site(
    site: Row,
    now: datetime,
    watched: tuple[int, int],
    happened: dict[tuple[str, str], int],
    last: datetime | None,
) -> pb.SiteSafety:
    acts, unsafe = watched
    return pb.SiteSafety(
        site_id=site.id,
        site_name=site.name,
        accident_free_days=rules.accident_free_days(last or site.created_at, now),
        last_accident_time=timestamp(last),
        acts=acts,
        unsafe=unsafe,
        unsafe_rate=rules.rate(unsafe, acts),
        near_misses=happened.get((site.id, Kind.NEAR_MISS), 0),
    )


def _observation(row: Row) -> pb.SafetyObservation:
    return pb.SafetyObservation(
        id=row.id,
        site_id=row.site_id,
        site_name=row.site_name,
        observe_time=timestamp(row.observed_at),
        acts=row.acts,
        unsafe=row.unsafe,
        counts=[pb.UnsafeCount(act=ACT.number(act), count=count) for act, count in row.counts.items()],
        observer=row.observer,
        synthetic=row.synthetic,
    )


def _incident(row: Row) -> pb.Incident:
    return pb.Incident(
        id=row.id,
        number=row.number,
        kind=KIND.number(row.kind),
        site_id=row.site_id,
        site_name=row.site_name,
        occur_time=timestamp(row.occurred_at),
        summary=row.summary,
        reporter=row.reporter,
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
    )
