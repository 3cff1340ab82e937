"""Working time: how much of it lies between two moments, and when a promise in working time is due.

A day has any number of shifts; state holidays and make-up workdays come from `chinesecalendar` and
can be overridden per tenant. "24 hours" is a calendar with the shift 00:00 to 24:00, without a gap at
midnight. All moments are aware; all amounts are timedeltas of working time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

MIDNIGHT = 24 * 60
_HORIZON_DAYS = 3 * 366
_KEPT_DAYS = 2 * 366


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
    def _known(self) -> dict[date, tuple[tuple[datetime, datetime], ...]]:
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
        local = moment.astimezone(self._zone)
        return any(start <= moment < end for start, end in self._periods(local.date(), 1))

    def add_working_time(self, start: datetime, amount: timedelta) -> datetime:
        """The moment at which `amount` of working time has passed since `start`, in UTC.

        An amount that is used up at the end of a shift is due at that end, not at the next start.
        ValueError for a negative amount, OverflowError where three years hold less working time.
        """
        if amount < timedelta(0):
            raise ValueError("working time does not run backwards")
        start = start.astimezone(UTC)
        if not amount:
            return start
        left = amount
        for opens, closes in self._periods(start.astimezone(self._zone).date(), _HORIZON_DAYS):
            begins = max(opens, start)
            if begins >= closes:
                continue
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
        raise OverflowError("no three years hold that much working time")

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; zero where the end comes first."""
        if end <= start:
            return timedelta(0)
        start, end = (
            start.astimezone(UTC),
            end.astimezone(UTC),
        )  # differences within one zone ignore its changes
        first = start.astimezone(self._zone).date()
        days = (end.astimezone(self._zone).date() - first).days + 1
        spans = (min(end, closes) - max(start, opens) for opens, closes in self._periods(first, days))
        return sum((span for span in spans if span > timedelta(0)), timedelta(0))

    def _periods(self, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
        for offset in range(days):
            yield from self._shifts_on(first + timedelta(days=offset))

    def _shifts_on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        # Every promise asks for the same few weeks, and zones are slow to reckon with.
        known = self._known.get(day)
        if known is None:
            if len(self._known) >= _KEPT_DAYS:
                self._known.clear()
            worked = self.shifts if self.works_on(day) else ()
            known = tuple((self._at(day, shift.start), self._at(day, shift.end)) for shift in worked)
            self._known[day] = known
        return known

    def _at(self, day: date, minute: int) -> datetime:
        # Through UTC, so that spans are real time also where a zone changes its clocks.
        on = day if minute < MIDNIGHT else day + timedelta(days=1)
        minute %= MIDNIGHT
        local = datetime(on.year, on.month, on.day, minute // 60, minute % 60, tzinfo=self._zone)
        return local.astimezone(UTC)


def _is_state_workday(day: date) -> bool:
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year the state has not announced yet
        return day.weekday() < 5
