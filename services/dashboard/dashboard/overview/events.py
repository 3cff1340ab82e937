"""Facts out of other services' events: a whole batch in one statement per kind of fact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from chassis.clocks import system_now
from chassis.consumer import Consumer, Transient
from chassis.database import Connection
from chassis.events import Event
from chassis.units import UnitOfWork
from dashboard.overview import rules
from dashboard.overview.rules import Ended, Patch
from louyu.activity.v1 import calendar_pb2
from louyu.ticket.v1 import catalogue_pb2, requests_pb2
from louyu.window.v1 import cases_pb2

SOURCES: Final = (
    ("ticket", ("ticket", "service_item")),
    ("activity", ("activity", "enrolment")),
    ("window", ("case",)),
)
"""Each service whose events hold facts, and the aggregates that are followed."""

_Key = tuple[str, str]


@dataclass(slots=True)
class Batch:
    """The facts of some events."""

    opened: list[Event] = field(default_factory=list)
    patches: dict[_Key, Patch] = field(default_factory=dict)
    items: dict[_Key, Event] = field(default_factory=dict)
    held: list[Event] = field(default_factory=list)
    confirmed: list[Event] = field(default_factory=list)
    demands: list[tuple[Any, ...]] = field(default_factory=list)
    tenants: set[str] = field(default_factory=set)

    def add(self, event: Event) -> None:
        """Take an event in; types that hold no fact of the overview pass by."""
        handler = _HANDLERS.get(event.type)
        if handler is not None:
            handler(self, event)
            self.tenants.add(event.tenant_id)

    def patch(self, event: Event, patch: Patch) -> None:
        """Join what an event makes of its ticket."""
        key = (event.tenant_id, event.aggregate_id)
        before = self.patches.get(key)
        self.patches[key] = patch if before is None else before.then(patch)

    def demand(self, event: Event, capability: str, affairs: int, account: str, enterprise: str) -> None:
        """A demand of someone, under one of the five affairs."""
        self.demands.append(
            (
                event.tenant_id,
                event.correlation_id or event.aggregate_id,
                capability,
                event.aggregate_id,
                affairs,
                account,
                enterprise or None,
                event.occurred_at,
            )
        )


def _opened(batch: Batch, event: Event) -> None:
    said: Any = event.message
    batch.opened.append(event)
    batch.demand(event, "requests", said.affairs, said.requester, said.enterprise_id)


def _accepted(batch: Batch, event: Event) -> None:
    said: Any = event.message
    batch.patch(event, rules.accepted(event.occurred_at, in_time=said.within_first_response))


def _closed(batch: Batch, event: Event) -> None:
    said: Any = event.message
    batch.patch(event, rules.closed(event.occurred_at, automatically=said.automatically))


def _rated(batch: Batch, event: Event) -> None:
    said: Any = event.message
    batch.patch(event, rules.rated(said.rating))


def _item(batch: Batch, event: Event) -> None:
    batch.items[event.tenant_id, event.aggregate_id] = event


def _held(batch: Batch, event: Event) -> None:
    said: Any = event.message
    batch.held.append(event)
    batch.demand(event, "calendar", said.affairs, "", "")


def _case(batch: Batch, event: Event) -> None:
    said: Any = event.message
    # Whatever is filed at a department's window is a government affair 政务; a case that continues a
    # ticket shares its correlation id and stays under the ticket's affair.
    batch.demand(event, "cases", catalogue_pb2.AFFAIRS_GOVERNMENT, said.applicant, said.enterprise_id)


_HANDLERS: Final[dict[str, Callable[[Batch, Event], None]]] = {
    requests_pb2.TicketOpened.DESCRIPTOR.full_name: _opened,
    requests_pb2.TicketAccepted.DESCRIPTOR.full_name: _accepted,
    requests_pb2.TicketClosed.DESCRIPTOR.full_name: _closed,
    requests_pb2.TicketRated.DESCRIPTOR.full_name: _rated,
    requests_pb2.TicketReopened.DESCRIPTOR.full_name: lambda b, e: b.patch(e, rules.reopened()),
    requests_pb2.TicketRejected.DESCRIPTOR.full_name: lambda b, e: b.patch(e, rules.ended(Ended.REJECTED)),
    requests_pb2.TicketWithdrawn.DESCRIPTOR.full_name: lambda b, e: b.patch(e, rules.ended(Ended.WITHDRAWN)),
    catalogue_pb2.ServiceItemPublished.DESCRIPTOR.full_name: _item,
    calendar_pb2.ActivityHeld.DESCRIPTOR.full_name: _held,
    calendar_pb2.AttendanceConfirmed.DESCRIPTOR.full_name: lambda b, e: b.confirmed.append(e),
    cases_pb2.CaseSubmitted.DESCRIPTOR.full_name: _case,
}

# No row comes back while a rebuild has closed the source, so nothing is applied beside it.
_PASS: Final = """
INSERT INTO overview_sources AS s (source, open, rebuilding, applied, last_event_at, applied_at)
VALUES ($1, true, false, $2, $3, $4)
ON CONFLICT (source) DO UPDATE
SET applied = s.applied + excluded.applied, applied_at = excluded.applied_at,
    last_event_at = greatest(s.last_event_at, excluded.last_event_at)
WHERE s.open
RETURNING 1
"""
_OPENED: Final = """
INSERT INTO overview_tickets (tenant_id, id, number, affairs, station, requester, enterprise_id, opened_at,
                              promised_minutes)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::int[], $6::text[], $7::uuid[],
                     $8::timestamptz[], $9::int[])
ON CONFLICT (tenant_id, id) DO NOTHING
"""
_PATCH: Final = """
UPDATE overview_tickets AS t SET
  accepted_at = coalesce(t.accepted_at, p.accepted_at),
  in_time = CASE WHEN t.accepted_at IS NULL THEN p.in_time ELSE t.in_time END,
  first_closed_at = coalesce(t.first_closed_at, p.first_closed_at),
  closed_at = CASE WHEN p.sets_closed THEN p.closed_at ELSE t.closed_at END,
  automatically = CASE WHEN p.sets_closed THEN p.automatically ELSE t.automatically END,
  reopened = t.reopened + p.reopened,
  rating = coalesce(p.rating, t.rating),
  ended = coalesce(p.ended, t.ended)
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bool[], $5::timestamptz[], $6::bool[],
            $7::timestamptz[], $8::bool[], $9::int[], $10::int[], $11::text[])
     AS p (tenant_id, id, accepted_at, in_time, first_closed_at, sets_closed, closed_at, automatically,
           reopened, rating, ended)
WHERE t.tenant_id = p.tenant_id AND t.id = p.id
"""
# The earliest event of a demand decides, in whatever order the services' streams are read.
_DEMANDS: Final = """
INSERT INTO overview_demands AS d (tenant_id, correlation_id, capability, subject_id, affairs, account,
                                   enterprise_id, opened_at)
SELECT DISTINCT ON (tenant_id, correlation_id) *
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::int[], $6::text[], $7::uuid[],
            $8::timestamptz[])
     AS n (tenant_id, correlation_id, capability, subject_id, affairs, account, enterprise_id, opened_at)
ORDER BY tenant_id, correlation_id, opened_at, subject_id
ON CONFLICT (tenant_id, correlation_id) DO UPDATE
SET capability = excluded.capability, subject_id = excluded.subject_id, affairs = excluded.affairs,
    account = excluded.account, enterprise_id = excluded.enterprise_id, opened_at = excluded.opened_at
WHERE (excluded.opened_at, excluded.subject_id) < (d.opened_at, d.subject_id)
"""
_ITEMS: Final = """
INSERT INTO overview_items AS i (tenant_id, id, affairs, station, live, changed_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::bool[], $6::timestamptz[])
ON CONFLICT (tenant_id, id) DO UPDATE
SET affairs = excluded.affairs, station = excluded.station, live = excluded.live,
    changed_at = excluded.changed_at
"""
_HELD: Final = """
INSERT INTO overview_activities (tenant_id, id, kind, station, affairs, started_at, brand, audience)
SELECT tenant_id, id, kind, station, affairs, started_at, brand, string_to_array(audience, ',')::smallint[]
FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::int[], $6::timestamptz[], $7::text[],
            $8::text[])
     AS n (tenant_id, id, kind, station, affairs, started_at, brand, audience)
ON CONFLICT (tenant_id, id) DO NOTHING
"""
_CONFIRMED: Final = """
INSERT INTO overview_attendances (tenant_id, id, activity_id, account, person_id, enterprise_id, attended,
                                  started_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::bool[],
                     $8::timestamptz[])
ON CONFLICT (tenant_id, id) DO NOTHING
"""


class Projection:
    """Keeps the facts. `changed` hears the tenants whose facts a batch touched."""

    def __init__(self, changed: Callable[[set[str]], None]) -> None:
        self._changed = changed

    def consumers(self) -> list[Consumer]:
        """One consumer per service whose events hold facts."""
        return [
            Consumer(
                f"{source}-overview", source, aggregates, self._from(source), per_tenant=False, batch=500
            )
            for source, aggregates in SOURCES
        ]

    def _from(self, source: str) -> Callable[[UnitOfWork, Sequence[Event]], Any]:
        async def apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
            await self.apply(unit, source, events)

        return apply

    async def apply(self, unit: UnitOfWork, source: str, events: Sequence[Event]) -> None:
        """Apply a batch of one source's events, in their order."""
        batch = Batch()
        for event in events:
            batch.add(event)
        connection = unit.connection
        newest = max(event.occurred_at for event in events)
        if await connection.fetchval(_PASS, source, len(events), newest, system_now()) is None:
            raise Transient("the overview is being emptied for a rebuild")
        if batch.opened:
            await connection.execute(_OPENED, *_columns([_ticket(event) for event in batch.opened]))
        if batch.patches:
            await _patch(connection, batch.patches)
        if batch.demands:
            await connection.execute(_DEMANDS, *_columns(batch.demands))
        if batch.items:
            await connection.execute(_ITEMS, *_columns([_service(e) for e in batch.items.values()]))
        if batch.held:
            await connection.execute(_HELD, *_columns([_activity(event) for event in batch.held]))
        if batch.confirmed:
            await connection.execute(_CONFIRMED, *_columns([_attendance(e) for e in batch.confirmed]))
        if batch.tenants:
            self._changed(batch.tenants)


async def _patch(connection: Connection, patches: dict[_Key, Patch]) -> None:
    rows = [
        (
            tenant_id,
            ticket_id,
            patch.accepted_at,
            patch.in_time,
            patch.first_closed_at,
            patch.sets_closed,
            patch.closed_at,
            patch.automatically,
            patch.reopened,
            patch.rating,
            patch.ended,
        )
        for (tenant_id, ticket_id), patch in patches.items()
    ]
    status = await connection.execute(_PATCH, *_columns(rows))
    if int(status.rsplit(" ", 1)[-1]) != len(rows):
        raise LookupError("an event tells about a ticket that was never opened")


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _ticket(event: Event) -> tuple[Any, ...]:
    said: Any = event.message
    return (
        event.tenant_id,
        event.aggregate_id,
        said.number,
        said.affairs,
        said.station,
        said.requester,
        said.enterprise_id or None,
        event.occurred_at,
        said.first_response_minutes,
    )


def _service(event: Event) -> tuple[Any, ...]:
    said: Any = event.message
    return (event.tenant_id, event.aggregate_id, said.affairs, said.station, said.live, event.occurred_at)


def _activity(event: Event) -> tuple[Any, ...]:
    said: Any = event.message
    started = said.start_time.ToDatetime(event.occurred_at.tzinfo)
    return (
        event.tenant_id,
        event.aggregate_id,
        said.kind,
        said.station,
        said.affairs,
        started,
        said.brand,
        ",".join(map(str, said.audience)),
    )


def _attendance(event: Event) -> tuple[Any, ...]:
    said: Any = event.message
    return (
        event.tenant_id,
        event.aggregate_id,
        said.activity_id,
        said.account,
        said.person_id,
        said.enterprise_id or None,
        said.attendance == calendar_pb2.ENROLMENT_STATE_ATTENDED,
        said.start_time.ToDatetime(event.occurred_at.tzinfo),
    )
