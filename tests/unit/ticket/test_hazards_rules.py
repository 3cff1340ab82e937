"""Whatever anyone tries in whatever order, it stays a sane hazard: closed by its verifier or not at all."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Forbidden, Invalid, WrongState
from ticket.hazards import rules
from ticket.hazards.rules import OPEN, TRANSITIONS, UNDONE, Actor, State, Verb

OWNER, VERIFIER, DESK, STRANGER = "owner", "verifier", "desk", "stranger"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ACTORS = [Actor(OWNER), Actor(VERIFIER), Actor(DESK, manages=True), Actor(STRANGER), Actor("", manages=False)]
steps = st.lists(st.tuples(st.sampled_from(list(Verb)), st.sampled_from(ACTORS)), max_size=40)


@dataclass(frozen=True)
class Hazard:
    state: str = State.FOUND
    owner_person: str | None = None
    verifier_person: str | None = None


@given(steps)
def test_only_the_verifier_closes_and_nothing_leads_out_of_closed(tried: list[tuple[Verb, Actor]]) -> None:
    hazard = Hazard()
    closed_by: str | None = None
    for verb, actor in tried:
        offered = rules.allowed(hazard, actor)
        try:
            state = rules.move(hazard, verb, actor)
        except (Forbidden, WrongState):
            assert verb not in offered
            continue
        assert verb in offered
        assert hazard.state in OPEN
        hazard = replace(hazard, state=state)
        if verb is Verb.ASSIGN:
            hazard = replace(hazard, owner_person=OWNER, verifier_person=VERIFIER)
        if state is State.VERIFIED:
            closed_by = actor.person_id
    assert (hazard.state == State.VERIFIED) == (closed_by is not None)
    assert closed_by in (None, VERIFIER)


@given(st.sampled_from(list(State)), st.sampled_from(list(Verb)), st.booleans())
def test_the_owner_never_verifies_not_even_as_the_desk_or_where_the_record_says_so(
    state: State, verb: Verb, manages: bool
) -> None:
    # The same person in both places cannot come about; if it did, it would still not verify itself.
    hazard = Hazard(state, OWNER, OWNER)
    if verb in rules.VERIFIER_VERBS:
        with pytest.raises((Forbidden, WrongState)):
            rules.move(hazard, verb, Actor(OWNER, manages))


def test_verifying_leads_only_from_submitted() -> None:
    assert TRANSITIONS[Verb.VERIFY] == (frozenset({State.SUBMITTED}), State.VERIFIED)
    assert [verb for verb, (_, after) in TRANSITIONS.items() if after is State.VERIFIED] == [Verb.VERIFY]


@given(st.text(min_size=1), st.text(min_size=1))
def test_owner_and_verifier_are_two_persons(owner: str, verifier: str) -> None:
    if owner == verifier:
        with pytest.raises(Invalid, match="VERIFIER_IS_OWNER"):
            rules.check_apart(owner, verifier)
    else:
        rules.check_apart(owner, verifier)


@given(
    st.sampled_from(list(State)),
    st.integers(-1000, 1000),
    st.one_of(st.none(), st.integers(-1000, 1000)),
)
def test_every_deadline_that_passes_is_due_once(
    state: State, deadline_h: int, escalated_h: int | None
) -> None:
    deadline = NOW + timedelta(hours=deadline_h)
    escalated = None if escalated_h is None else min(NOW, NOW + timedelta(hours=escalated_h))
    due = rules.is_due(state, deadline, escalated, NOW)
    assert due == (
        state in UNDONE and deadline <= NOW and not (escalated is not None and escalated >= deadline)
    )
    if due:
        assert not rules.is_due(state, deadline, NOW, NOW)


def test_a_deadline_lies_ahead() -> None:
    rules.check_deadline(NOW + timedelta(seconds=1), NOW)
    with pytest.raises(Invalid, match="DEADLINE_NOT_AHEAD"):
        rules.check_deadline(NOW, NOW)
