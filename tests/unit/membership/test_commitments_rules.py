"""What becomes of a commitment."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Invalid
from membership.commitments import rules
from membership.commitments.rules import State

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@given(made=DAYS, lasts=st.none() | st.integers(0, 800), later=st.integers(0, 1000), withdrawn=st.booleans())
def test_it_holds_through_its_last_day_unless_withdrawn(
    made: date, lasts: int | None, later: int, withdrawn: bool
) -> None:
    until = None if lasts is None else made + timedelta(days=lasts)
    rules.check_period(until, made)
    standing = rules.state(withdrawn=withdrawn, until_on=until, today=made + timedelta(days=later))
    if withdrawn:
        assert standing is State.WITHDRAWN
    else:
        assert (standing is State.IN_FORCE) == (lasts is None or later <= lasts)


def test_it_cannot_end_before_it_begins() -> None:
    with pytest.raises(Invalid, match="COMMITMENT_ENDS_IN_PAST"):
        rules.check_period(date(2026, 6, 30), date(2026, 7, 1))


@pytest.mark.parametrize("over", [State.WITHDRAWN, State.LAPSED])
def test_only_what_holds_is_taken_back(over: State) -> None:
    rules.check_withdrawal(State.IN_FORCE)
    with pytest.raises(Conflict, match="COMMITMENT_OVER"):
        rules.check_withdrawal(over)
