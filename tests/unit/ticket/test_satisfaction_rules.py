"""Two waves in their order, and means that few people's answers do not show in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Invalid, WrongState
from ticket.satisfaction import rules
from ticket.satisfaction.rules import State, Tally, Wave


def test_it_asks_before_and_after_and_shows_what_is_closed() -> None:
    state, seen = State.DRAFT, []
    for step in (rules.after_opening, rules.after_closing, rules.after_opening, rules.after_closing):
        state = step(state)
        seen.append((rules.ASKS.get(state), rules.CLOSED.get(state, ())))
    assert seen == [
        (Wave.BEFORE, ()),
        (None, (Wave.BEFORE,)),
        (Wave.AFTER, (Wave.BEFORE,)),
        (None, (Wave.BEFORE, Wave.AFTER)),
    ]


@given(st.sampled_from(State))
def test_what_is_not_its_turn_is_refused(state: State) -> None:
    verbs = rules.verbs(state, runs=True, answered=False)
    for verb, step in (("open", rules.after_opening), ("close", rules.after_closing)):
        if verb not in verbs:
            with pytest.raises(WrongState):
                step(state)
    if "answer" not in verbs:
        with pytest.raises(Conflict, match="NO_WAVE_OPEN"):
            rules.asking(state)
    assert "answer" not in rules.verbs(state, runs=True, answered=True)
    assert set(rules.verbs(state, runs=False, answered=False)) <= {"answer"}


@given(st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), max_size=12), st.integers(5, 8))
def test_a_result_needs_enough_answers(answers: list[list[int]], threshold: int) -> None:
    tallies = [Tally(len(answers), sum(scores)) for scores in zip(*answers, strict=True)]
    result = rules.result(tallies, threshold)
    if len(answers) < threshold:
        assert result == rules.Result(0, None)
    else:
        assert result.answers == len(answers)
        assert result.means is not None
        assert all(1 <= mean <= 5 for mean in result.means)


def test_every_dimension_gets_a_score() -> None:
    rules.check_scores([5, 4], 2)
    with pytest.raises(Invalid, match="SCORES_INCOMPLETE"):
        rules.check_scores([5], 2)
