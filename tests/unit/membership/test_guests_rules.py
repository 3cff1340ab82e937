"""Guests: nobody is one unasked, and what is over stays over."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Forbidden, Invalid, WrongState
from membership.guests import rules
from membership.guests.rules import OPEN, TRANSITIONS, Quarter, Settings, Side, State, Verb

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(st.sampled_from([State.INVITED, State.ASKED]), st.lists(st.sampled_from(Verb), max_size=8))
def test_both_sides_want_it_before_somebody_is_a_guest(state: State, verbs: list[Verb]) -> None:
    wanted = {Side.OFFICE} if state is State.INVITED else {Side.PERSON}
    for verb in verbs:
        side = TRANSITIONS[verb][0]
        before, offered = state, verb in rules.allowed(state, {side})
        if not offered:
            with pytest.raises(WrongState):
                rules.move(state, verb)
            continue
        state = rules.move(state, verb)
        assert before in OPEN
        wanted.add(side)
        if state is State.ADMITTED:
            assert wanted == {Side.PERSON, Side.OFFICE}


@given(st.none() | DAYS, DAYS, st.integers(1, 1830))
def test_a_last_day_is_none_that_has_passed(asked: date | None, today: date, days: int) -> None:
    settings = Settings(term_days=days)
    if asked is not None and asked < today:
        with pytest.raises(Invalid, match="GUEST_ENDS_IN_PAST"):
            rules.last_day(asked, today, settings)
        return
    until = rules.last_day(asked, today, settings)
    assert until == (asked or today + timedelta(days=days))
    assert not rules.is_over(until, until)
    assert rules.is_over(until, until + timedelta(days=1))


@given(DAYS)
def test_a_quarter_has_three_months(day: date) -> None:
    quarter = Quarter.of(day)
    assert quarter.first <= day <= quarter.last
    assert (quarter.first.day, quarter.last.month - quarter.first.month) == (1, 2)
    assert Quarter.of(quarter.last + timedelta(days=1)) != quarter
    assert Quarter.parse(str(quarter)) == quarter


def test_nobody_admits_themselves() -> None:
    with pytest.raises(Forbidden, match="OWN_RECORD"):
        rules.check_not_oneself("我", "我")
