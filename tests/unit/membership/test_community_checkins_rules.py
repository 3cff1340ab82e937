"""Reporting to communities: the community has the last word, and nothing unconfirmed counts."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, Invalid, WrongState
from membership.community_checkins import rules
from membership.community_checkins.rules import (
    CHECKINS,
    SERVICES,
    Kind,
    Service,
    Serving,
    Settings,
    Side,
    State,
    Step,
    Verb,
)

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(st.sampled_from(Kind), st.lists(st.sampled_from(Verb), max_size=8))
def test_only_the_community_confirms_and_what_is_over_stays_over(kind: Kind, verbs: list[Verb]) -> None:
    state, confirmed = State.REPORTED, False
    for verb in verbs:
        side = CHECKINS[verb][0]
        if verb not in rules.allowed(state, kind, {side}):
            with pytest.raises(WrongState):
                rules.move(state, kind, verb)
            continue
        before, state = state, rules.move(state, kind, verb)
        assert before in rules.OPEN
        confirmed |= side is Side.COMMUNITY and state is State.CONFIRMED
        assert state is not State.CONFIRMED or confirmed
    leaving = Verb.LEAVE if kind is Kind.MEMBER else Verb.END
    offered = rules.allowed(state, kind, set(Side))
    assert (leaving in offered) == (state in rules.OPEN)
    assert not {Verb.LEAVE, Verb.END} - {leaving} & set(offered)


@given(st.sampled_from([Service.ASKED, Service.TAKEN]), st.lists(st.sampled_from(Step), max_size=10))
def test_a_service_is_confirmed_after_both_sides_said_so(state: Service, taken: list[Step]) -> None:
    said: list[Step] = []
    for step in taken:
        if step not in rules.steps(state, {SERVICES[step][0]}):
            with pytest.raises(WrongState):
                rules.step(state, step)
            continue
        state = rules.step(state, step)
        said.append(step)
    if state is Service.CONFIRMED:
        assert said[-2:] == [Step.REPORT, Step.CONFIRM]
    assert (state in rules.UNDONE) == bool(rules.steps(state, set(Side)))


@given(DAYS, st.integers(-40, 40), st.integers(0, 400))
def test_what_was_served_lies_between_reporting_and_today(since: date, after: int, length: int) -> None:
    today, held = since + timedelta(days=length), since + timedelta(days=after)
    if 0 <= after <= length:
        rules.check_held(held, since, today)
        return
    with pytest.raises(Invalid, match="SERVED_OUTSIDE"):
        rules.check_held(held, since, today)


@given(st.lists(st.integers(0, 20_000), max_size=20), st.integers(0, 200))
def test_nobody_reaches_what_is_not_configured(minutes: list[int], hours: int) -> None:
    reached = Settings(hours_year=hours).reached(minutes)
    assert reached == (sum(one >= hours * 60 for one in minutes) if hours else 0)


def test_who_may_serve_and_who_may_decide() -> None:
    rules.check_servings([Serving("甲", 60), Serving("乙", 90)], {"甲", "乙", "丙"})
    with pytest.raises(Invalid, match="SERVER_TWICE"):
        rules.check_servings([Serving("甲", 60), Serving("甲", 90)], {"甲"})
    with pytest.raises(Invalid, match="SERVER_NOT_REPORTED"):
        rules.check_servings([Serving("丁", 60)], {"甲"})
    with pytest.raises(Forbidden, match="OWN_RECORD"):
        rules.check_not_oneself("我", "我")
    with pytest.raises(Conflict, match="CHECKIN_HAS_TASKS"):
        rules.check_none_left(1)
    for kind, post in ((Kind.MEMBER, ""), (Kind.ORGANISATION, "care")):
        with pytest.raises(Invalid, match="CHECKIN_POST"):
            rules.check_post(kind, post)
    for kind, state in ((Kind.MEMBER, State.CONFIRMED), (Kind.ORGANISATION, State.REPORTED)):
        with pytest.raises(Conflict, match="CHECKIN_NOT_CONFIRMED"):
            rules.check_ready(kind, state)
    with pytest.raises(Invalid, match="TASK_IN_PAST"):
        rules.check_due(date(2026, 1, 1), date(2026, 1, 2))


def test_a_year_is_the_present_one_where_none_is_asked_for() -> None:
    assert rules.year_of(0, date(2026, 5, 1)) == (date(2026, 1, 1), date(2026, 12, 31))
    assert rules.year_of(2024, date(2026, 5, 1)) == (date(2024, 1, 1), date(2024, 12, 31))
