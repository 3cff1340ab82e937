"""Zones: nobody decides alone, a place has one holder, days are counted from the last accident."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, WrongState
from membership.zones import rules
from membership.zones.rules import CLAIMS, IN_FORCE, Actor, State, Verb

PEOPLE = ("王", "李")
ACTORS = st.builds(Actor, st.sampled_from(("", *PEOPLE)), manages=st.booleans(), decides=st.booleans())
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(st.sampled_from(State), st.sampled_from(PEOPLE), ACTORS)
def test_what_is_allowed_is_possible_and_never_a_decision_on_oneself(
    state: State, person: str, actor: Actor
) -> None:
    for verb in rules.allowed(state, person, actor):
        assert rules.move(state, verb) in State
        if verb in (Verb.APPROVE, Verb.RETURN):
            assert actor.person_id not in ("", person)
            rules.check_decides(person, actor.person_id)
        if verb in (Verb.DECLARE, Verb.WITHDRAW):
            assert actor.person_id == person


@given(st.lists(st.sampled_from(Verb), max_size=12))
def test_a_zone_comes_into_force_only_by_approval_and_out_of_it_only_by_its_end(verbs: list[Verb]) -> None:
    state = State.PROPOSED
    for verb in verbs:
        before = state
        try:
            state = rules.move(state, verb)
        except WrongState:
            assert before is state
            continue
        if state in IN_FORCE and before in CLAIMS:
            assert verb is Verb.APPROVE
        if before in IN_FORCE and state not in IN_FORCE:
            assert verb is Verb.END


@pytest.mark.parametrize("decider", ["", "王"])
def test_nobody_decides_on_their_own_zone(decider: str) -> None:
    with pytest.raises(Forbidden):
        rules.check_decides("王", decider)


@given(DAYS, st.lists(DAYS, max_size=4), DAYS)
def test_days_are_counted_from_the_last_accident_or_the_first_day(
    since: date, accidents: list[date], today: date
) -> None:
    found = rules.days_without(since, accidents, today)
    assert found >= 0
    later = [day for day in accidents if since <= day <= today]
    if today >= since:
        assert today - timedelta(days=found) == max(later, default=since)


@given(st.none() | st.sampled_from("ab"), st.none() | st.sampled_from("ab"))
def test_a_plaque_is_outdated_when_it_hangs_for_somebody_else(hung: str | None, now: str | None) -> None:
    assert rules.is_outdated(hung, now) == (hung is not None and hung != now)


def test_a_place_with_a_holder_is_not_free() -> None:
    rules.check_free("")
    with pytest.raises(Conflict):
        rules.check_free("王")
