"""Periods lie beside each other: no day twice, none left out, whatever the month, the year or the holiday."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import days
from chassis.calendar import BusinessCalendar
from membership.cadence.periods import DAY, Length, Period, Works, end_of, periods, seam, tiles
from membership.cadence.periods import begun as begun_of

ANY_DAY = st.dates(date(2004, 1, 1), date(2060, 12, 31))
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
STATE = BusinessCalendar()
MANY = 60


@dataclass(frozen=True)
class Decided:
    """A version of a rule."""

    period: Length
    from_on: date


def begun(length: Length, start: date, today: date, works: Works) -> list[Period]:
    """The periods of a rule of which there is one version."""
    return [one for _, one in begun_of([Decided(length, start)], start, today, works)]


LONGEST = {Length.DAY: 1, Length.WORKDAY: 1, Length.WEEK: 7, Length.MONTH: 31, Length.QUARTER: 92}


@given(st.sampled_from(Length), ANY_DAY)
def test_no_day_is_in_two_periods_and_none_is_left_out(length: Length, start: date) -> None:
    found = list(islice(periods(length, start, STATE.works_on), MANY))
    for one, following in pairwise(found):
        assert one.start <= one.until < following.start
        between = [one.until + DAY * n for n in range(1, (following.start - one.until).days)]
        assert not between or length is Length.WORKDAY
        assert not any(STATE.works_on(day) for day in between)
        assert (one.until - one.start).days < LONGEST.get(length, 366)


@given(st.sampled_from([one for one in Length if one is not Length.WORKDAY]), ANY_DAY, ANY_DAY)
def test_a_day_lies_in_the_same_period_wherever_one_begins_to_count(
    length: Length, start: date, day: date
) -> None:
    start, day = min(start, day), max(start, day)
    end = end_of(length, day)
    assert day <= end
    assert end_of(length, end) == end
    assert end_of(length, end + DAY) > end
    if (day - start).days <= 400:
        assert end in {one.until for one in begun(length, start, day, STATE.works_on)}


@given(st.sampled_from(Length), ANY_DAY, st.integers(0, 200), st.integers(0, 200))
def test_going_on_where_one_stopped_finds_the_same_periods(
    length: Length, start: date, first: int, second: int
) -> None:
    last = start + timedelta(days=first + second)
    at_once = begun(length, start, last, STATE.works_on)
    before = begun(length, start, start + timedelta(days=first), STATE.works_on)
    seam = before[-1].until + DAY if before else start
    assert before + begun(length, seam, last, STATE.works_on) == at_once


@given(
    st.sampled_from(Length),
    ANY_DAY,
    st.lists(st.tuples(st.sampled_from(Length), st.integers(0, 60), st.integers(0, 60)), max_size=4),
)
def test_versions_begin_where_periods_end(
    first: Length, start: date, later: list[tuple[Length, int, int]]
) -> None:
    versions, today, following = [Decided(first, start)], start, start
    for length, days_on, ahead in later:
        today += DAY * days_on
        done = begun_of(versions, following, today, STATE.works_on)
        following = done[-1][1].until + DAY if done else following
        from_on = seam(versions, following, today + DAY * ahead, STATE.works_on)
        assert from_on >= max(following, today + DAY * ahead)
        versions.append(Decided(length, from_on))
    found = list(islice(tiles(versions, start, STATE.works_on), MANY))
    for (version, one), (_, another) in pairwise(found):
        assert one.until < another.start
        between = [one.until + DAY * n for n in range(1, (another.start - one.until).days)]
        assert not any(STATE.works_on(day) for day in between)
        assert not between or Length.WORKDAY in {one.period for one in versions}
        assert version is [each for each in versions if each.from_on <= one.start][-1]


@given(ANY_DAY, st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_workdays_are_those_of_the_building(start: date, off: set[int], worked: set[int]) -> None:
    said = {start + DAY * n: False for n in off} | {start + DAY * n: True for n in worked}
    calendar = BusinessCalendar(overrides=said)
    last = start + DAY * 40
    found = [one.start for one in begun(Length.WORKDAY, start, last, calendar.works_on)]
    assert found == [
        start + DAY * n for n in range(41) if calendar.works_on(start + DAY * n) and start + DAY * n <= last
    ]


@given(st.integers(0, 10 * 366 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes)))
def test_a_moment_lies_in_one_period_by_the_district_s_clock(moment: datetime) -> None:
    today = days.day_of(moment)
    assert today == (moment + timedelta(hours=8)).date()
    for length in Length:
        found = begun(length, today, today, lambda _: True)
        assert [one.start for one in found] == [today]


@pytest.mark.parametrize(
    ("length", "day", "end"),
    [
        (Length.MONTH, date(2028, 2, 1), date(2028, 2, 29)),
        (Length.MONTH, date(2026, 2, 28), date(2026, 2, 28)),
        (Length.QUARTER, date(2026, 12, 31), date(2026, 12, 31)),
        (Length.HALF_YEAR, date(2026, 6, 30), date(2026, 6, 30)),
        (Length.HALF_YEAR, date(2026, 7, 1), date(2026, 12, 31)),
        (Length.YEAR, date(2028, 2, 29), date(2028, 12, 31)),
        (Length.WEEK, date(2026, 12, 31), date(2027, 1, 3)),
    ],
)
def test_periods_end_where_the_calendar_says(length: Length, day: date, end: date) -> None:
    assert end_of(length, day) == end


def test_a_make_up_sunday_is_a_workday_and_a_holiday_is_none() -> None:
    # Around the National Day of 2025: the Sunday before it is worked, the eight days are not.
    found = [one.start for one in begun(Length.WORKDAY, date(2025, 9, 28), date(2025, 10, 9), STATE.works_on)]
    assert found == [date(2025, 9, 28), date(2025, 9, 29), date(2025, 9, 30), date(2025, 10, 9)]


def test_a_calendar_without_workdays_is_refused() -> None:
    with pytest.raises(OverflowError):
        begun(Length.WORKDAY, date(2026, 1, 1), date(2026, 1, 2), lambda _: False)
