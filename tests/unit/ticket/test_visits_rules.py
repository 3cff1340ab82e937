"""Rounds of visits, check-in codes, and what a visit has to say."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.ids import new_id
from ticket.visits import rules
from ticket.visits.rules import Target

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@dataclass(frozen=True)
class Plan:
    start_date: date
    due_date: date
    every_days: int
    round: int = 1
    closed_at: datetime | None = None


@given(DAYS, st.integers(-3, 40), st.integers(0, 40))
def test_a_round_ends_on_the_day_it_begins_or_later_and_before_the_next(
    start: date, length: int, every: int
) -> None:
    due = start + timedelta(days=length)
    if length >= 0 and (not every or length < every):
        rules.check_plan(Target.ENTERPRISE, start, due, every)
        return
    with pytest.raises(Invalid, match="DUE_BEFORE_START" if length < 0 else "ROUNDS_OVERLAP"):
        rules.check_plan(Target.ENTERPRISE, start, due, every)


@given(DAYS, st.integers(1, 60), st.data(), st.integers(1, 30))
def test_rounds_follow_one_another_without_touching(
    start: date, every: int, data: st.DataObject, rounds: int
) -> None:
    length = data.draw(st.integers(0, every - 1))
    plan = Plan(start, start + timedelta(days=length), every)
    for _ in range(rounds):
        before = plan
        after = rules.next_round(plan, 3)
        assert after["missed"] == 3
        plan = replace(plan, **{name: after[name] for name in ("start_date", "due_date", "round")})
        assert plan.start_date > before.due_date
        assert plan.due_date - plan.start_date == before.due_date - before.start_date
    assert plan.round == rounds + 1
    assert plan.start_date == start + timedelta(days=every * rounds)


def test_a_plan_of_one_round_is_over_with_it_and_a_symposium_has_no_plan() -> None:
    day = date(2026, 11, 20)
    assert rules.next_round(Plan(day, day, 0), 2) == {"missed": 2, "settled": True}
    with pytest.raises(Invalid, match="SYMPOSIUM_UNPLANNED"):
        rules.check_plan(Target.SYMPOSIUM, day, day, 0)


def test_it_is_overdue_when_the_districts_day_is_over_and_not_before() -> None:
    plan = Plan(date(2026, 11, 1), date(2026, 11, 20), 0)
    last = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
    assert not rules.is_overdue(plan, 1, last)
    assert rules.is_overdue(plan, 1, last + timedelta(seconds=1))
    assert not rules.is_overdue(plan, 0, last + timedelta(days=3))
    assert not rules.is_overdue(replace(plan, closed_at=last), 1, last + timedelta(days=3))


@given(st.integers(-200_000, 200_000))
def test_a_visit_is_at_most_two_days_old_and_never_ahead(seconds: int) -> None:
    said = NOW - timedelta(seconds=seconds)
    if 0 <= seconds <= 172_800:
        assert rules.visited_at(said, NOW) == said
        return
    with pytest.raises(Invalid, match="VISIT_TIME_OUT_OF_RANGE"):
        rules.visited_at(said, NOW)


def test_a_code_is_its_places_own_and_read_from_the_wall_however_it_is_typed() -> None:
    tenant, site, other = new_id(), new_id(), new_id()
    code = rules.code(b"secret", tenant, site)
    assert code == rules.code(b"secret", tenant, site)
    rules.check_code(f" {code[:3].lower()} {code[3:]}", code)
    for wrong in ("", code[:-1], rules.code(b"secret", tenant, other), rules.code(b"other", tenant, site)):
        with pytest.raises(Invalid, match="CHECKIN_CODE_WRONG"):
            rules.check_code(wrong, code)


@pytest.mark.parametrize(
    ("target", "target_id", "topic", "remark", "reason"),
    [
        (Target.ENTERPRISE, "", "", "聊了近况", "TARGET_NOT_FOUND"),
        (Target.SYMPOSIUM, "", " ", "纪要", "TOPIC_MISSING"),
        (Target.SYMPOSIUM, "", "党员座谈会", "", "MINUTES_MISSING"),
    ],
)
def test_a_visit_says_to_whom_and_a_symposium_what_about(
    target: Target, target_id: str, topic: str, remark: str, reason: str
) -> None:
    with pytest.raises(Invalid, match=reason):
        rules.check_said(target, target_id, topic, remark)
