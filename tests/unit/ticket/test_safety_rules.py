"""A rate has a denominator, an accident a reporter, a near miss none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Forbidden, Invalid
from ticket.safety import rules
from ticket.safety.rules import Kind

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@given(st.integers(1, 1000), st.dictionaries(st.text(), st.integers(1, 400), max_size=6))
def test_the_rate_is_a_share_of_what_was_watched(acts: int, counts: dict[str, int]) -> None:
    if sum(counts.values()) > acts:
        with pytest.raises(Invalid, match="MORE_UNSAFE_THAN_WATCHED"):
            rules.check_counts(acts, counts)
        return
    rate = rules.rate(rules.check_counts(acts, counts), acts)
    assert rate is not None
    assert 0 <= rate <= 1


def test_where_nothing_was_watched_there_is_no_rate() -> None:
    assert rules.rate(0, 0) is None


@given(st.integers(0, 10_000))
def test_accident_free_days_are_whole_days(hours: int) -> None:
    days = rules.accident_free_days(NOW - timedelta(hours=hours), NOW)
    assert hours // 24 <= days <= hours // 24 + 1


def test_a_near_miss_is_anyones_and_keeps_nobody() -> None:
    rules.check_reporter(Kind.NEAR_MISS, looks_after_safety=False)
    assert rules.kept_reporter(Kind.NEAR_MISS, "someone") is None
    assert rules.kept_reporter(Kind.ACCIDENT, "someone") == "someone"
    with pytest.raises(Forbidden, match="ACCIDENT_BY_SAFETY_DESK"):
        rules.check_reporter(Kind.ACCIDENT, looks_after_safety=False)


def test_nothing_happened_in_the_future() -> None:
    assert rules.happened_at(None, NOW, "occur_time") == NOW
    with pytest.raises(Invalid, match="MOMENT_AHEAD"):
        rules.happened_at(NOW + timedelta(seconds=1), NOW, "occur_time")
