"""All five classes or nothing, and a week that is a week."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.days import beginning_of, day_of, monday_of
from chassis.errors import Invalid
from ticket.inspections import rules
from ticket.inspections.rules import CLASSES, Answer, Result

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
names = st.sampled_from([*CLASSES, "other"])


def answer(name: str, result: Result = Result.GOOD, remark: str = "") -> Answer:
    return Answer(name, result, remark, "general", ())


@given(st.lists(names, max_size=7))
def test_each_class_is_answered_exactly_once(given_names: list[str]) -> None:
    answers = [answer(name) for name in given_names]
    if sorted(given_names) == sorted(CLASSES):
        assert [one.check_class for one in rules.in_order(answers)] == list(CLASSES)
    else:
        with pytest.raises(Invalid, match="CHECKS_UNANSWERED"):
            rules.in_order(answers)


def test_a_problem_comes_with_words() -> None:
    answers = [answer(name) for name in CLASSES[:4]] + [answer("food", Result.PROBLEM, "  ")]
    with pytest.raises(Invalid, match="PROBLEM_UNSAID") as refused:
        rules.in_order(answers)
    assert [fault.field for fault in refused.value.fields] == ["checks[4].remark"]


@given(st.integers(-5000, 5000))
def test_a_phone_may_be_late_by_two_days_and_never_early(minutes: int) -> None:
    said = NOW + timedelta(minutes=minutes)
    if -2 * 24 * 60 <= minutes <= 0:
        assert rules.inspected_at(said, NOW) == said
    else:
        with pytest.raises(Invalid, match="INSPECT_TIME_OUT_OF_RANGE"):
            rules.inspected_at(said, NOW)


@given(st.integers(-100_000, 100_000))
def test_every_moment_lies_in_the_week_of_its_monday(hours: int) -> None:
    moment = NOW + timedelta(hours=hours)
    monday = monday_of(day_of(moment))
    assert monday.weekday() == 0
    assert beginning_of(monday) <= moment < beginning_of(monday + timedelta(days=7))


def test_plans_are_for_today_or_later() -> None:
    rules.check_plan_date(date(2026, 11, 21), NOW)
    with pytest.raises(Invalid, match="PLAN_DATE_PAST"):
        rules.check_plan_date(date(2026, 11, 20), NOW)
