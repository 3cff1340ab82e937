"""The steps of developing members, as data: what a plan is, which plans hold together, and when a step may
and should be done. Pure: no I/O, no SQL, no protobuf."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

from chassis.errors import FieldError, Invalid

Works = Callable[[date], bool]
"""Whether a day is worked."""

DAY: Final = timedelta(days=1)
NEVER: Final = date(9999, 12, 31)
_MONTHS: Final = 12
FIGURES: Final = ("within", "wait", "review_months", "reviews", "hours")
"""What a building may decide otherwise."""


class Stage(StrEnum):
    """A stage of the work, in order."""

    APPLICATION = "application"
    ACTIVIST = "activist"
    TARGET = "target"
    ADMISSION = "admission"
    PROBATION = "probation"


class Standing(StrEnum):
    """What a person is, in order."""

    APPLICANT = "applicant"
    ACTIVIST = "activist"
    TARGET = "target"
    PROBATIONARY = "probationary"
    FULL = "full"


class By(StrEnum):
    """Whose step it is."""

    APPLICANT = "applicant"
    BRANCH = "branch"
    SUPERIOR = "superior"


class Unit(StrEnum):
    """What a figure counts."""

    DAY = "day"
    WORKDAY = "workday"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `within` and `wait` count from the step `since`, else from the one before; 0 is no figure."""

    code: str
    stage: Stage
    by: By
    title_zh: str
    title_en: str
    within: int = 0
    within_unit: Unit = Unit.MONTH
    wait: int = 0
    wait_unit: Unit = Unit.MONTH
    since: str = ""
    review_months: int = 0
    reviews: int = 0
    people_least: int = 0
    people_most: int = 0
    hours: int = 0
    extend_least: int = 0
    extend_most: int = 0
    reaches: Standing | None = None
    source: str = ""
    designed: Sequence[str] = ()
    unconfirmed: Sequence[str] = ()


Plan = Sequence[Step]


@cache
def starter() -> Plan:
    """The steps that hold where a building has set no figures."""
    found = tomllib.loads(files("membership.development").joinpath("starter.toml").read_text("utf-8"))
    plan = tuple(read({"source": found["source"], **row}) for row in found["step"])
    check(plan)
    return plan


def read(row: Mapping[str, Any]) -> Step:
    """A step as it was written down."""
    units = {name: Unit(row[name]) for name in ("within_unit", "wait_unit") if name in row}
    reaches = Standing(row["reaches"]) if row.get("reaches") else None
    ordinary = {**row, **units, "reaches": reaches}
    return Step(**{**ordinary, "stage": Stage(row["stage"]), "by": By(row["by"])})


def written(plan: Plan) -> list[dict[str, Any]]:
    """A plan as it is kept."""
    return [
        {name: value for name, value in asdict(step).items() if value not in (0, "", None, (), [])}
        for step in plan
    ]


def changed(plan: Plan, figures: Mapping[str, Mapping[str, int]]) -> Plan:
    """A plan with other figures, by the code of a step. STEP_UNKNOWN, FIGURE_OF_NOTHING."""
    known = {step.code for step in plan}
    if strangers := sorted(set(figures) - known):
        raise Invalid(
            "STEP_UNKNOWN", fields=[FieldError("steps", "STEP_UNKNOWN")], params={"step": strangers[0]}
        )
    return tuple(_with(step, figures.get(step.code, {})) for step in plan)


def _with(step: Step, figures: Mapping[str, int]) -> Step:
    """What is set by the building is its own: neither from a source nor the platform's proposal."""
    for name, figure in figures.items():
        # A figure can be moved, not invented or dropped: a step without a term has none for a reason.
        if (figure > 0) != (getattr(step, name) > 0):
            raise Invalid(
                "FIGURE_OF_NOTHING",
                fields=[FieldError("steps", "FIGURE_OF_NOTHING")],
                params={"step": step.code},
            )
    moved: dict[str, Any] = {
        name: figure for name, figure in figures.items() if figure != getattr(step, name)
    }
    designed = tuple(name for name in step.designed if name not in moved)
    unconfirmed = tuple(name for name in step.unconfirmed if name not in moved)
    return replace(step, designed=designed, unconfirmed=unconfirmed, **moved)


def check(plan: Plan) -> None:
    """A plan holds together: stages in order, each standing reached once and in order, whatever is counted
    from comes before, the person acts before becoming a member, and becomes one by the superior's approval.
    ValueError."""
    order = {step.code: number for number, step in enumerate(plan)}
    if len(order) != len(plan):
        raise ValueError("a code stands for two steps")
    stages = [list(Stage).index(step.stage) for step in plan]
    if sorted(stages) != stages or set(stages) != set(range(len(Stage))):
        raise ValueError("stages are out of order")
    reached = [step.reaches for step in plan if step.reaches]
    if reached != list(Standing)[1:]:
        raise ValueError("standings are out of order")
    if any(order.get(step.since, len(plan)) >= number for number, step in enumerate(plan) if step.since):
        raise ValueError("a step counts from what comes after it")
    if plan[0].by is not By.APPLICANT:
        raise ValueError("the person begins")
    admission = next(number for number, step in enumerate(plan) if step.reaches is Standing.PROBATIONARY)
    own = [number for number, step in enumerate(plan) if step.by is By.APPLICANT and 0 < number < admission]
    if not own:
        raise ValueError("nobody becomes a member without an act of their own")
    if any(
        step.by is not By.SUPERIOR for step in plan if step.reaches in (Standing.PROBATIONARY, Standing.FULL)
    ):
        raise ValueError("only the superior makes a member")


def standing(plan: Plan, done: int) -> Standing:
    """What the person is after so many steps."""
    return next((step.reaches for step in reversed(plan[:done]) if step.reaches), Standing.APPLICANT)


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, _MONTHS)
    first = date(day.year + years, month + 1, 1)
    following = date(first.year + first.month // _MONTHS, first.month % _MONTHS + 1, 1)
    return min(first + (day.day - 1) * DAY, following - DAY)


def after(day: date, figure: int, unit: Unit, works: Works) -> date:
    """The day on which so much has passed."""
    match unit:
        case Unit.MONTH:
            return months_after(day, figure)
        case Unit.DAY:
            return day + figure * DAY
        case Unit.WORKDAY:
            for _ in range(figure):
                day = worked(day + DAY, works)
            return day


def worked(day: date, works: Works) -> date:
    """The day, or the next one that is worked."""
    while not works(day):
        day += DAY
    return day


@dataclass(frozen=True, slots=True)
class Days:
    """When a step may be done, and by when it should be."""

    earliest: date | None = None
    due: date | None = None


def days_of(plan: Plan, done: Mapping[str, date], extended_months: int, works: Works) -> Days:
    """The days of the step that comes next, `done` being when each before it was done. A term that ends on a
    day off ends on the next day that is worked."""
    if not 0 < len(done) < len(plan):
        return Days()
    step, before = plan[len(done)], plan[len(done) - 1]
    since = done[step.since or before.code]
    more = extended_months if step.extend_most else 0
    earliest = after(since, step.wait, step.wait_unit, works) if step.wait else None
    due = after(since, step.within, step.within_unit, works) if step.within else None
    if more:
        earliest = months_after(earliest, more) if earliest else None
        due = months_after(due, more) if due else None
    if due is not None:
        due = worked(max(due, earliest or due), works)
    return Days(earliest, due)


def review_due(step: Step, since: date) -> date | None:
    """When a review is due while a step is the next one, `since` the last review or the step before."""
    return months_after(since, step.review_months) if step.review_months else None


def joined_on(plan: Plan, done: Mapping[str, date]) -> date | None:
    """Since when the person belongs to the party: the day of the meeting that the superior has approved."""
    for number, step in enumerate(plan):
        if step.reaches is Standing.PROBATIONARY and step.code in done:
            return done[step.since or plan[number - 1].code]
    return None
