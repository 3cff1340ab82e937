"""Accidents out of the safety events of the ticket service, and the events of zones."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any, Final

from google.protobuf.message import Message
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import days
from chassis.consumer import Consumer
from chassis.events import Event
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import zones_pb2 as pb
from louyu.ticket.v1 import safety_pb2
from membership.zones.rules import State
from membership.zones.tables import accidents

STATE: Final = Words(pb.ZoneState)
ENDING: Final = Words(pb.ZoneEnding)


def incidents() -> Consumer:
    """Follows incidents: an accident begins the days of its site anew, a near miss changes nothing."""
    return Consumer("safety-zones", "ticket", ("incident",), _note)


async def _note(unit: UnitOfWork, events: Sequence[Event]) -> None:
    for event in events:
        said = event.message
        if isinstance(said, safety_pb2.IncidentReported) and _is_accident(said):
            noted = upsert(accidents).values(
                tenant_id=unit.tenant_id,
                id=said.incident_id,
                site_id=said.site_id,
                occurred_on=days.day_of(said.occur_time.ToDatetime(UTC)),
            )
            await unit.execute(noted.on_conflict_do_nothing(index_elements=["tenant_id", "id"]))


def _is_accident(said: safety_pb2.IncidentReported) -> bool:
    return said.kind == safety_pb2.INCIDENT_KIND_ACCIDENT


def zone_changed(unit: UnitOfWork, row: Row) -> None:
    """A zone is in another state."""
    _tell(unit, row, row.site_id, row.state)


def zone_withdrawn(unit: UnitOfWork, row: Row, place: Row) -> None:
    """A claim ended with its place."""
    _tell(unit, row, place.site_id, State.WITHDRAWN)


def _tell(unit: UnitOfWork, row: Row, site_id: str | None, state: str) -> None:
    said: dict[str, Any] = {
        "zone_id": row.id,
        "location_id": row.location_id,
        "site_id": site_id or "",
        "person_id": row.person_id,
        "account": row.account or "",
        "synthetic": row.synthetic,
    }
    event: Message
    match State(state):
        case State.APPROVED:
            event = pb.ZoneApproved(**said)
        case State.RETURNED:
            event = pb.ZoneReturned(**said)
        case State.PLAQUED:
            event = pb.ZonePlaqued(**said)
        case State.ENDED:
            event = pb.ZoneEnded(**said, ending=ENDING.number(row.ending))
        case _:
            event = pb.ZoneClaimed(**said, state=STATE.number(state))
    unit.emit(event, aggregate_id=row.id, audience=[row.account or ""])


def location_changed(unit: UnitOfWork, place: Row) -> None:
    """A place came, or went."""
    unit.emit(
        pb.ZoneLocationChanged(zone_location_id=place.id, closed=place.closed),
        aggregate_id=place.id,
    )
