"""The events of affiliations, attendance out of the activity service, and the words of the contract."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC
from typing import Any, Final

from chassis import days
from chassis.consumer import Consumer
from chassis.context import Context
from chassis.events import Event
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.activity.v1 import calendar_pb2
from louyu.membership.v1 import affiliations_pb2 as pb
from louyu.membership.v1 import members_pb2
from membership.affiliations.rules import Attended, Happened, Side
from membership.members.queries import ONESELF

STATE: Final = Words(pb.AffiliationState)
ENDING: Final = Words(pb.AffiliationEnding)
TOLD: Final = Words(members_pb2.ToldHow)
ACTIVITY: Final = Words(calendar_pb2.ActivityKind)
BATCH: Final = 500
"""An activity confirms all who were there at once."""

HOME_DESK: Final = "party-desk"
"""The duty group of a home organisation that hears of its members."""

Keep = Callable[[UnitOfWork, Sequence[Happened]], Awaitable[object]]


def attendances(keep: Keep) -> Consumer:
    """Follows the attendances that activities confirm, for the figures that both sides see."""

    async def apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
        await keep(unit, [_happened(event.message) for event in events if _attended(event.message)])

    return Consumer("activity-affiliations", "activity", ("enrolment",), apply, batch=BATCH)


def _attended(said: Any) -> bool:
    return (
        isinstance(said, calendar_pb2.AttendanceConfirmed)
        and said.attendance == calendar_pb2.ENROLMENT_STATE_ATTENDED
        and bool(said.person_id)
    )


def _happened(said: Any) -> Happened:
    on = days.day_of(said.start_time.ToDatetime(UTC))
    return Happened(said.enrolment_id, said.person_id, Attended(on, ACTIVITY.word(said.kind)))


def sides(row: Row, context: Context) -> frozenset[Side]:
    """On which sides of an affiliation the caller stands, in the name of the tenant."""
    found = set[Side]()
    if context.mode == "party":
        return frozenset({Side.HOME} if row.home_id == context.tenant_id else found)
    if row.person_id == context.caller.person_id:
        found.add(Side.PERSON)
    if context.permission != ONESELF:
        found |= {Side.REGISTRAR} if context.has("BF") else set()
        found |= {Side.BUILDING} if context.has("B") else set()
    return frozenset(found)


def _common(row: Row) -> dict[str, Any]:
    return {
        "affiliation_id": row.id,
        "person_id": row.person_id,
        "account": row.account,
        "home_id": row.home_id,
    }


def _emit(unit: UnitOfWork, row: Row, event: Any) -> None:
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id, audience=[row.account or ""])


def declared(unit: UnitOfWork, row: Row) -> None:
    """Somebody was declared or registered."""
    _emit(unit, row, pb.AffiliationDeclared(**_common(row), self_declared=row.self_declared))


def verified(unit: UnitOfWork, row: Row) -> None:
    """The building verified."""
    _emit(unit, row, pb.AffiliationVerified(**_common(row), desk=HOME_DESK if row.home_id else ""))


def returned(unit: UnitOfWork, row: Row) -> None:
    """The building returned it."""
    _emit(unit, row, pb.AffiliationReturned(**_common(row)))


def declined(unit: UnitOfWork, row: Row) -> None:
    """The person objected."""
    _emit(unit, row, pb.AffiliationDeclined(**_common(row)))


def activated(unit: UnitOfWork, row: Row) -> None:
    """The home organisation acknowledged."""
    _emit(unit, row, pb.AffiliationActivated(**_common(row)))


def disputed(unit: UnitOfWork, row: Row) -> None:
    """The home organisation does not know the member."""
    _emit(unit, row, pb.AffiliationDisputed(**_common(row)))


def ended(unit: UnitOfWork, row: Row) -> None:
    """An affiliation ended."""
    _emit(unit, row, pb.AffiliationEnded(**_common(row), ending=ENDING.number(row.ending)))
