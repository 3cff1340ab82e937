"""Cadres: terms run forward, and no number told gives a small group away."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid, WrongState
from membership.cadres import rules
from membership.cadres.rules import Settings

TODAY = date(2026, 11, 21)
COUNTS = st.lists(st.integers(0, 12), min_size=1, max_size=8)


@given(COUNTS, st.integers(1, 6))
def test_what_is_told_never_lets_a_small_number_be_worked_out(counts: list[int], smallest: int) -> None:
    told = rules.withhold(counts, smallest)
    hidden = [count for count, shown in zip(counts, told, strict=True) if shown is None]
    for count, shown in zip(counts, told, strict=True):
        assert shown is None or shown == count
        assert shown is None or shown == 0 or shown >= smallest
    if hidden:
        # Whoever knows the total knows the sum of what is hidden: it must hide somebody among others.
        assert sum(hidden) >= smallest or all(shown is None for shown in told) or sum(counts) < smallest
        assert len(hidden) >= 2 or len(counts) == 1


@given(COUNTS.filter(lambda counts: all(count == 0 or count >= 3 for count in counts)))
def test_large_groups_are_told_as_they_are(counts: list[int]) -> None:
    assert rules.withhold(counts, 3) == counts


@given(
    st.lists(st.one_of(st.none(), st.integers(1930, 2008)), max_size=60),
    st.lists(st.integers(18, 90), min_size=1, max_size=6, unique=True).map(sorted),
)
def test_everyone_is_in_one_band(years: list[int | None], borders: list[int]) -> None:
    bands, unknown = rules.bands(years, TODAY, Settings(tuple(borders), 1))
    assert sum(band.count or 0 for band in bands) + (unknown or 0) == len(years)
    for band, following in pairwise(bands):
        assert band.to_age + 1 == following.from_age
    assert (bands[0].from_age, bands[-1].to_age) == (0, 0)


@given(st.dates(date(2000, 1, 1), date(2026, 1, 1)), st.integers(-300, 300), st.integers(-300, 300))
def test_a_term_lies_after_the_founding_and_runs_forward(founded: date, start: int, length: int) -> None:
    first = founded + timedelta(days=start)
    last = first + timedelta(days=length)
    if start >= 0 and length >= 0:
        rules.check_term(first, last, founded)
        assert rules.is_over(last, last + timedelta(days=1))
        assert not rules.is_over(last, last)
    else:
        with pytest.raises(Invalid):
            rules.check_term(first, last, founded)


def test_a_post_ends_once_and_not_before_it_began() -> None:
    rules.check_end(held=True, first=TODAY, last=TODAY)
    with pytest.raises(WrongState):
        rules.check_end(held=False, first=TODAY, last=TODAY)
    with pytest.raises(Invalid):
        rules.check_end(held=True, first=TODAY, last=TODAY - timedelta(days=1))


@pytest.mark.parametrize("year", [1900, 2009, 2026, 2100])
def test_years_of_birth_that_cannot_be_are_refused(year: int) -> None:
    rules.check_birth_year(0, TODAY)
    rules.check_birth_year(2008, TODAY)
    with pytest.raises(Invalid):
        rules.check_birth_year(year, TODAY)


def test_borders_rise_and_what_is_not_given_stays() -> None:
    held = rules.changed(rules.DEFAULTS, [30, 60], 0)
    assert held == Settings((30, 60), rules.DEFAULTS.smallest_told)
    assert rules.changed(held, [], 5) == Settings((30, 60), 5)
    for wrong in ([40, 30], [30, 30]):
        with pytest.raises(Invalid):
            rules.changed(held, wrong, 0)
