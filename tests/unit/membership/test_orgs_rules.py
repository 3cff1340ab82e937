"""Organisations: everyone tries everything, and none is at work before it was approved."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, DomainError, Forbidden, Invalid, WrongState
from membership.orgs import rules
from membership.orgs.rules import Kind, Side, State, Verb

DAYS = st.dates(date(1921, 7, 1), date(2100, 1, 1))
STEPS = st.lists(st.tuples(st.sampled_from(Verb), st.sampled_from(Side)), max_size=12)
APPLIED = st.sampled_from(sorted(set(Kind) - {Kind.GROUP}))


@given(APPLIED, STEPS)
def test_nothing_is_active_that_was_not_approved_by_its_approver(
    kind: Kind, steps: list[tuple[Verb, Side]]
) -> None:
    state, approved = State.APPLIED, False
    for verb, side in steps:
        try:
            state = rules.move(kind, state, verb, side)
        except DomainError:
            continue
        approved = approved or (verb is Verb.APPROVE and side is Side.APPROVER)
        assert approved or state in (State.APPLIED, State.REJECTED)


@given(st.sampled_from(Kind), st.sampled_from(State), st.sampled_from(Verb), st.sampled_from(Side))
def test_what_is_allowed_works_and_the_rest_is_refused(
    kind: Kind, state: State, verb: Verb, side: Side
) -> None:
    if verb in rules.allowed(kind, state, frozenset({side})):
        assert rules.move(kind, state, verb, side) in State
        return
    with pytest.raises((WrongState, Forbidden)):
        rules.move(kind, state, verb, side)


@given(st.sampled_from(Kind), STEPS)
def test_an_end_is_an_end(kind: Kind, steps: list[tuple[Verb, Side]]) -> None:
    for over in (State.REJECTED, State.DISSOLVED):
        for verb, side in steps:
            with pytest.raises((WrongState, Forbidden)):
                rules.move(kind, over, verb, side)


@given(st.lists(st.sampled_from(Kind), min_size=1, max_size=8))
def test_no_chain_of_parents_puts_a_lower_organisation_above_a_higher_one(kinds: list[Kind]) -> None:
    ranks = {Kind.PARTY_COMMITTEE: 0, Kind.GENERAL_BRANCH: 1, Kind.BRANCH: 2, Kind.GROUP: 3}
    above: Kind | None = None
    for kind in kinds:
        try:
            rules.check_parent(kind, above)
        except Invalid:
            continue
        if above in ranks and kind in ranks:
            assert ranks[above] <= ranks[kind]
            assert kind is Kind.PARTY_COMMITTEE or ranks[above] < ranks[kind]
        above = kind


def test_a_group_stands_under_a_branch_and_nowhere_else() -> None:
    for parent in (None, *Kind):
        if parent is Kind.BRANCH:
            rules.check_parent(Kind.GROUP, parent)
        else:
            with pytest.raises(Invalid):
                rules.check_parent(Kind.GROUP, parent)


@given(st.uuids(), st.lists(st.uuids(), max_size=6))
def test_nothing_stands_above_itself(own: object, above: list[object]) -> None:
    line = [str(one) for one in above]
    rules.check_line("own", line)
    with pytest.raises(Invalid):
        rules.check_line("own", [*line, "own"])


@given(DAYS, st.integers(-400, 400))
def test_nothing_is_founded_before_its_approval(approved_on: date, later: int) -> None:
    day = approved_on + timedelta(days=later)
    if later >= 0:
        rules.check_founding(day, approved_on)
    else:
        with pytest.raises(Invalid):
            rules.check_founding(day, approved_on)


def test_the_person_who_applied_does_not_approve_whatever_the_account() -> None:
    rules.check_decider("one", "another")
    rules.check_decider(None, "another")
    with pytest.raises(Forbidden):
        rules.check_decider("one", "one")


@given(st.sampled_from(State))
def test_only_an_active_organisation_does_anything(state: State) -> None:
    if state is State.ACTIVE:
        rules.check_active(state, "支部")
    else:
        with pytest.raises(Conflict):
            rules.check_active(state, "支部")
