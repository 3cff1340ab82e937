"""Duties: whoever supervises one is another person than whoever carries it out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Forbidden, Invalid
from membership.teams import rules
from membership.teams.rules import OPEN, Actor, Parts, State, Verb

PEOPLE = st.sampled_from(("王", "李", "赵"))
PARTS = st.builds(Parts, PEOPLE, PEOPLE, PEOPLE)
ACTORS = st.builds(Actor, st.sampled_from(("", "王", "李", "赵")), manages=st.booleans())


@given(PARTS)
def test_a_duty_names_two_people_at_least(parts: Parts) -> None:
    if parts.executor == parts.supervisor:
        with pytest.raises(Invalid):
            rules.check_parts(parts)
    else:
        rules.check_parts(parts)


@given(st.sampled_from(State), PARTS.filter(lambda one: one.executor != one.supervisor), ACTORS)
def test_nobody_confirms_what_they_did(state: State, parts: Parts, actor: Actor) -> None:
    verbs = rules.allowed(state, parts, actor)
    for verb in verbs:
        rules.check_part(verb, parts, actor)
        assert rules.move(state, verb) in State
    assert not {Verb.FINISH, Verb.CONFIRM} <= set(verbs)
    if Verb.CONFIRM in verbs or Verb.RETURN in verbs:
        assert actor.person_id == parts.supervisor != parts.executor
    if actor.person_id not in (parts.executor, parts.supervisor) and not actor.manages:
        assert verbs == []
        with pytest.raises(Forbidden):
            rules.check_part(Verb.FINISH, parts, actor)


@given(st.sampled_from(State), st.dates(), st.dates())
def test_only_what_is_open_is_overdue(state: State, due: date, today: date) -> None:
    assert rules.is_overdue(state, due, today) == (state in OPEN and due < today)


@given(st.integers(0, 5), st.integers(1, 5))
def test_a_team_below_its_minimum_is_flagged(members: int, minimum: int) -> None:
    assert rules.is_below(members, minimum) == (members < minimum)
