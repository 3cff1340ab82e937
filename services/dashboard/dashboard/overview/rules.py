"""What counts, over which period, and what events make of a fact. No I/O.

Facts are kept, not counters: one row per ticket, activity, enrolment, demand and service item. Every
figure is computed from the facts of its scope and period, so a median of the district is the median of
its tickets and never a mean of medians.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from chassis.days import beginning_of, day_of
from chassis.errors import FieldError, Invalid

LONGEST: Final = timedelta(days=3 * 366)
TARGET_LIVE_ITEMS: Final = 20
"""More than twenty services can be ordered in the building (document 1, 二十多种)."""


class Period(StrEnum):
    """What figures are computed over."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    CUSTOM = "custom"


class Step(StrEnum):
    """Length of a step of a trend, as PostgreSQL's date_trunc names it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Indicator(IntEnum):
    """The figures of the overview; the numbers are those of the contract."""

    ACTIVITIES_HELD = 1
    ATTENDANCE = 2
    PERSONS_ATTENDED = 3
    FIRST_RESPONSE_MEDIAN = 4
    FIRST_RESPONSE_P90 = 5
    FIRST_RESPONSE_IN_TIME = 6
    CLOSURE = 7
    CLOSURE_MEDIAN = 8
    REOPENING = 9
    SATISFACTION = 10
    RATING_COVERAGE = 11
    AFFAIRS_VOLUME = 12
    LIVE_ITEMS = 13


NUMBERS: Final = {
    Indicator.ACTIVITIES_HELD: 15,
    Indicator.ATTENDANCE: 15,
    Indicator.PERSONS_ATTENDED: 15,
    Indicator.FIRST_RESPONSE_MEDIAN: 28,
    Indicator.FIRST_RESPONSE_P90: 28,
    Indicator.FIRST_RESPONSE_IN_TIME: 28,
    Indicator.CLOSURE: 29,
    Indicator.CLOSURE_MEDIAN: 29,
    Indicator.REOPENING: 30,
    Indicator.SATISFACTION: 31,
    Indicator.RATING_COVERAGE: 31,
    Indicator.AFFAIRS_VOLUME: 32,
    Indicator.LIVE_ITEMS: 33,
}
"""The number of each figure in the district's list of indicators."""


@dataclass(frozen=True, slots=True)
class Range:
    """From a moment to a moment, the end not included."""

    period: Period
    start: datetime
    end: datetime


def range_of(period: Period, anchor: datetime, until: datetime | None = None) -> Range:
    """The period that holds `anchor`, in the district's calendar; a custom one runs to `until`.

    Raises Invalid for a custom period without an end, that ends before it starts, or over three years.
    """
    if period is Period.CUSTOM:
        if until is None or until <= anchor or until - anchor > LONGEST:
            raise Invalid("PERIOD_INVALID", fields=[FieldError("to_time", "PERIOD_INVALID")])
        return Range(period, anchor, until)
    day = day_of(anchor)
    match period:
        case Period.DAY:
            first, after = day, day + timedelta(days=1)
        case Period.WEEK:
            first = day - timedelta(days=day.weekday())
            after = first + timedelta(days=7)
        case Period.MONTH:
            first = day.replace(day=1)
            after = _months_on(first, 1)
        case Period.QUARTER:
            first = day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
            after = _months_on(first, 3)
    return Range(period, _midnight(first), _midnight(after))


def step_of(covered: Range) -> Step:
    """A step that gives a trend between some and some dozens of points."""
    length = covered.end - covered.start
    if length <= timedelta(days=62):
        return Step.DAY
    return Step.WEEK if length <= timedelta(days=370) else Step.MONTH


def steps(covered: Range, step: Step) -> list[datetime]:
    """The start of every step that touches the range, oldest first."""
    day = day_of(covered.start)
    if step is Step.WEEK:
        day -= timedelta(days=day.weekday())
    elif step is Step.MONTH:
        day = day.replace(day=1)
    found = []
    while (start := _midnight(day)) < covered.end:
        found.append(start)
        match step:
            case Step.DAY:
                day += timedelta(days=1)
            case Step.WEEK:
                day += timedelta(days=7)
            case Step.MONTH:
                day = _months_on(day, 1)
    return found


def _months_on(first: date, months: int) -> date:
    month = first.month - 1 + months
    return first.replace(year=first.year + month // 12, month=month % 12 + 1)


def _midnight(day: date) -> datetime:
    return beginning_of(day).astimezone(UTC)


def ratio(numerator: float, denominator: float) -> float | None:
    """A share; None ("n/a") for an empty denominator, never 0 or 1."""
    return numerator / denominator if denominator else None


class Ended(StrEnum):
    """How a ticket ended without being closed."""

    NOT = ""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Patch:
    """What some events of one ticket, in their order, make of its fact.

    `then` joins two patches; the database applies one to the row. Both keep the *first* acceptance and
    the first closing, and the *last* of everything else.
    """

    accepted_at: datetime | None = None
    in_time: bool | None = None
    first_closed_at: datetime | None = None
    sets_closed: bool = False
    closed_at: datetime | None = None
    automatically: bool = False
    reopened: int = 0
    rating: int | None = None
    ended: Ended | None = None

    def then(self, later: "Patch") -> "Patch":
        """This patch, then a later one."""
        accepted = later if self.accepted_at is None else self
        closed = later if later.sets_closed else self
        return Patch(
            accepted_at=accepted.accepted_at,
            in_time=accepted.in_time,
            first_closed_at=self.first_closed_at or later.first_closed_at,
            sets_closed=self.sets_closed or later.sets_closed,
            closed_at=closed.closed_at,
            automatically=closed.automatically,
            reopened=self.reopened + later.reopened,
            rating=self.rating if later.rating is None else later.rating,
            ended=self.ended if later.ended is None else later.ended,
        )


def accepted(at: datetime, *, in_time: bool) -> Patch:
    """A handler took the ticket on."""
    return Patch(accepted_at=at, in_time=in_time)


def closed(at: datetime, *, automatically: bool) -> Patch:
    """The ticket was closed, by its requester or by itself."""
    return Patch(first_closed_at=at, sets_closed=True, closed_at=at, automatically=automatically)


def reopened() -> Patch:
    """The requester did not agree: the ticket is open again and its rating void."""
    return Patch(sets_closed=True, reopened=1, rating=0, ended=Ended.NOT)


def rated(rating: int) -> Patch:
    """The requester rated the result."""
    return Patch(rating=rating)


def ended(how: Ended) -> Patch:
    """The ticket was refused or taken back."""
    return Patch(ended=how)


@dataclass(frozen=True, slots=True)
class Fact:
    """A ticket's fact, as its row keeps it."""

    accepted_at: datetime | None = None
    in_time: bool | None = None
    first_closed_at: datetime | None = None
    closed_at: datetime | None = None
    automatically: bool = False
    reopened: int = 0
    rating: int = 0
    ended: Ended = Ended.NOT

    def with_patch(self, patch: Patch) -> "Fact":
        """The fact after a patch: the model that the SQL of the projection is tested against."""
        changed = self
        if self.accepted_at is None and patch.accepted_at is not None:
            changed = replace(changed, accepted_at=patch.accepted_at, in_time=patch.in_time)
        if patch.sets_closed:
            changed = replace(changed, closed_at=patch.closed_at, automatically=patch.automatically)
        return replace(
            changed,
            first_closed_at=self.first_closed_at or patch.first_closed_at,
            reopened=self.reopened + patch.reopened,
            rating=self.rating if patch.rating is None else patch.rating,
            ended=self.ended if patch.ended is None else patch.ended,
        )


def fold(patches: Iterable[Patch]) -> Patch:
    """Patches of one ticket, in their order, as one."""
    joined = Patch()
    for patch in patches:
        joined = joined.then(patch)
    return joined
