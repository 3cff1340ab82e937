"""Periods: days that belong together. Pure: no I/O, no SQL, no protobuf.

All days are days of the district. A period begins where the one before it ended; only workdays leave days
out, the days on which nobody works.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Final, Protocol, TypeVar

Works = Callable[[date], bool]
"""Whether a day is worked: holidays and make-up workdays are in it."""

DAY: Final = timedelta(days=1)
LONGEST_HOLIDAY: Final = timedelta(days=60)
"""No holiday is longer; a calendar that says otherwise has no more workdays."""


class Length(StrEnum):
    """How long a period is."""

    DAY = "day"
    WORKDAY = "workday"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


MONTHS: Final = {Length.MONTH: 1, Length.QUARTER: 3, Length.HALF_YEAR: 6, Length.YEAR: 12}
OF_ONE_DAY: Final = frozenset({Length.DAY, Length.WORKDAY})


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to a day, both in it."""

    start: date
    until: date


def end_of(length: Length, day: date) -> date:
    """The last day of the period in which a day lies: weeks end on Sundays."""
    if length in OF_ONE_DAY:
        return day
    if length is Length.WEEK:
        return day + timedelta(days=6 - day.weekday())
    months = MONTHS[length]
    following = (day.month - 1) // months * months + months
    return date(day.year + following // 12, following % 12 + 1, 1) - DAY


def periods(length: Length, start: date, works: Works) -> Iterator[Period]:
    """Every period from a day on, without end. The first one is short where the day lies within a period."""
    while True:
        if length is Length.WORKDAY:
            start = _next_workday(start, works)
        until = end_of(length, start)
        yield Period(start, until)
        start = until + DAY


class Version(Protocol):
    """What was decided about a rule, and from which day on it holds."""

    @property
    def from_on(self) -> date: ...
    @property
    def period(self) -> str: ...


V = TypeVar("V", bound=Version)


def tiles(versions: Sequence[V], start: date, works: Works) -> Iterator[tuple[V, Period]]:
    """Every period of a rule from a day on, each with the version that holds on its first day.

    The newest of the versions that hold on a day is the one in force. `seam` chose the day from which each
    holds, so that no period is cut short by the next version.
    """
    start = max(start, min(version.from_on for version in versions))
    while True:
        version = _in_force(versions, start)
        period = next(periods(Length(version.period), start, works))
        if _in_force(versions, period.start) is version:
            yield version, period
            period_end = period.until
        else:  # days off, and another version by the next workday
            period_end = period.start - DAY
        start = period_end + DAY


def begun(versions: Sequence[V], start: date, today: date, works: Works) -> list[tuple[V, Period]]:
    """The periods of a rule from a day on that have begun by today, with their versions."""
    return list(takewhile(lambda one: one[1].start <= today, tiles(versions, start, works)))


def _in_force(versions: Sequence[V], day: date) -> V:
    return next(version for version in reversed(versions) if version.from_on <= day)


def seam(versions: Sequence[Version], start: date, wanted: date, works: Works) -> date:
    """The first day not before the wanted one on which a period begins, and so another version may; the next
    period begins at `start`."""
    return next(one.start for _, one in tiles(versions, start, works) if one.start >= wanted)


def _next_workday(day: date, works: Works) -> date:
    for offset in range(LONGEST_HOLIDAY.days):
        if works(day + timedelta(days=offset)):
            return day + timedelta(days=offset)
    raise OverflowError("no two months pass without a workday")
