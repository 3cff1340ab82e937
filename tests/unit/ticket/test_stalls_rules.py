"""Rules of stalls: who finds one better, when, and what a reader can do."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden
from ticket.stalls import rules
from ticket.stalls.rules import THERE, WELL, State

SCORES = st.integers(1, 100)


def stall(state: State = State.STRUGGLING, *, helped: int = 1, baseline: int = 50) -> SimpleNamespace:
    return SimpleNamespace(state=state, helped=helped, baseline=baseline, assessor="a", assessor_person="p")


@given(SCORES, SCORES)
def test_only_a_higher_score_is_an_improvement(baseline: int, score: int) -> None:
    after = rules.after(stall(baseline=baseline), score)
    assert after == (State.IMPROVED if score > baseline else State.STRUGGLING)


def test_whoever_found_it_in_difficulty_does_not_find_it_better() -> None:
    """The same person through another account neither."""
    for account, person in (("a", ""), ("a", "q"), ("b", "p")):
        with pytest.raises(Forbidden, match="OWN_STALL_ASSESSMENT"):
            rules.check_assessor(stall(), account, person)
        assert "reassess" not in rules.verbs(stall(), account, person, manages=True)
    for person in ("", "q"):
        rules.check_assessor(stall(), "b", person)
        assert "reassess" in rules.verbs(stall(), "b", person, manages=True)


@given(st.sampled_from(State), st.integers(0, 3), st.booleans(), st.booleans())
def test_the_verbs_are_those_that_go_through(state: State, helped: int, own: bool, manages: bool) -> None:
    one = stall(state, helped=helped)
    verbs = set(rules.verbs(one, "a" if own else "b", "", manages=manages))
    struggling = manages and state == State.STRUGGLING
    assert ("begin" in verbs) == (manages and state in WELL)
    assert ("help" in verbs) == struggling
    assert ("reassess" in verbs) == (struggling and helped > 0 and not own)
    assert ("close" in verbs) == (manages and state in THERE)


def test_nothing_is_assessed_again_before_it_was_helped() -> None:
    with pytest.raises(Conflict, match="STALL_NOT_HELPED"):
        rules.check_helped(stall(helped=0))
    rules.check_helped(stall(helped=1))
