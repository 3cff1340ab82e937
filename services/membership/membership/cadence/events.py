"""The events of the cadence, the records of others that are evidence, and the words of the contract."""

from collections.abc import Awaitable, Callable, Sequence
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
from louyu.membership.v1 import cadence_pb2 as pb
from louyu.membership.v1 import contacts_pb2, reports_pb2, supervision_pb2
from louyu.ticket.v1 import inspections_pb2
from membership.cadence.periods import Period
from membership.cadence.rules import Evidence, Level, State

SCOPE: Final = Words(pb.ObligationScope)
PERIOD: Final = Words(pb.ObligationPeriod)
EVIDENCE: Final = Words(pb.ObligationEvidence)
STATE: Final = Words(pb.ObligationState)
ACTIVITY: Final = Words(calendar_pb2.ActivityKind)

Note = Callable[[UnitOfWork, Sequence[dict[str, Any]]], Awaitable[None]]
Doubt = Callable[..., Awaitable[None]]


def contacts(note: Note, doubt: Doubt) -> Consumer:
    """Follows contacts: each is evidence for its area, unless somebody objects to it."""

    async def apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
        await note(unit, [_contact(event) for event in events if _in_area(event.message)])
        for event in events:
            if isinstance(event.message, contacts_pb2.ContactDisputed):
                kept = event.message.state == contacts_pb2.CONTACT_STATE_KEPT
                await doubt(unit, Evidence.CONTACT, event.message.liaison_entry_id, counts=kept)

    return Consumer("membership-cadence", "membership", ("liaison_entry",), apply)


def activities(note: Note) -> Consumer:
    """Follows activities: one that was held with people there is evidence, one that was published is none."""

    async def apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
        await note(unit, [_activity(event) for event in events if _was_held(event.message)])

    return Consumer("activity-cadence", "activity", ("activity",), apply)


def inspections(note: Note) -> Consumer:
    """Follows inspections: each is evidence for its site."""

    async def apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
        done = [one for one in events if isinstance(one.message, inspections_pb2.InspectionDone)]
        await note(unit, [_inspection(event) for event in done])

    return Consumer("ticket-cadence", "ticket", ("inspection",), apply)


def reports(note: Note) -> Consumer:
    """Follows reports: one that was accepted is evidence for the obligation that it names."""

    async def apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
        accepted = [one for one in events if isinstance(one.message, reports_pb2.ReportAccepted)]
        await note(unit, [_report(event) for event in accepted])

    return Consumer("reports-cadence", "membership", ("report",), apply)


def supervisions(note: Note) -> Consumer:
    """Follows supervisions: each is evidence for the building that was supervised."""

    async def apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
        held = [one for one in events if isinstance(one.message, supervision_pb2.SupervisionHeld)]
        await note(unit, [_supervision(event) for event in held])

    return Consumer("supervision-cadence", "membership", ("supervision",), apply)


def _in_area(said: Any) -> bool:
    return isinstance(said, contacts_pb2.ContactLogged) and bool(said.area_id)


def _was_held(said: Any) -> bool:
    return isinstance(said, calendar_pb2.ActivityHeld) and said.attended > 0


def _contact(event: Event) -> dict[str, Any]:
    said: Any = event.message
    on = days.parse("on_date", said.on_date)
    return _record(event, Evidence.CONTACT, said.liaison_entry_id, said.area_id, on)


def _activity(event: Event) -> dict[str, Any]:
    said: Any = event.message
    on = days.day_of(said.start_time.ToDatetime(UTC))
    found = _record(event, Evidence.ACTIVITY, said.activity_id, event.tenant_id, on)
    return {**found, "activity_kind": ACTIVITY.word(said.kind)}


def _inspection(event: Event) -> dict[str, Any]:
    said: Any = event.message
    on = days.day_of(said.inspect_time.ToDatetime(UTC))
    return _record(event, Evidence.INSPECTION, said.inspection_id, said.site_id, on)


def _report(event: Event) -> dict[str, Any]:
    said: Any = event.message
    on = days.parse("start_date", said.start_date)
    return _record(event, Evidence.REPORT, said.report_id, said.obligation_id, on)


def _supervision(event: Event) -> dict[str, Any]:
    said: Any = event.message
    on = days.parse("held_date", said.held_date)
    return _record(event, Evidence.SUPERVISION, said.supervision_id, event.tenant_id, on)


def _record(event: Event, kind: Evidence, record_id: str, subject_id: str, on: date | None) -> dict[str, Any]:
    return {
        "kind": kind,
        "id": record_id,
        "subject_id": subject_id,
        "activity_kind": "",
        "happened_on": on,
        "filed_on": days.day_of(event.occurred_at),
        "filed_by": "",
    }


def rule_changed(unit: UnitOfWork, row: Row, *, ended: bool) -> None:
    """A rule was decided, or ended."""
    event = pb.ObligationRuleChanged(
        obligation_rule_id=row.id, code=row.code, version=row.version, ended=ended, synthetic=row.synthetic
    )
    unit.emit(event, aggregate_id=row.id)


def began(unit: UnitOfWork, rule: Row, period: Period, due: date, bound: int) -> None:
    """A period of a rule began."""
    event = pb.ObligationsDue(
        obligation_rule_id=rule.id,
        code=rule.code,
        start_date=days.written(period.start),
        end_date=days.written(period.until),
        due_date=days.written(due),
        obligations=bound,
        synthetic=rule.synthetic,
    )
    unit.emit(event, aggregate_id=rule.id)


def _common(row: Row) -> dict[str, Any]:
    return {
        "obligation_id": row.id,
        "code": row.code,
        "scope": SCOPE.number(row.scope),
        "start_date": days.written(row.start_on),
        "due_date": days.written(row.due_on),
        "synthetic": row.synthetic,
    }


def settled(unit: UnitOfWork, row: Row, state: State) -> None:
    """The evidence put an obligation into another state."""
    event: Message
    match state:
        case State.MISSED:
            event = pb.ObligationMissed(**_common(row))
        case State.OPEN:
            event = pb.ObligationReopened(**_common(row))
        case _:
            by_word = row.evidence == Evidence.ATTESTED
            event = pb.ObligationFulfilled(**_common(row), late=state is State.LATE, attested=by_word)
    unit.emit(event, aggregate_id=row.id)


def waived(unit: UnitOfWork, row: Row) -> None:
    """The superior let an obligation go."""
    event = pb.ObligationWaived(**_common(row), superior_id=row.superior_id)
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id)


def reminded(unit: UnitOfWork, row: Row, level: Level, account: str, desk: str, *, overdue: bool) -> None:
    """Somebody in the building is to hear of it: an account, or else a duty group."""
    event = pb.ObligationReminded(
        **_common(row),
        title=row.title_zh,
        title_en=row.title_en or row.title_zh,
        level=pb.ObligationLevel.ValueType(level),
        overdue=overdue,
        account=account,
        desk="" if account else desk,
    )
    unit.emit(event, aggregate_id=row.id, audience=[account])


def escalated(unit: UnitOfWork, row: Row, desk: str) -> None:
    """It came before the superior."""
    event = pb.ObligationEscalated(
        **_common(row),
        title=row.title_zh,
        title_en=row.title_en or row.title_zh,
        superior_id=row.superior_id,
        desk=desk,
    )
    unit.emit(event, aggregate_id=row.id)
