"""The events of development, whom they make a member, and the words of the contract."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from chassis import days
from chassis.consumer import Apply, Consumer
from chassis.events import Event
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import development_pb2 as pb
from membership.development.plans import By, Standing, Step

STATE: Final = Words(pb.DevelopmentState)
STAGE: Final = Words(pb.DevelopmentStage)
STANDING: Final = Words(pb.DevelopmentStanding)
BY: Final = Words(pb.StepSide)
UNIT: Final = Words(pb.StepUnit)
OUTCOME: Final = Words(pb.ReviewOutcome)
ENDING: Final = Words(pb.DevelopmentEnding)
DESK: Final = "party-desk"
"""The duty group that hears of applications, at the branch and at the superior."""


def outcomes(apply: Apply) -> Consumer:
    """Follows applications, so that the roster says what the superior approved."""
    return Consumer("development-roster", "membership", ("application",), apply)


def reached(told: Sequence[Event]) -> Iterator[tuple[str, Standing]]:
    """Applications whose person is something else now."""
    for event in told:
        said: Any = event.message
        if isinstance(said, pb.ApplicationAdvanced) and said.reached:
            yield said.application_id, Standing(STANDING.word(said.reached))


def lost(told: Sequence[Event], endings: Collection[str]) -> Iterator[str]:
    """Applications of probationary members that ended in one of these ways."""
    for event in told:
        said: Any = event.message
        if not isinstance(said, pb.ApplicationEnded) or ENDING.word(said.ending) not in endings:
            continue
        if said.standing == pb.DEVELOPMENT_STANDING_PROBATIONARY:
            yield said.application_id


def _common(row: Row) -> dict[str, Any]:
    return {
        "application_id": row.id,
        "person_id": row.person_id,
        "account": row.account or "",
        "synthetic": row.synthetic,
    }


def _emit(unit: UnitOfWork, row: Row, event: Any) -> None:
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id, audience=[row.account or ""])


def recorded(unit: UnitOfWork, row: Row) -> None:
    """The branch recorded an application."""
    _emit(unit, row, pb.ApplicationRecorded(**_common(row)))


def opened(unit: UnitOfWork, row: Row) -> None:
    """The person applied, or confirmed."""
    _emit(unit, row, pb.ApplicationOpened(**_common(row), org_unit_id=row.org_id, desk=DESK))


def denied(unit: UnitOfWork, row: Row) -> None:
    """The person said that it is not so."""
    _emit(unit, row, pb.ApplicationDenied(**_common(row)))


def advanced(unit: UnitOfWork, row: Row, step: Step, number: int) -> None:
    """A step was done."""
    event = pb.ApplicationAdvanced(
        **_common(row),
        step=step.code,
        number=number,
        stage=STAGE.number(row.stage),
        standing=STANDING.number(row.standing),
        reached=STANDING.number(step.reaches or ""),
        next_by=BY.number(row.next_by),
        superior_id=row.superior_id,
        desk=DESK if row.next_by == By.SUPERIOR else "",
    )
    _emit(unit, row, event)


def reviewed(unit: UnitOfWork, row: Row, outcome: str) -> None:
    """A review was recorded."""
    _emit(unit, row, pb.ApplicationReviewed(**_common(row), outcome=OUTCOME.number(outcome)))


def extended(unit: UnitOfWork, row: Row) -> None:
    """The probation was extended."""
    _emit(unit, row, pb.ApplicationExtended(**_common(row), months=row.extended_months))


def ended(unit: UnitOfWork, row: Row) -> None:
    """It came to an end before its last step."""
    event = pb.ApplicationEnded(
        **_common(row), ending=ENDING.number(row.ending), standing=STANDING.number(row.standing), desk=DESK
    )
    _emit(unit, row, event)


def _due(row: Row, step: Step) -> dict[str, Any]:
    return {
        **_common(row),
        "step": step.code,
        "title": step.title_zh,
        "title_en": step.title_en,
        "due_date": days.written(row.deadline),
    }


def reminded(unit: UnitOfWork, row: Row, step: Step, *, overdue: bool) -> None:
    """A day comes or has passed: the applicant hears of it for an own step, else the branch."""
    own = step.by is By.APPLICANT
    said = _due(row, step) | {"account": row.account or "" if own else ""}
    _emit(unit, row, pb.ApplicationReminded(**said, overdue=overdue, desk="" if own else DESK))


def escalated(unit: UnitOfWork, row: Row, step: Step) -> None:
    """The superior is to hear of it."""
    said = _due(row, step) | {"account": ""}
    _emit(unit, row, pb.ApplicationEscalated(**said, superior_id=row.superior_id, desk=DESK))
