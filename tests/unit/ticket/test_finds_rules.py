"""Rules of finds: who can do what with a thing and with a claim to it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chassis.errors import Forbidden, WrongState
from ticket.finds import rules
from ticket.finds.rules import HERE, OPEN, Standing, State

STATES, STANDINGS = st.sampled_from(State), st.sampled_from(Standing)


def claim(state: Standing, find_state: State = State.KEPT) -> SimpleNamespace:
    return SimpleNamespace(state=state, find_state=find_state, account="a", person_id="p")


@given(STANDINGS, STATES)
def test_nobody_verifies_what_they_claimed_or_wrote_down(standing: Standing, state: State) -> None:
    """The same person through another account neither."""
    made = claim(standing, state)
    for account, person in (("a", ""), ("a", "q"), ("b", "p")):
        with pytest.raises(Forbidden):
            rules.check_verifier(made, account, person)
        verbs = rules.claim_verbs(made, account, person, keeps=True)
        assert not {"verify", "decline"} & set(verbs)
    rules.check_verifier(made, "b", "q")
    rules.check_verifier(made, "b", "")


@given(STANDINGS, STATES, st.booleans(), st.booleans())
def test_the_verbs_of_a_claim_are_those_that_go_through(
    standing: Standing, state: State, keeps: bool, own: bool
) -> None:
    made = claim(standing, state)
    verbs = set(rules.claim_verbs(made, "a" if own else "b", "", keeps=keeps))
    if "verify" in verbs:
        assert (standing, state, keeps, own) == (Standing.CLAIMED, State.KEPT, True, False)
    assert ("withdraw" in verbs) == (own and standing in OPEN)
    assert ("decline" in verbs) == (keeps and not own and standing in OPEN)


@given(STATES, st.booleans(), st.booleans())
def test_the_verbs_of_a_find_are_those_that_go_through(state: State, keeps: bool, claims: bool) -> None:
    verbs = rules.find_verbs(SimpleNamespace(state=state), keeps=keeps, claims=claims)
    assert ("return" in verbs) == (keeps and state == State.RESERVED)
    assert ("handOn" in verbs) == (keeps and state in HERE)
    assert ("claim" in verbs) == (claims and state == State.KEPT)


@given(STATES)
def test_a_verb_in_the_wrong_place_is_refused(state: State) -> None:
    find = SimpleNamespace(state=state)
    if state in HERE:
        rules.check_state(find, HERE)
    else:
        with pytest.raises(WrongState):
            rules.check_state(find, HERE)


class Station(RuleBasedStateMachine):
    """One thing and three who claim it, in any order of what the rules let through: it is set aside for one
    claim at most, and given back to none but that."""

    def __init__(self) -> None:
        super().__init__()
        self.find = SimpleNamespace(state=State.KEPT)
        self.claims = [SimpleNamespace(state=Standing.WITHDRAWN) for _ in range(3)]

    @precondition(lambda self: self.find.state == State.KEPT)
    @rule(number=st.integers(0, 2))
    def claims_it(self, number: int) -> None:
        if self.claims[number].state not in OPEN:
            self.claims[number].state = Standing.CLAIMED

    @rule(number=st.integers(0, 2))
    def verifies(self, number: int) -> None:
        try:
            rules.check_claim(self.claims[number], {Standing.CLAIMED})
            rules.check_state(self.find, {State.KEPT})
        except WrongState:
            return
        self.claims[number].state, self.find.state = Standing.VERIFIED, State.RESERVED

    @rule(number=st.integers(0, 2))
    def lets_go(self, number: int) -> None:
        try:
            rules.check_claim(self.claims[number], OPEN)
            rules.check_state(self.find, HERE)
        except WrongState:
            return
        if self.claims[number].state == Standing.VERIFIED:
            self.find.state = State.KEPT
        self.claims[number].state = Standing.DECLINED

    @rule()
    def gives_back(self) -> None:
        try:
            rules.check_state(self.find, {State.RESERVED})
        except WrongState:
            return
        self.find.state = State.RETURNED
        for one in self.claims:
            if one.state == Standing.VERIFIED:
                one.state = Standing.FULFILLED

    @invariant()
    def set_aside_for_one(self) -> None:
        states = [one.state for one in self.claims]
        assert states.count(Standing.VERIFIED) == (self.find.state == State.RESERVED)
        assert states.count(Standing.FULFILLED) == (self.find.state == State.RETURNED)


Station.TestCase.settings = settings(max_examples=30, stateful_step_count=20)
TestStation = Station.TestCase
