"""Working time: how much of it lies between two moments, and when a promise in working time is due.

A day has any number of shifts; state holidays and make-up workdays come from `chinesecalendar` and
can be overridden per tenant. "24 hours" is a calendar with the shift 00:00 to 24:00, without a gap at
midnight. All moments are aware; all amounts are timedeltas of working time.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import accumulate, islice, pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

MIDNIGHT = 24 * 60
_NOTHING: Final = timedelta(0)
_HORIZON_MONTHS: Final = 37
_KEPT_MONTHS: Final = 60


@dataclass(frozen=True, slots=True)
class Shift:
    """From minute to minute of the day; `end` may be 1440, the midnight that ends the day."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MIDNIGHT:
            raise ValueError("a shift runs forward within one day")

    @classmethod
    def parse(cls, text: str) -> "Shift":
        """From "08:30-12:00" or "00:00-24:00"."""
        start, end = (part.split(":") for part in text.split("-"))
        return cls(int(start[0]) * 60 + int(start[1]), int(end[0]) * 60 + int(end[1]))


OFFICE_HOURS = (Shift(8 * 60 + 30, 12 * 60), Shift(14 * 60, 17 * 60 + 30))
ROUND_THE_CLOCK = (Shift(0, MIDNIGHT),)


class _Month(NamedTuple):
    """The shifts of a month that are worked, in order: when each opens and closes in UTC, and how much
    working time of the month is over by then."""

    opens: tuple[datetime, ...]
    closes: tuple[datetime, ...]
    before: tuple[timedelta, ...]
    through: tuple[timedelta, ...]

    @property
    def total(self) -> timedelta:
        return self.through[-1] if self.through else _NOTHING

    def until(self, moment: datetime) -> timedelta:
        """The working time of the month that is over at a moment."""
        at = bisect_right(self.closes, moment)
        if at == len(self.closes):
            return self.total
        opens = self.opens[at]
        return self.before[at] + (moment - opens) if moment > opens else self.before[at]

    def when(self, worked: timedelta) -> datetime:
        """The moment at which so much of the month's working time is over, more than none of it."""
        at = bisect_left(self.through, worked)
        return self.opens[at] + (worked - self.before[at])


@dataclass(frozen=True)
class BusinessCalendar:
    """One tenant's working time.

    `overrides` says for single dates whether they are worked, against the state's calendar.
    `every_day` works on holidays and weekends too.
    """

    shifts: tuple[Shift, ...] = OFFICE_HOURS
    zone: str = "Asia/Shanghai"
    overrides: Mapping[date, bool] = field(default_factory=dict)
    every_day: bool = False

    def __post_init__(self) -> None:
        if not self.shifts:
            raise ValueError("a calendar needs a shift")
        ordered = sorted(self.shifts, key=lambda shift: shift.start)
        if any(after.start < before.end for before, after in pairwise(ordered)):
            raise ValueError("shifts overlap")
        object.__setattr__(self, "shifts", tuple(ordered))

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _known(self) -> dict[date, _Month]:
        return {}

    def moment(self, day: date, minute: int) -> datetime:
        """A minute of a day, 1440 being the midnight that ends it, in UTC."""
        return self._at(day, minute)

    def works_on(self, day: date) -> bool:
        """Whether a date is worked: the override, else the state's calendar, else the weekday."""
        if day in self.overrides:
            return self.overrides[day]
        return self.every_day or _is_state_workday(day)

    def is_working(self, moment: datetime) -> bool:
        """Whether a moment lies within a shift; its end does not."""
        month = next(self._months(moment))
        at = bisect_right(month.closes, moment)
        return at < len(month.opens) and month.opens[at] <= moment

    def add_working_time(self, start: datetime, amount: timedelta) -> datetime:
        """The moment at which `amount` of working time has passed since `start`, in UTC.

        An amount that is used up at the end of a shift is due at that end, not at the next start.
        ValueError for a negative amount, OverflowError where three years hold less working time.
        """
        if amount < _NOTHING:
            raise ValueError("working time does not run backwards")
        start = start.astimezone(UTC)
        if not amount:
            return start
        left = amount
        for month in islice(self._months(start), _HORIZON_MONTHS):
            left += month.until(start)
            if left <= month.total:
                return month.when(left)
            left -= month.total
        raise OverflowError("no three years hold that much working time")

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; zero where the end comes first."""
        if end <= start:
            return _NOTHING
        # Differences within one zone ignore its changes.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        last = _month_of(end.astimezone(self._zone))
        first = _month_of(start.astimezone(self._zone))
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        spans = (month.until(end) - month.until(start) for month in islice(self._months(start), months))
        return sum(spans, _NOTHING)

    def _months(self, moment: datetime) -> Iterator[_Month]:
        """The month that a moment lies in, and those that follow."""
        first = _month_of(moment.astimezone(self._zone))
        while True:
            yield self._month(first)
            first = _month_of(first + timedelta(days=31))

    def _month(self, first: date) -> _Month:
        # Every promise asks for the same few months, and zones are slow to reckon with.
        known = self._known.get(first)
        if known is None:
            if len(self._known) >= _KEPT_MONTHS:
                self._known.clear()
            self._known[first] = known = self._reckoned(first)
        return known

    def _reckoned(self, first: date) -> _Month:
        days = (first + timedelta(days=offset) for offset in range(31))
        worked = [day for day in days if day.month == first.month and self.works_on(day)]
        opens = tuple(self._at(day, shift.start) for day in worked for shift in self.shifts)
        closes = tuple(self._at(day, shift.end) for day in worked for shift in self.shifts)
        lengths = (end - start for start, end in zip(opens, closes, strict=True))
        through = tuple(accumulate(lengths))
        return _Month(opens, closes, (_NOTHING, *through[:-1]), through)

    def _at(self, day: date, minute: int) -> datetime:
        # Through UTC, so that spans are real time also where a zone changes its clocks.
        on = day if minute < MIDNIGHT else day + timedelta(days=1)
        minute %= MIDNIGHT
        local = datetime(on.year, on.month, on.day, minute // 60, minute % 60, tzinfo=self._zone)
        return local.astimezone(UTC)


def _month_of(day: date) -> date:
    return date(day.year, day.month, 1)


def _is_state_workday(day: date) -> bool:
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year the state has not announced yet
        return day.weekday() < 5
