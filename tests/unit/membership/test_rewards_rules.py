"""Rules of the shop."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, WrongState
from membership.rewards import rules
from membership.rewards.rules import State


@dataclass(frozen=True)
class Reward:
    live: bool
    stock: int
    limit_per_person: int


@given(st.booleans(), st.integers(0, 3), st.integers(0, 3), st.integers(0, 4))
def test_one_goes_exactly_where_it_is_sold_left_and_allowed(
    live: bool, stock: int, limit: int, had: int
) -> None:
    allowed = live and stock > 0 and (limit == 0 or had < limit)
    try:
        rules.check_redeemable(Reward(live, stock, limit), had)
    except Conflict:
        assert not allowed
    else:
        assert allowed


@given(st.integers(0, 50), st.integers(-60, 60))
def test_the_stock_never_goes_below_none(stock: int, pieces: int) -> None:
    try:
        assert rules.restocked(stock, pieces) == stock + pieces >= 0
    except Conflict:
        assert stock + pieces < 0


@pytest.mark.parametrize("state", [State.FULFILLED, State.CANCELLED])
def test_a_redemption_ends_once(state: State) -> None:
    rules.settle(State.RESERVED)
    with pytest.raises(WrongState):
        rules.settle(state)


def test_nobody_hands_over_to_themselves() -> None:
    rules.check_hands_over("a", "b")
    with pytest.raises(Forbidden):
        rules.check_hands_over("a", "a")
