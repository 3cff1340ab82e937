"""Rules of privacy: who goes before whom, how long is waited, what is in the way."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, WrongState
from identity.privacy import rules
from identity.privacy.rules import Kind, State

SERVICES = st.sets(st.sampled_from(["ticket", "window", "activity", "identity", "gateway"]))


@given(SERVICES, st.sampled_from(Kind))
def test_everyone_has_a_turn_and_nobody_before_whom_they_wait_for(services: set[str], kind: Kind) -> None:
    left = set(services)
    order: list[set[str]] = []
    while left:
        turn = set(rules.turn(kind, left))
        assert turn
        order.append(turn)
        left -= turn
    assert set().union(*order) == services
    if "gateway" in services and services - {"gateway", "identity"}:
        assert "gateway" not in order[0]
    if kind is Kind.ERASURE and "identity" in services:
        assert order[-1] == {"identity"}


@given(st.integers(0, 10_000))
def test_it_is_asked_again_ever_later_but_within_minutes(attempts: int) -> None:
    assert timedelta(0) < rules.after_attempt(attempts) <= rules.after_attempt(attempts + 1)
    assert rules.after_attempt(attempts) <= timedelta(minutes=5)


def test_what_is_open_is_in_the_way() -> None:
    rules.check_free({})
    with pytest.raises(Conflict) as refused:
        rules.check_free({"requests_tickets": 2, "administrator": 1})
    assert (refused.value.reason, refused.value.params) == ("ERASURE_BLOCKED", {"count": "3"})


@pytest.mark.parametrize("state", [state for state in State if state != State.WAITING])
def test_what_has_begun_cannot_be_undone(state: State) -> None:
    rules.check_undo(State.WAITING)
    with pytest.raises(WrongState):
        rules.check_undo(state)


def test_a_hold_comes_before_an_erasure_begins_or_not_at_all() -> None:
    for state in (State.WAITING, State.UNDONE, State.HELD):
        rules.check_hold(state)
    for state in (State.RUNNING, State.RELEASING, State.DONE):
        with pytest.raises(WrongState) as refused:
            rules.check_hold(state)
        assert refused.value.reason == "HOLD_TOO_LATE"


def test_where_a_request_ends() -> None:
    assert rules.finished(Kind.COPY, State.WAITING, held=False) is State.READY
    assert rules.finished(Kind.ERASURE, State.RUNNING, held=False) is State.DONE
    assert rules.finished(Kind.ERASURE, State.RUNNING, held=True) is State.HELD
    assert rules.finished(Kind.ERASURE, State.RELEASING, held=True) is State.DONE
