"""Rules of satisfaction surveys: two waves of the same questions, and what of them is told. No I/O.

Source: mechanism 3-38 and the indicator of belonging (survey mean per dimension with n, two waves).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Invalid, WrongState


class State(StrEnum):
    """Where a survey stands."""

    DRAFT = "draft"
    BEFORE_OPEN = "before_open"
    BETWEEN = "between"
    AFTER_OPEN = "after_open"
    DONE = "done"


class Wave(StrEnum):
    """The two times it asks."""

    BEFORE = "before"
    AFTER = "after"


OPENS: Final = {State.DRAFT: State.BEFORE_OPEN, State.BETWEEN: State.AFTER_OPEN}
CLOSES: Final = {State.BEFORE_OPEN: State.BETWEEN, State.AFTER_OPEN: State.DONE}
ASKS: Final = {State.BEFORE_OPEN: Wave.BEFORE, State.AFTER_OPEN: Wave.AFTER}
CLOSED: Final = {
    State.BETWEEN: (Wave.BEFORE,),
    State.AFTER_OPEN: (Wave.BEFORE,),
    State.DONE: (Wave.BEFORE, Wave.AFTER),
}
"""The waves whose results can be seen: a mean that is watched while it grows says who answered what."""


@dataclass(frozen=True, slots=True)
class Tally:
    """All answers to one dimension together."""

    answers: int
    points: int


@dataclass(frozen=True, slots=True)
class Result:
    """What may be told of a wave. `means` is None while too few answered."""

    answers: int
    means: tuple[float, ...] | None


def verbs(state: str, *, runs: bool, answered: bool) -> list[str]:
    """What can be done with a survey now, by those who run it and by those who are asked."""
    found = []
    if runs and state in OPENS:
        found.append("open")
    if runs and state in CLOSES:
        found.append("close")
    if state in ASKS and not answered:
        found.append("answer")
    return found


def after_opening(state: str) -> State:
    """The state after opening the next wave."""
    return _next(OPENS, state)


def after_closing(state: str) -> State:
    """The state after closing the open wave."""
    return _next(CLOSES, state)


def _next(transitions: dict[State, State], state: str) -> State:
    present = State(state)
    if present not in transitions:
        raise WrongState("SURVEY_WRONG_STATE", state=state, allowed=verbs(state, runs=True, answered=True))
    return transitions[present]


def asking(state: str) -> Wave:
    """The wave that asks now; NO_WAVE_OPEN when none does."""
    wave = ASKS.get(State(state))
    if wave is None:
        raise Conflict("NO_WAVE_OPEN")
    return wave


def check_scores(scores: Sequence[int], dimensions: int) -> None:
    """One score for each dimension: SCORES_INCOMPLETE otherwise."""
    if len(scores) != dimensions:
        raise Invalid("SCORES_INCOMPLETE", fields=[FieldError("scores", "SCORES_INCOMPLETE")])


def result(tallies: Sequence[Tally], threshold: int) -> Result:
    """Means to one decimal place, and how many answered; neither while there are fewer than the threshold."""
    answers = min((tally.answers for tally in tallies), default=0)
    if answers < threshold:
        return Result(0, None)
    return Result(answers, tuple(round(tally.points / tally.answers, 1) for tally in tallies))
