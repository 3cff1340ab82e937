"""The life of a zone, and when the grid is covered. Pure: no I/O, no SQL, no protobuf."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class State(StrEnum):
    """How far a zone is."""

    PROPOSED = "proposed"
    DECLARED = "declared"
    RETURNED = "returned"
    APPROVED = "approved"
    PLAQUED = "plaqued"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What is done with a zone."""

    DECLARE = "declare"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    RETURN = "return"
    HANG = "hang"
    END = "end"


TRANSITIONS: Final[Mapping[tuple[State, Verb], State]] = {
    (State.PROPOSED, Verb.DECLARE): State.DECLARED,
    (State.RETURNED, Verb.DECLARE): State.DECLARED,
    (State.PROPOSED, Verb.WITHDRAW): State.WITHDRAWN,
    (State.DECLARED, Verb.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Verb.WITHDRAW): State.WITHDRAWN,
    (State.DECLARED, Verb.APPROVE): State.APPROVED,
    (State.DECLARED, Verb.RETURN): State.RETURNED,
    (State.APPROVED, Verb.HANG): State.PLAQUED,
    # A new plaque for the same person: the relay number changed, or the old one was lost.
    (State.PLAQUED, Verb.HANG): State.PLAQUED,
    (State.APPROVED, Verb.END): State.ENDED,
    (State.PLAQUED, Verb.END): State.ENDED,
}
CLAIMS: Final = (State.PROPOSED, State.DECLARED, State.RETURNED)
"""Somebody may come to hold the place; it does not have a zone yet."""
IN_FORCE: Final = (State.APPROVED, State.PLAQUED)
"""Somebody answers for the place."""
_OWN: Final = (Verb.DECLARE, Verb.WITHDRAW)
_DECISIONS: Final = (Verb.APPROVE, Verb.RETURN)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, and what the person's role allows besides own zones."""

    person_id: str
    manages: bool = False
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Figures of zones and teams; version 0 stands for the defaults. Two members to a team is the practice's
    own figure (两党员一班组); no relay number is anybody's default."""

    version: int = 0
    relay_phone: str = ""
    team_minimum: int = 2
    created_at: datetime | None = None


def move(state: State, verb: Verb) -> State:
    """The state after a verb; ZONE_WRONG_STATE names those that would be right."""
    after = TRANSITIONS.get((state, verb))
    if after is None:
        right = sorted({known for at, known in TRANSITIONS if at is state})
        raise WrongState("ZONE_WRONG_STATE", state=state, allowed=right)
    return after


def check_decides(person_id: str, decider: str) -> None:
    """Nobody decides on a zone of their own, whichever account they sign in with."""
    if not decider or person_id == decider:
        raise Forbidden("ZONE_IS_OWN")


def allowed(state: State, person_id: str, actor: Actor) -> list[Verb]:
    """What somebody may do with a zone now."""
    own = bool(actor.person_id) and actor.person_id == person_id
    found = []
    for verb in Verb:
        if (state, verb) not in TRANSITIONS:
            continue
        may = own if verb in _OWN else actor.manages
        if verb in _DECISIONS:
            may = actor.decides and bool(actor.person_id) and not own
        if may:
            found.append(verb)
    return found


def check_free(holder: str) -> None:
    """A place has one zone in force at a time."""
    if holder:
        raise Conflict("ZONE_OVERLAPS", params={"holder": holder})


def check_shown_as(name: str) -> None:
    """A plaque has a name on it."""
    if not name:
        raise Invalid("NAME_MISSING", fields=[FieldError("shown_as", "NAME_MISSING")])


def days_without(since: date, accidents: Iterable[date], today: date) -> int:
    """Whole days without an accident: since the last one, or since the day from which they are counted."""
    last = max((day for day in accidents if day <= today), default=since)
    return max(0, (today - max(since, last)).days)


def is_outdated(hung_for: str | None, current: str | None) -> bool:
    """Whether the plaque that hangs names somebody else than who answers for the place now."""
    return hung_for is not None and hung_for != current
