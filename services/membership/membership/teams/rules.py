"""When a team is complete, and the life of a duty. Pure: no I/O, no SQL, no protobuf."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class State(StrEnum):
    """How far a duty is."""

    ASSIGNED = "assigned"
    DONE = "done"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    """What is done with a duty."""

    FINISH = "finish"
    CONFIRM = "confirm"
    RETURN = "return"
    CANCEL = "cancel"


TRANSITIONS: Final[Mapping[tuple[State, Verb], State]] = {
    (State.ASSIGNED, Verb.FINISH): State.DONE,
    (State.RETURNED, Verb.FINISH): State.DONE,
    (State.DONE, Verb.CONFIRM): State.CONFIRMED,
    (State.DONE, Verb.RETURN): State.RETURNED,
    (State.ASSIGNED, Verb.CANCEL): State.CANCELLED,
    (State.RETURNED, Verb.CANCEL): State.CANCELLED,
}
OPEN: Final = (State.ASSIGNED, State.RETURNED)


@dataclass(frozen=True, slots=True)
class Parts:
    """Who has which part in a duty, as persons."""

    lead: str
    executor: str
    supervisor: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, and whether the person's role manages duties."""

    person_id: str
    manages: bool = False


def own_parts(parts: Parts, actor: Actor) -> list[str]:
    """Which parts somebody has."""
    named = (("lead", parts.lead), ("executor", parts.executor), ("supervisor", parts.supervisor))
    return [part for part, person in named if actor.person_id and person == actor.person_id]


def check_parts(parts: Parts) -> None:
    """Nobody supervises what they carry out themselves, under whatever account."""
    if parts.executor == parts.supervisor:
        raise Invalid("SUPERVISOR_IS_EXECUTOR", fields=[FieldError("supervisor", "SUPERVISOR_IS_EXECUTOR")])


def move(state: State, verb: Verb) -> State:
    """The state after a verb; DUTY_WRONG_STATE names those that would be right."""
    after = TRANSITIONS.get((state, verb))
    if after is None:
        right = sorted({known for at, known in TRANSITIONS if at is state})
        raise WrongState("DUTY_WRONG_STATE", state=state, allowed=right)
    return after


def is_ones_part(verb: Verb, parts: Parts, actor: Actor) -> bool:
    """Whether a verb is somebody's: finishing is the executor's, looking at it the supervisor's."""
    if verb is Verb.CANCEL:
        return actor.manages
    part = parts.executor if verb is Verb.FINISH else parts.supervisor
    return bool(actor.person_id) and actor.person_id == part


def check_part(verb: Verb, parts: Parts, actor: Actor) -> None:
    """NOT_YOUR_PART for everybody else."""
    if not is_ones_part(verb, parts, actor):
        raise Forbidden("NOT_YOUR_PART")


def allowed(state: State, parts: Parts, actor: Actor) -> list[Verb]:
    """What somebody may do with a duty now."""
    return [verb for verb in Verb if (state, verb) in TRANSITIONS and is_ones_part(verb, parts, actor)]


def is_overdue(state: State, due: date, today: date) -> bool:
    """Whether the day passed before it was done."""
    return state in OPEN and due < today


def is_below(members: int, minimum: int) -> bool:
    """Whether a team is to be flagged."""
    return members < minimum


def check_standing(dissolved: bool) -> None:
    """Nothing is done with a dissolved team."""
    if dissolved:
        raise Conflict("TEAM_DISSOLVED")
