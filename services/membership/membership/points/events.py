"""Points out of other services' events, and the events of points."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC
from typing import Final

from chassis.consumer import Consumer
from chassis.events import Event
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.activity.v1 import calendar_pb2
from louyu.membership.v1 import points_pb2 as pb
from membership.points.ledger import Entry
from membership.points.rules import Fact, Happened, ProposalState, Source

KIND: Final = Words(pb.PointsEntryKind)
SOURCE: Final = Words(pb.PointsSource)
PERIOD: Final = Words(pb.PointsPeriod)
PROPOSAL: Final = Words(pb.PointsProposalState)
BAND: Final = Words(pb.PointsBand)
ACTIVITY: Final = Words(calendar_pb2.ActivityKind)


BATCH: Final = 500
"""An activity confirms all who were there at once: whole activities are one page of the ledger."""

Answer = Callable[[UnitOfWork, Sequence[Happened]], Awaitable[object]]


def attendances(answer: Answer) -> Consumer:
    """Follows the attendances that activities confirm; a batch of a tenant's is one transaction. Whoever
    was absent or excused gets nothing, and loses nothing."""

    async def apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
        await answer(unit, [_happened(event) for event in events if _attended(event)])

    return Consumer("activity-points", "activity", ("enrolment",), apply, batch=BATCH)


def _attended(event: Event) -> bool:
    said = event.message
    return (
        isinstance(said, calendar_pb2.AttendanceConfirmed)
        and said.attendance == calendar_pb2.ENROLMENT_STATE_ATTENDED
        and bool(said.person_id)
    )


def _happened(event: Event) -> Happened:
    said = event.message
    assert isinstance(said, calendar_pb2.AttendanceConfirmed)
    # The enrolment, not the event, is what is answered to: an attendance that were confirmed twice by two
    # events would still be one attendance.
    fact = Fact(
        source=Source.ATTENDANCE,
        id=said.enrolment_id,
        person_id=said.person_id,
        activity_kind=ACTIVITY.word(said.kind),
        brand=said.brand,
        at=said.start_time.ToDatetime(UTC),
    )
    return Happened(fact, said.activity_id, said.title, said.account)


def posted(unit: UnitOfWork, entry: Entry) -> None:
    """Points were posted."""
    said = entry.movement
    event = pb.PointsPosted(
        points_account_id=said.account.id,
        entry_id=entry.id,
        kind=KIND.number(said.kind),
        delta=said.delta,
        brand=said.brand,
        rule_id=said.rule_id or "",
    )
    unit.emit(event, aggregate_id=said.account.id, audience=[said.account.account or ""])


def reversed_(unit: UnitOfWork, entry: Entry) -> None:
    """An entry was reversed."""
    said = entry.movement
    event = pb.PointsReversed(
        points_account_id=said.account.id,
        entry_id=entry.id,
        reverses=said.reverses or "",
        delta=said.delta,
    )
    unit.emit(event, aggregate_id=said.account.id, audience=[said.account.account or ""])


def rule_changed(unit: UnitOfWork, row: Row) -> None:
    """A rule has a new version."""
    unit.emit(pb.PointsRuleChanged(points_rule_id=row.id, version=row.version), aggregate_id=row.id)


def proposed(unit: UnitOfWork, proposal_id: str) -> None:
    """Points were proposed."""
    unit.emit(pb.PointsProposed(points_proposal_id=proposal_id), aggregate_id=proposal_id)


def proposal_decided(unit: UnitOfWork, proposal_id: str, state: ProposalState) -> None:
    """A proposal was decided."""
    event = pb.PointsProposalDecided(points_proposal_id=proposal_id, state=PROPOSAL.number(state))
    unit.emit(event, aggregate_id=proposal_id)


def bands_asked(unit: UnitOfWork, row: Row) -> None:
    """An enterprise asks for bands."""
    event = pb.PointsBandsAsked(points_ask_id=row.id, enterprise_id=row.enterprise_id)
    unit.emit(event, aggregate_id=row.id)


def bands_exported(unit: UnitOfWork, share: Row) -> None:
    """A member's band was shown to an employer."""
    event = pb.PointsBandsExported(points_account_id=share.points_account, enterprise_id=share.enterprise_id)
    unit.emit(event, aggregate_id=share.points_account, audience=[share.created_by])
