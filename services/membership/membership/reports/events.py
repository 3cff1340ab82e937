"""The events of reports, what other services tell of that they count, and the words of the contract."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any, Final

from google.protobuf.message import Message

from chassis import days
from chassis.consumer import Consumer
from chassis.events import Event
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import cadence_pb2
from louyu.membership.v1 import reports_pb2 as pb
from louyu.ticket.v1 import hazards_pb2, visits_pb2
from membership.reports.rules import Fact

STATE: Final = Words(pb.ReportState)
OUTCOME: Final = Words(pb.ReportOutcome)
SCOPE: Final = Words(cadence_pb2.ObligationScope)
DESK: Final = "party-desk"
"""The duty group that hears of what is submitted where no person is known."""

Note = Callable[[UnitOfWork, Sequence[dict[str, Any]]], Awaitable[None]]


def records(note: Note) -> Consumer:
    """Follows visits and hazards: reports count them."""

    async def apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
        found = (_fact(event.message, days.day_of(event.occurred_at)) for event in events)
        await note(unit, [fact for fact in found if fact])

    return Consumer("ticket-reports", "ticket", ("visit", "hazard"), apply)


def _fact(said: Message, on: date) -> dict[str, Any]:
    """What an event adds; empty for those that add nothing."""
    match said:
        case visits_pb2.VisitCompleted():
            kind, record_id, place_id = Fact.VISIT, said.visit_id, said.target_id
        case hazards_pb2.HazardFound():
            kind, record_id, place_id = Fact.HAZARD_FOUND, said.hazard_id, said.site_id
        case hazards_pb2.HazardClosed():
            kind, record_id, place_id = Fact.HAZARD_CLOSED, said.hazard_id, said.site_id
        case _:
            return {}
    return {"kind": kind, "id": record_id, "place_id": place_id or None, "happened_on": on}


def _common(row: Row) -> dict[str, Any]:
    return {
        "report_id": row.id,
        "obligation_id": row.obligation_id,
        "org_id": row.org_id,
        "synthetic": row.synthetic,
    }


def _receiver(row: Row) -> str:
    return str(row.superior_id or row.tenant_id)


def _author(row: Row) -> str:
    return str(row.author_account or "")


def drafted(unit: UnitOfWork, row: Row) -> None:
    """It was begun, or has another author."""
    unit.emit(pb.ReportDrafted(**_common(row)), aggregate_id=row.id, audience=[_author(row)])


def submitted(unit: UnitOfWork, row: Row, receiver: str) -> None:
    """It came before whoever accepts it."""
    event = pb.ReportSubmitted(
        **_common(row),
        number=row.number,
        receiver_id=_receiver(row),
        receiver=receiver,
        desk="" if receiver else DESK,
    )
    unit.emit(event, aggregate_id=row.id, audience=[receiver])


def returned(unit: UnitOfWork, row: Row) -> None:
    """It went back to its author."""
    event = pb.ReportReturned(
        **_common(row), number=row.number, receiver_id=_receiver(row), author=_author(row)
    )
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id, audience=[_author(row)])


def accepted(unit: UnitOfWork, row: Row) -> None:
    """It was accepted."""
    event = pb.ReportAccepted(
        **_common(row),
        number=row.number,
        start_date=days.written(row.start_on),
        receiver_id=_receiver(row),
        author=_author(row),
    )
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id, audience=[_author(row)])
