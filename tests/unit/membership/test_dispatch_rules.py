"""Dispatch: one batch is there, and it leaves when the next one took over."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, DomainError, Forbidden, Invalid, WrongState
from membership.dispatch import rules
from membership.dispatch.rules import NEXT, OTHER, THERE, TRANSITIONS, Item, Side, State, Verb


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(Verb)), max_size=30))
def test_two_batches_never_serve_at_once_and_nothing_is_left_to_nobody(
    done: list[tuple[bool, Verb]],
) -> None:
    """Two batches of one link, moved at random as the commands would move them."""
    states = [State.SERVING, State.SELECTED]
    for first, verb in done:
        one, other = (0, 1) if first else (1, 0)
        if verb is Verb.START and states[other] in THERE:
            continue
        mirrored = OTHER.get(verb, {})
        if states[one] not in TRANSITIONS[verb][1] or (mirrored and states[other] not in mirrored):
            continue
        states[one] = rules.move(states[one], verb)
        if mirrored:
            states[other] = mirrored[states[other]]
        assert sum(state in THERE for state in states) <= 1
        assert sum(state in NEXT for state in states) <= 1
        # A hand-over has two sides, always.
        assert (State.HANDING_OVER in states) == (State.TAKING_OVER in states)


@given(st.sampled_from(State), st.sampled_from(Verb))
def test_a_verb_is_offered_where_it_is_possible(state: State, verb: Verb) -> None:
    side, moves = TRANSITIONS[verb]
    assert (verb in rules.allowed(state, {side})) == (state in moves)
    assert verb not in rules.allowed(state, set(Side) - {side})
    if state not in moves:
        with pytest.raises(WrongState, match="DISPATCH_WRONG_STATE"):
            rules.move(state, verb)


def test_what_is_refused() -> None:
    refused: tuple[tuple[Callable[[], None], str, type[DomainError]], ...] = (
        (lambda: rules.check_lead("我", "他"), "DISPATCH_NOT_LEAD", Forbidden),
        (lambda: rules.check_two("我", "我"), "OWN_RECORD", Forbidden),
        (lambda: rules.check_nobody_there(True), "DISPATCH_SOMEBODY_THERE", Conflict),
        (lambda: rules.check_nothing_open(2), "DISPATCH_HAS_ITEMS", Conflict),
        (
            lambda: rules.check_days(date(2026, 2, 1), date(2026, 1, 1)),
            "DISPATCH_DAYS",
            Invalid,
        ),
        (lambda: rules.check_works_there(State.HANDING_OVER), "DISPATCH_NOT_SERVING", Conflict),
        (lambda: rules.check_open(Item.DONE), "DISPATCH_ITEM_DONE", Conflict),
    )
    for call, reason, error in refused:
        with pytest.raises(error, match=reason):
            call()
