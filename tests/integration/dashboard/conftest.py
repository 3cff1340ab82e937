"""An overview on real servers, fed with events as their producers would write them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest_asyncio
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.clocks import BusinessClock, system_now
from chassis.context import Caller, Context, Scope, bind
from chassis.database import Database
from chassis.events import Event, aggregate_of
from chassis.ids import new_id
from chassis.pages import PageTokens
from chassis.recent import Recent
from chassis.units import Units
from dashboard.overview.events import Projection
from dashboard.overview.rpc import Overview
from louyu.activity.v1 import calendar_pb2
from louyu.dashboard.v1 import overview_pb2 as pb
from louyu.ticket.v1 import catalogue_pb2, requests_pb2
from tests.fixtures.servers import Databases

MARCH = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
IN_MARCH = Timestamp()
IN_MARCH.FromDatetime(MARCH)
CONSUMER = Context(mode="consumer", caller=Caller(kind="system", service="dashboard/test"))


@dataclass
class Stream:
    """Writes the events of some tenants, numbered per aggregate."""

    events: list[Event] = field(default_factory=list)
    _seqs: dict[str, int] = field(default_factory=dict)

    def tell(
        self, tenant: str, message: Any, aggregate_id: str, at: datetime, correlation_id: str = ""
    ) -> Event:
        """The next event of an aggregate."""
        self._seqs[aggregate_id] = self._seqs.get(aggregate_id, 0) + 1
        event = Event(
            id=new_id(),
            tenant_id=tenant,
            type=message.DESCRIPTOR.full_name,
            aggregate=aggregate_of(message),
            aggregate_id=aggregate_id,
            seq=self._seqs[aggregate_id],
            occurred_at=at,
            correlation_id=correlation_id or aggregate_id,
            audience=(),
            traceparent="",
            message=message,
        )
        self.events.append(event)
        return event

    def open(self, tenant: str, at: datetime = MARCH, **said: Any) -> str:
        """A ticket is filed; its id."""
        ticket_id = new_id()
        correlation_id = said.pop("correlation_id", "")
        given: dict[str, Any] = {
            "number": f"G-{len(self.events)}",
            "affairs": catalogue_pb2.AFFAIRS_BUSINESS,
            "station": catalogue_pb2.STATION_ENTERPRISE,
            "first_response_minutes": 240,
        }
        message = requests_pb2.TicketOpened(ticket_id=ticket_id, **given | said)
        self.tell(tenant, message, ticket_id, at, correlation_id)
        return ticket_id

    def accept(self, tenant: str, ticket_id: str, at: datetime, *, in_time: bool = True) -> None:
        """A handler takes it on."""
        self.tell(tenant, requests_pb2.TicketAccepted(within_first_response=in_time), ticket_id, at)

    def close(self, tenant: str, ticket_id: str, at: datetime, *, rating: int = 0) -> None:
        """It is confirmed and rated, or closes by itself."""
        self.tell(tenant, requests_pb2.TicketClosed(automatically=not rating), ticket_id, at)
        if rating:
            self.tell(tenant, requests_pb2.TicketRated(rating=rating), ticket_id, at)

    def reopen(self, tenant: str, ticket_id: str, at: datetime) -> None:
        """Its requester does not agree."""
        self.tell(tenant, requests_pb2.TicketReopened(), ticket_id, at)

    def hold(
        self,
        tenant: str,
        at: datetime,
        persons: Sequence[tuple[str, bool]],
        kind: "calendar_pb2.ActivityKind.ValueType" = calendar_pb2.ACTIVITY_KIND_SALON,
        **said: Any,
    ) -> str:
        """An activity was held; `persons` had a place and were there, or were not."""
        activity_id = new_id()
        held = calendar_pb2.ActivityHeld(
            activity_id=activity_id,
            kind=kind,
            station=catalogue_pb2.STATION_ENTERPRISE,
            affairs=catalogue_pb2.AFFAIRS_PARTY,
            **said,
        )
        held.start_time.FromDatetime(at)
        self.tell(tenant, held, activity_id, at + timedelta(hours=3))
        for person, there in persons:
            enrolment_id = new_id()
            seat = calendar_pb2.ENROLMENT_STATE_ATTENDED if there else calendar_pb2.ENROLMENT_STATE_ABSENT
            settled = calendar_pb2.AttendanceConfirmed(
                enrolment_id=enrolment_id, activity_id=activity_id, person_id=person, attendance=seat
            )
            settled.start_time.FromDatetime(at)
            self.tell(tenant, settled, enrolment_id, at + timedelta(hours=3))
        return activity_id

    def offer(
        self,
        tenant: str,
        item_id: str,
        *,
        live: bool,
        affairs: "catalogue_pb2.Affairs.ValueType" = catalogue_pb2.AFFAIRS_BUSINESS,
    ) -> None:
        """A service item can be ordered, or cannot any more."""
        message = catalogue_pb2.ServiceItemPublished(service_item_id=item_id, live=live, affairs=affairs)
        self.tell(tenant, message, item_id, MARCH)


def source_of(event: Event) -> str:
    """The service that tells an event."""
    return event.type.split(".")[1]


@dataclass
class Board:
    """The dashboard service, without its process."""

    units: Units
    superuser_url: str
    projection: Projection
    overview: Overview
    touched: set[str]
    stream: Stream = field(default_factory=Stream)
    applied: int = 0
    district: str = field(default_factory=new_id)
    region: str = field(default_factory=new_id)
    superior: str = field(default_factory=new_id)
    buildings: list[str] = field(default_factory=list)

    async def apply(self, events: Sequence[Event] | None = None) -> None:
        """Apply what was told since the last time, or the given events, in one batch per source."""
        if events is None:
            events, self.applied = self.stream.events[self.applied :], len(self.stream.events)
        by_source: dict[str, list[Event]] = {}
        for event in events:
            by_source.setdefault(source_of(event), []).append(event)
        for source, own in by_source.items():
            await self.units.run(
                CONSUMER,
                lambda unit, source=source, own=own: self.projection.apply(unit, source, own),  # type: ignore[misc]
            )

    async def call(
        self, tenant: str, rpc: str, request: Any, *scopes: Scope, account: str = "", locale: str = "zh-CN"
    ) -> Any:
        """Call an RPC; with the letter B unless other scopes are given."""
        request.tenant = tenant
        self.overview._recent = Recent(1.0)
        context = Context(
            mode="tenant",
            tenant_id=tenant,
            caller=Caller("account", account or new_id()),
            permission="overview.read",
            scopes=scopes or (Scope("B"),),
            locale=locale,
        )
        with bind(replace(context)):
            return await getattr(self.overview, rpc)(request, None)

    async def figures(self, tenant: str, *scopes: Scope, account: str = "", **when: Any) -> dict[int, Any]:
        """The overview of March, by indicator code."""
        request = pb.GetOverviewRequest(**{"period": pb.PERIOD_MONTH, "from_time": MARCH, **when})
        found = await self.call(tenant, "GetOverview", request, *scopes, account=account)
        return {indicator.code: indicator for indicator in found.indicators}

    async def stored(self, query: str, *arguments: Any) -> list[Any]:
        """Rows as they really lie in the database."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def facts(self) -> dict[str, list[Any]]:
        """Every fact, to compare."""
        tables = ("tickets", "demands", "activities", "attendances", "items")
        return {
            table: await self.stored(f"SELECT o::text FROM overview_{table} AS o ORDER BY 1")
            for table in tables
        }

    async def found(self) -> None:
        """A district with two buildings in one sub-district, one of them under a superior, and one apart."""
        self.buildings = [new_id() for _ in range(3)]
        rows = [
            (self.district, "district", None, None),
            (self.region, "subdistrict", None, None),
            (self.superior, "superior", None, None),
            (self.buildings[0], "building", self.region, None),
            (self.buildings[1], "building", self.region, self.superior),
            (self.buildings[2], "multi_site", None, None),
        ]
        connection = await asyncpg.connect(self.superuser_url)
        await connection.executemany(
            "INSERT INTO tenants (tenant_id, kind, name_zh, name_en, state, region_id, superior_id, "
            "synthetic, updated_at) VALUES ($1, $2, $2, $2, 'active', $3, $4, true, now())",
            rows,
        )
        await connection.close()


@pytest_asyncio.fixture
async def board(databases: Databases) -> AsyncIterator[Board]:
    """An empty overview of a small district, in the spring of 2026."""
    made = await databases.fresh("dashboard")
    database = Database("dashboard", made.app_url)
    clock = BusinessClock()
    clock.apply(MARCH + timedelta(days=60) - system_now())
    units = Units(database, clock)
    touched: set[str] = set()
    overview = Overview(units, PageTokens(b"s" * 32), _nothing_pending)
    found = Board(units, made.superuser_url, Projection(touched.update), overview, touched)
    await found.found()
    yield found
    await database.close()


async def _nothing_pending(_: str) -> int:
    return 0
