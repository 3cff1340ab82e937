"""Working time: holidays, make-up workdays, several shifts, and sums that hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendar import ROUND_THE_CLOCK, BusinessCalendar, Shift

OFFICE = BusinessCalendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2025-06-10T09:00", 1, "2025-06-10T10:00"),
        ("2025-06-10T11:30", 1, "2025-06-10T14:30"),  # over the lunch break
        ("2025-06-10T08:30", 3.5, "2025-06-10T12:00"),  # used up: due at the end of the shift
        ("2025-06-10T12:30", 1, "2025-06-10T15:00"),
        ("2025-06-13T17:00", 1, "2025-06-16T09:00"),  # over a weekend
        ("2025-09-30T17:00", 1, "2025-10-09T09:00"),  # over the National Day holiday
        ("2025-09-27T17:00", 1, "2025-09-28T09:30"),  # Saturday to a Sunday that is worked
        ("2025-06-10T20:00", 7, "2025-06-11T17:30"),
    ],
)
def test_when_working_time_is_over(start: str, hours: float, due: str) -> None:
    assert OFFICE.add_working_time(at(start), timedelta(hours=hours)) == at(due)


def test_state_holidays_and_make_up_days() -> None:
    assert not OFFICE.works_on(date(2025, 10, 1))
    assert OFFICE.works_on(date(2025, 9, 28))  # a Sunday worked for the holiday
    assert not OFFICE.works_on(date(2025, 6, 14))
    assert OFFICE.works_on(date(2099, 1, 1)) is (date(2099, 1, 1).weekday() < 5)


def test_a_tenant_overrides_single_days() -> None:
    calendar = BusinessCalendar(overrides={date(2025, 10, 1): True, date(2025, 6, 10): False})
    assert calendar.working_time_between(at("2025-10-01T00:00"), at("2025-10-02T00:00")) == timedelta(hours=7)
    assert calendar.add_working_time(at("2025-06-10T09:00"), timedelta(hours=1)) == at("2025-06-11T09:30")


def test_round_the_clock_has_no_gap_at_midnight() -> None:
    calendar = BusinessCalendar(shifts=ROUND_THE_CLOCK, every_day=True)
    start = at("2025-10-01T23:59")
    assert calendar.add_working_time(start, timedelta(minutes=2)) == start + timedelta(minutes=2)
    assert calendar.is_working(at("2025-10-02T00:00"))
    assert calendar.working_time_between(start, start + timedelta(days=3)) == timedelta(days=3)


def test_summer_time_is_real_time() -> None:
    calendar = BusinessCalendar(shifts=ROUND_THE_CLOCK, zone="Europe/Berlin", every_day=True)
    start = datetime(2025, 3, 30, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert calendar.working_time_between(start, start + timedelta(days=1)) == timedelta(hours=23)


def test_is_working_at_the_edges() -> None:
    assert OFFICE.is_working(at("2025-06-10T08:30"))
    assert not OFFICE.is_working(at("2025-06-10T12:00"))
    assert not OFFICE.is_working(at("2025-06-10T08:29"))


@pytest.mark.parametrize("shifts", [(), (Shift(0, 60), Shift(30, 90))])
def test_impossible_calendars_are_refused(shifts: tuple[Shift, ...]) -> None:
    with pytest.raises(ValueError, match="shift"):
        BusinessCalendar(shifts=shifts)


def test_impossible_amounts_are_refused() -> None:
    with pytest.raises(ValueError, match="backwards"):
        OFFICE.add_working_time(at("2025-06-10T09:00"), timedelta(seconds=-1))
    with pytest.raises(OverflowError):
        OFFICE.add_working_time(at("2025-06-10T09:00"), timedelta(days=4000))
    with pytest.raises(ValueError, match="forward"):
        Shift.parse("18:00-09:00")


MOMENTS = st.integers(0, 900 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(start=MOMENTS, minutes=st.integers(0, 6000))
def test_what_was_added_lies_between(start: datetime, minutes: int) -> None:
    amount = timedelta(minutes=minutes)
    due = OFFICE.add_working_time(start, amount)
    assert due >= start
    assert OFFICE.working_time_between(start, due) == amount


@given(a=MOMENTS, b=MOMENTS, c=MOMENTS)
def test_spans_add_up(a: datetime, b: datetime, c: datetime) -> None:
    first, second, third = sorted((a, b, c))
    parts = OFFICE.working_time_between(first, second) + OFFICE.working_time_between(second, third)
    assert parts == OFFICE.working_time_between(first, third)
    assert OFFICE.working_time_between(third, first) == timedelta(0)
