"""The events of guests, what they took part in, and the words of the contract."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, Final

from google.protobuf.message import Message

from chassis import days
from chassis.consumer import Consumer
from chassis.events import Event
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.activity.v1 import calendar_pb2
from louyu.membership.v1 import guests_pb2 as pb
from membership.guests.rules import State

STATE: Final = Words(pb.GuestState)
ENDING: Final = Words(pb.GuestEnding)
DESK: Final = "party-desk"
"""The duty group that hears of who asks."""
BATCH: Final = 500
"""An activity confirms all who were there at once."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Somebody took part in something."""

    enrolment_id: str
    person_id: str
    on: date


Keep = Callable[[UnitOfWork, Sequence[Happened]], Awaitable[object]]


def attendances(keep: Keep) -> Consumer:
    """Follows the attendances that activities confirm: those of guests count as external."""

    async def apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
        await keep(unit, [_happened(event.message) for event in events if _attended(event.message)])

    return Consumer("activity-guests", "activity", ("enrolment",), apply, batch=BATCH)


def _attended(said: Any) -> bool:
    return (
        isinstance(said, calendar_pb2.AttendanceConfirmed)
        and said.attendance == calendar_pb2.ENROLMENT_STATE_ATTENDED
        and bool(said.person_id)
    )


def _happened(said: Any) -> Happened:
    return Happened(said.enrolment_id, said.person_id, days.day_of(said.start_time.ToDatetime(UTC)))


def changed(unit: UnitOfWork, row: Row) -> None:
    """A pass is in another state."""
    said: dict[str, Any] = {
        "guest_id": row.id,
        "person_id": row.person_id,
        "account": row.account or "",
        "synthetic": row.synthetic,
    }
    event: Message
    match State(row.state):
        case State.INVITED:
            event = pb.GuestInvited(**said)
        case State.ASKED:
            event = pb.GuestAsked(**said, desk=DESK)
        case State.ADMITTED:
            event = pb.GuestAdmitted(**said, until_date=days.written(row.until_on))
        case State.DECLINED:
            event = pb.GuestDeclined(**said, desk=DESK)
        case State.REJECTED:
            event = pb.GuestRejected(**said)
        case State.ENDED:
            event = pb.GuestEnded(**said, ending=ENDING.number(row.ending))
    unit.emit(event, aggregate_id=row.id, audience=[row.account or ""])
