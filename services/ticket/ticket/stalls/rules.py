"""Rules of stalls in difficulty. No I/O.

Source: mechanisms 0-18 (帮扶困难窗口): a first assessment, at least one dated piece of help, and a higher
score by another assessor turn a stall in difficulty into one that has improved. What a score looks at is the
centre's own affair; it is of 100.
"""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Any, Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class State(StrEnum):
    """Where a stall stands."""

    OPEN = "open"
    STRUGGLING = "struggling"
    IMPROVED = "improved"
    CLOSED = "closed"


class StepKind(StrEnum):
    """What happened to a stall."""

    BASELINE = "baseline"
    HELP = "help"
    REASSESSMENT = "reassessment"


WELL: Final = frozenset({State.OPEN, State.IMPROVED})
"""Stalls that need no help, and may come to need it."""
THERE: Final = frozenset({*WELL, State.STRUGGLING})
"""Stalls that are not gone."""


def check_state(stall: Any, allowed: Collection[State]) -> None:
    """A verb in its place."""
    if stall.state not in allowed:
        raise WrongState("STALL_WRONG_STATE", state=stall.state)


def check_help_day(stall: Any, day: date) -> None:
    """Help follows the assessment that asked for it."""
    if day < stall.began_on:
        reason = "STALL_HELP_TOO_EARLY"
        raise Invalid(reason, fields=[FieldError("date", reason)])


def check_assessor(stall: Any, account_id: str, person_id: str) -> None:
    """Whoever found a stall in difficulty does not find it better."""
    if _found_it(stall, account_id, person_id):
        raise Forbidden("OWN_STALL_ASSESSMENT")


def check_helped(stall: Any) -> None:
    """Nothing is assessed again before anything was done."""
    if not stall.helped:
        raise Conflict("STALL_NOT_HELPED")


def after(stall: Any, score: int) -> State:
    """Where a stall stands after it was assessed again."""
    return State.IMPROVED if score > stall.baseline else State.STRUGGLING


def verbs(stall: Any, account_id: str, person_id: str, *, manages: bool) -> list[str]:
    """What a reader can do with a stall."""
    if not manages or stall.state not in THERE:
        return []
    found = []
    if stall.state == State.STRUGGLING:
        found.append("help")
        if stall.helped and not _found_it(stall, account_id, person_id):
            found.append("reassess")
    else:
        found.append("begin")
    return [*found, "close"]


def _found_it(stall: Any, account_id: str, person_id: str) -> bool:
    return stall.assessor == account_id or (bool(person_id) and stall.assessor_person == person_id)
