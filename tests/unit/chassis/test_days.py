"""Days as people here count and write them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import days
from chassis.errors import Invalid

LATE = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
"""Past midnight here, and not yet in Greenwich."""
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


def test_the_day_is_the_districts_and_not_utcs() -> None:
    assert days.day_of(LATE) == date(2026, 11, 22)
    assert days.numbered(days.series("G", LATE), 7) == "G20261122-000007"


@given(DAYS)
def test_a_day_lasts_from_its_beginning_to_the_next(day: date) -> None:
    begins = days.beginning_of(day)
    assert days.day_of(begins) == day
    assert days.day_of(begins - timedelta(microseconds=1)) == day - timedelta(days=1)


@given(DAYS)
def test_what_is_written_is_read_again(day: date) -> None:
    assert days.parse("day", days.written(day)) == days.required("day", days.written(day)) == day
    assert days.monday_of(day).weekday() == 0
    assert 0 <= (day - days.monday_of(day)).days < 7


def test_nothing_is_nothing_and_what_is_no_day_is_said() -> None:
    assert days.parse("day", "") is None
    assert days.written(None) == ""
    for text, read in (("2026-02-30", days.parse), ("", days.required), ("yesterday", days.required)):
        with pytest.raises(Invalid, match="DATE_INVALID") as refused:
            read("day", text)
        assert [fault.field for fault in refused.value.fields] == ["day"]


def test_what_happened_happened_by_today() -> None:
    assert days.past("day", "", LATE) == date(2026, 11, 22)
    assert days.past("day", "", LATE, date(2026, 1, 1)) == date(2026, 1, 1)
    assert days.past("day", "2026-11-22", LATE) == date(2026, 11, 22)
    with pytest.raises(Invalid, match="DATE_IN_FUTURE"):
        days.past("day", "2026-11-23", LATE)
