"""What follows from marks: a missing month is no zero and not met, and a version keeps what it says."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Invalid
from membership.appraisal import months, rubrics, scoring
from membership.appraisal.rubrics import Channel, Item, Rubric
from membership.appraisal.scoring import Confirmed, Mark, MonthState, Outcome, Standing

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 1)
AFTER = date(2027, 6, 1)
YEAR = months.between(FIRST, LAST)
RUBRIC = Rubric(version=1, months_percent=80)
BOTH = Item("zone", "责任区", "Zone", 100, (Channel.MONTHLY, Channel.ON_SITE), "")
SCORES = st.integers(0, 100)
MARKS = st.lists(
    st.builds(
        Mark,
        st.just("zone"),
        st.sampled_from((Channel.MONTHLY, Channel.ON_SITE)),
        st.sampled_from(YEAR),
        SCORES,
    ),
    max_size=30,
)
OUTCOMES = st.lists(st.builds(Confirmed, st.integers(1, 30), st.sampled_from(Outcome), SCORES), max_size=6)


def standing(*marks: Mark, today: date = AFTER, ends: bool = False) -> Standing:
    return scoring.standing(BOTH, marks, FIRST, LAST, RUBRIC, today, ends=ends)


def monthly(*, without: int = 0, score: int = 90) -> list[Mark]:
    return [Mark("zone", Channel.MONTHLY, month, score) for month in YEAR[without:]]


@given(MARKS)
def test_a_month_nobody_looked_at_is_missing_and_moves_no_score(marks: list[Mark]) -> None:
    found = standing(*marks)
    assessed = {mark.month for mark in marks if mark.channel is Channel.MONTHLY}
    assert {cell.month for cell in found.cells if cell.state is MonthState.MISSING} == set(YEAR) - assessed
    assert all(cell.score is None for cell in found.cells if cell.state is MonthState.MISSING)
    assert (found.due, found.assessed) == (len(YEAR), len(assessed))
    # The same marks in a period with more months to miss: the same score.
    longer = scoring.standing(BOTH, marks, FIRST, months.following(LAST), RUBRIC, AFTER)
    assert longer.score == found.score
    assert (found.score is None) == (not marks)


@given(MARKS)
def test_a_missing_month_is_neither_a_zero_nor_met(marks: list[Mark]) -> None:
    found = standing(*marks)
    gaps = [cell.month for cell in found.cells if cell.state is MonthState.MISSING]
    if not gaps or found.score is None:
        return
    zeros = standing(*marks, *(Mark("zone", Channel.MONTHLY, gap, 0) for gap in gaps))
    full = standing(*marks, *(Mark("zone", Channel.MONTHLY, gap, 100) for gap in gaps))
    assert zeros.score is not None
    assert full.score is not None
    assert zeros.score <= full.score
    assert zeros.assessed == full.assessed == len(YEAR)


@given(MARKS, st.randoms(use_true_random=False))
def test_what_counts_is_the_latest_mark_of_each_target_way_and_month(
    marks: list[Mark], order: Random
) -> None:
    last = list(scoring.latest(marks).values())
    assert standing(*last).score == standing(*marks).score
    order.shuffle(last)
    assert standing(*last) == standing(*marks)


@given(st.integers(0, 12), st.booleans())
def test_enough_months_and_every_way_are_needed_for_a_result(missing: int, looked: bool) -> None:
    marks = monthly(without=missing)
    if looked:
        marks.append(Mark("zone", Channel.ON_SITE, FIRST, 80))
    found = standing(*marks)
    enough = (12 - missing) * 100 >= 80 * 12
    assert found.assessable == (looked and enough)
    assert (Channel.ON_SITE in found.missing_channels) == (not looked)


@given(MARKS, st.dates(FIRST, AFTER))
def test_what_is_enough_now_is_enough_at_year_end(marks: list[Mark], today: date) -> None:
    assert standing(*marks, today=today).assessable == standing(*marks, today=today, ends=True).assessable


def test_each_way_of_looking_counts_the_same() -> None:
    marks = [*monthly(score=90), *(Mark("zone", Channel.ON_SITE, month, 60) for month in YEAR[:3])]
    assert standing(*marks).score == 75


@given(st.dates(FIRST - timedelta(days=40), AFTER))
def test_a_month_is_to_come_then_due_then_missing(today: date) -> None:
    for cell in standing(today=today).cells:
        if today > months.last_day(cell.month) + timedelta(days=RUBRIC.due_days):
            assert cell.state is MonthState.MISSING
        elif today >= cell.month:
            assert cell.state is MonthState.DUE
        else:
            assert cell.state is MonthState.TO_COME


def test_at_year_end_what_is_still_due_is_missing() -> None:
    today = date(2026, 12, 5)
    assert standing(*monthly()[:10], today=today).due == 10
    found = standing(*monthly()[:10], today=today, ends=True)
    assert (found.due, found.assessed) == (12, 10)


@given(OUTCOMES)
def test_the_whole_is_never_more_than_its_parts_and_none_with_a_gap(confirmed: list[Confirmed]) -> None:
    found = scoring.whole(confirmed)
    if any(one.outcome is Outcome.NOT_ASSESSABLE for one in confirmed):
        assert found is None
        assert scoring.stars(found, RUBRIC.star_steps) is None
    else:
        assert found is not None
        assert 0 <= found * 100 <= sum(one.weight * one.score for one in confirmed)


@given(SCORES, SCORES)
def test_more_is_never_fewer_stars(low: int, high: int) -> None:
    low, high = sorted((low, high))
    fewer, more = scoring.stars(low, RUBRIC.star_steps), scoring.stars(high, RUBRIC.star_steps)
    assert fewer is not None
    assert more is not None
    assert 0 <= fewer <= more <= rubrics.STARS


@given(st.lists(st.integers(1, 99), min_size=1, max_size=6))
def test_weights_sum_to_the_whole_or_the_rubric_is_refused(weights: list[int]) -> None:
    items = [replace(BOTH, code=f"item-{number}", weight=weight) for number, weight in enumerate(weights)]
    if sum(weights) == 100:
        rubrics.check_rubric(items, RUBRIC.star_steps, 10, 60)
    else:
        with pytest.raises(Invalid) as refused:
            rubrics.check_rubric(items, RUBRIC.star_steps, 10, 60)
        assert refused.value.reason == "WEIGHTS_DO_NOT_SUM"


@pytest.mark.parametrize(
    ("items", "steps", "late", "reason"),
    [
        ([replace(BOTH, weight=50), replace(BOTH, weight=50)], (60, 70, 80, 88, 95), 60, "ITEM_TWICE"),
        ([replace(BOTH, channels=(Channel.ON_SITE,))], (60, 70, 80, 88, 95), 60, "NOTHING_BY_MONTH"),
        ([BOTH], (60, 60, 80, 88, 95), 60, "STAR_STEPS_DO_NOT_RISE"),
        ([BOTH], (60, 70, 80, 88, 95), 5, "CLOSED_BEFORE_DUE"),
    ],
)
def test_a_rubric_that_means_nothing_is_refused(
    items: list[Item], steps: tuple[int, ...], late: int, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        rubrics.check_rubric(items, steps, 10, late)
    assert refused.value.reason == reason


def test_the_proposal_is_sound_says_where_it_comes_from_and_appraises_nobody() -> None:
    items = rubrics.items_of(Rubric())
    rubrics.check_rubric(items, Rubric().star_steps, Rubric().due_days, Rubric().late_days)
    assert all("平台设定" in item.source for item in items)
    assert {channel for item in items for channel in item.channels} == set(Channel)
    with pytest.raises(Conflict):
        rubrics.check_decided(Rubric())


def test_a_version_keeps_its_targets_whatever_the_next_one_says() -> None:
    first = Rubric(version=1, items=rubrics.kept([BOTH]))
    Rubric(version=2, items=rubrics.kept([replace(BOTH, code="other")]))
    assert rubrics.items_of(first) == (BOTH,)


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(0, 14))
def test_a_period_has_one_to_twelve_whole_months_beside_each_other(today: date, length: int) -> None:
    first = months.of(today)
    last = first
    for _ in range(length):
        last = months.following(last)
    if length < months.LONGEST:
        months.check_period(first, last, today)
        found = months.between(first, last)
        assert len(found) == length + 1
        assert all(months.last_day(one) + timedelta(days=1) == after for one, after in pairwise(found))
    else:
        with pytest.raises(Invalid):
            months.check_period(first, last, today)


def test_nobody_is_appraised_for_what_was_before() -> None:
    with pytest.raises(Invalid) as refused:
        months.check_period(date(2026, 10, 1), date(2026, 12, 1), date(2026, 11, 22))
    assert refused.value.reason == "MONTH_IN_PAST"
