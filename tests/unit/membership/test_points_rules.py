"""Rules of points: what is given depends on the version that held, and never passes its limit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.days import ZONE
from chassis.errors import Forbidden, Invalid
from membership.points import rules
from membership.points.rules import Fact, Given, Period, RuleVersion, Source

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
RULE = RuleVersion("r", 1, "主题党日", Source.ATTENDANCE, "org_life", "", 5, 0, "", BEGIN, None)
MOMENTS = st.integers(0, 800 * 24).map(lambda hours: BEGIN + timedelta(hours=hours))


def fact(at: datetime, number: int = 0, *, person: str = "p", brand: str = "") -> Fact:
    return Fact(Source.ATTENDANCE, f"f{number}", person, "org_life", brand, at)


@given(st.lists(MOMENTS, max_size=60), st.sampled_from(Period), st.integers(5, 40))
def test_a_limit_is_never_passed_and_never_left_unused(
    moments: list[datetime], period: Period, cap: int
) -> None:
    capped = replace(RULE, cap=cap, cap_period=period)
    found = rules.awards([capped], [fact(at, n) for n, at in enumerate(moments)], Given())
    sums: dict[datetime, int] = {}
    for award in found:
        start = rules.period_start(period, award.fact.at)
        sums[start] = sums.get(start, 0) + award.delta
    asked: dict[datetime, int] = {}
    for at in moments:
        start = rules.period_start(period, at)
        asked[start] = asked.get(start, 0) + RULE.delta
    assert sums == {start: min(cap, total) for start, total in asked.items()}


@given(st.lists(MOMENTS, min_size=1, max_size=40), st.integers(5, 12), st.integers(0, 39))
def test_what_was_given_before_counts_like_what_is_given_now(
    moments: list[datetime], cap: int, cut: int
) -> None:
    capped = replace(RULE, cap=cap, cap_period=Period.MONTH)
    facts = [fact(at, n) for n, at in enumerate(moments)]
    at_once = rules.awards([capped], facts, Given())
    first = rules.awards([capped], facts[:cut], Given())
    before = Given()
    for award in first:
        before.note("r", Period.MONTH, "p", award.fact.at, award.delta)
    assert first + rules.awards([capped], facts[cut:], before) == at_once


@given(MOMENTS, st.sampled_from(Period))
def test_periods_leave_no_hole_and_do_not_overlap(at: datetime, period: Period) -> None:
    start = rules.period_start(period, at)
    assert start <= at
    assert rules.period_start(period, start) == start
    before = rules.period_start(period, start - timedelta(microseconds=1))
    assert before < start
    assert start.astimezone(ZONE).hour == 0


@given(st.lists(MOMENTS, min_size=1, max_size=6, unique=True), MOMENTS)
def test_of_each_rule_one_version_holds(begins: list[datetime], at: datetime) -> None:
    versions = [replace(RULE, version=n, delta=n, from_at=begin) for n, begin in enumerate(sorted(begins), 1)]
    holding = rules.in_force(versions, at)
    begun = [one for one in versions if one.from_at <= at]
    assert holding == begun[-1:]


def test_a_rule_that_was_retired_gives_nothing_more() -> None:
    later = BEGIN + timedelta(days=10)
    retired = replace(RULE, version=2, from_at=later, until_at=later)
    assert rules.in_force([RULE, retired], later) == []
    assert rules.in_force([RULE, retired], later - timedelta(seconds=1)) == [RULE]


def test_a_rule_for_a_brand_answers_to_that_brand_only() -> None:
    branded = replace(RULE, activity_kind="", brand="量化积分党员先行")
    assert rules.answers(branded, fact(BEGIN, brand="量化积分党员先行"))
    assert not rules.answers(branded, fact(BEGIN, brand="勤·学思享"))
    assert not rules.answers(branded, fact(BEGIN))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"until_at": BEGIN - timedelta(days=1)}, "RULE_ENDS_BEFORE_IT_BEGINS"),
        ({"cap": 10}, "CAP_NEEDS_PERIOD"),
        ({"cap": 3, "cap_period": "month"}, "CAP_BELOW_DELTA"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        replace(RULE, **changes).check()
    assert refused.value.reason == reason


@pytest.mark.parametrize("caller", ["p", ""])
def test_nobody_posts_for_themselves_nor_without_being_somebody(caller: str) -> None:
    with pytest.raises(Forbidden):
        rules.check_not_oneself("p", caller)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 200), st.integers(1, 200))
def test_who_earned_more_is_in_no_lower_band(less: int, more: int, middle: int, above: int) -> None:
    figures = rules.Settings(band_middle=middle, band_high=middle + above)
    order = list(rules.Band)
    first, second = sorted((less, more))
    assert order.index(rules.band(first, figures)) <= order.index(rules.band(second, figures))
    assert rules.band(0, figures) is rules.Band.TAKING_PART


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(-5, 9), max_size=9), st.integers(1, 5)
)
def test_a_leaderboard_is_short_ordered_and_without_losers(scores: dict[str, int], size: int) -> None:
    board = rules.places([(name, name, points) for name, points in scores.items()], size)
    assert len(board) <= size
    assert all(one.points > 0 for one in board)
    assert [one.points for one in board] == sorted(
        (points for points in scores.values() if points > 0), reverse=True
    )[:size]
    for one in board:
        assert one.place == 1 + sum(1 for other in board if other.points > one.points)


def test_a_median_of_four_people_is_nobodys_business() -> None:
    assert rules.median_balance([1, 2, 3, 4]) is None
    assert rules.median_balance([5, 1, 4, 2, 3]) == 3
