"""Rules of inspections: all five classes answered, unannounced, enough of them in a week. No I/O.

Source: mechanisms 3-23 (每周不定期) and 3-24 (用电线路、用电设施设备、消防栓、灭火器、食品安全).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from chassis.days import day_of
from chassis.errors import FieldError, Forbidden, Invalid, WrongState

CLASSES: Final = ("wiring", "electrical", "hydrant", "extinguisher", "food")
"""The five classes of document 3, in its order."""
LATEST: Final = timedelta(days=2)
"""A phone may be without a link for so long; what is older is not an inspection any more but a memory."""


class State(StrEnum):
    """Where an inspection stands."""

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class Result(StrEnum):
    """What was found in a class."""

    GOOD = "good"
    PROBLEM = "problem"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one class."""

    check_class: str
    result: Result
    remark: str
    severity: str
    photos: Sequence[Any]


def in_order(answers: Sequence[Answer]) -> list[Answer]:
    """The answers in the order of the classes.

    Raises CHECKS_UNANSWERED where a class is missing, answered twice or none of the five, and
    PROBLEM_UNSAID where a problem comes without words.
    """
    given = [answer.check_class for answer in answers]
    missing = [name for name in CLASSES if name not in given]
    if missing or sorted(given) != sorted(CLASSES):
        raise Invalid(
            "CHECKS_UNANSWERED",
            fields=[FieldError("checks", "CHECKS_UNANSWERED")],
            params={"missing": ",".join(missing)},
        )
    silent = [
        FieldError(f"checks[{place}].remark", "PROBLEM_UNSAID")
        for place, answer in enumerate(answers)
        if answer.result is Result.PROBLEM and not answer.remark.strip()
    ]
    if silent:
        raise Invalid("PROBLEM_UNSAID", fields=silent)
    return sorted(answers, key=lambda answer: CLASSES.index(answer.check_class))


def check_plan_date(planned: date, now: datetime) -> None:
    """Plans are for today or later."""
    if planned < day_of(now):
        raise Invalid("PLAN_DATE_PAST", fields=[FieldError("plan_date", "PLAN_DATE_PAST")])


def inspected_at(said: datetime | None, now: datetime) -> datetime:
    """When the inspector was there; INSPECT_TIME_OUT_OF_RANGE ahead of now or more than two days ago."""
    if said is None:
        return now
    if not now - LATEST <= said <= now:
        fields = [FieldError("inspect_time", "INSPECT_TIME_OUT_OF_RANGE")]
        raise Invalid("INSPECT_TIME_OUT_OF_RANGE", fields=fields)
    return said


def check_planned(inspection: Any, account_id: str, site_id: str) -> None:
    """What is planned is recorded by its inspector, at the place that was planned, once."""
    if inspection.state != State.PLANNED:
        raise WrongState("INSPECTION_WRONG_STATE", state=inspection.state)
    if inspection.inspector != account_id:
        raise Forbidden("NOT_THE_INSPECTOR")
    if inspection.site_id != site_id:
        raise Invalid("NOT_THE_PLANNED_SITE", fields=[FieldError("site_id", "NOT_THE_PLANNED_SITE")])


def verbs(inspection: Any, account_id: str) -> list[str]:
    """What the reader can do: only a plan can still be done or called off."""
    if inspection.state != State.PLANNED:
        return []
    mine = inspection.inspector == account_id
    return ["record", "cancel"] if mine else ["cancel"]


def has_gap(done: int, required: int) -> bool:
    """Fewer inspections in the week than a place needs."""
    return done < required
