"""Rules of hazards: the state machine, who may do what, and when the organisations above hear of one. No I/O.

Source: the Hazard state machine of the service description and mechanism 3-25: found → assigned with a
deadline → rectifying → submitted → verified/returned; overdue → escalated. The verifier is another person
than the owner, and nothing else closes a hazard.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from chassis.errors import FieldError, Forbidden, Invalid, WrongState


class State(StrEnum):
    """Where a hazard stands."""

    FOUND = "found"
    ASSIGNED = "assigned"
    RECTIFYING = "rectifying"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    VERIFIED = "verified"


class Verb(StrEnum):
    """What people do to a hazard; each is an RPC and a path ending."""

    ASSIGN = "assign"
    START = "start"
    SUBMIT = "submit"
    VERIFY = "verify"
    RETURN = "return"


class Severity(StrEnum):
    """How grave it is."""

    GENERAL = "general"
    MAJOR = "major"


class Source(StrEnum):
    """How it came to be known."""

    REPORT = "report"
    INSPECTION = "inspection"


_S = State
OPEN: Final = frozenset(_S) - {_S.VERIFIED}
UNDONE: Final = OPEN - {_S.SUBMITTED}
"""States in which the clock of the deadline runs: what was submitted waits for the verifier."""

TRANSITIONS: Final[dict[Verb, tuple[frozenset[State], State]]] = {
    # Also when somebody leaves or a deadline has to change: owner, verifier and deadline are named anew.
    Verb.ASSIGN: (OPEN, _S.ASSIGNED),
    Verb.START: (frozenset({_S.ASSIGNED}), _S.RECTIFYING),
    Verb.SUBMIT: (frozenset({_S.RECTIFYING, _S.RETURNED}), _S.SUBMITTED),
    Verb.VERIFY: (frozenset({_S.SUBMITTED}), _S.VERIFIED),
    Verb.RETURN: (frozenset({_S.SUBMITTED}), _S.RETURNED),
}
OWNER_VERBS: Final = frozenset({Verb.START, Verb.SUBMIT})
VERIFIER_VERBS: Final = frozenset({Verb.VERIFY, Verb.RETURN})

DEADLINE_DAYS: Final = 7
RECURRENCE_DAYS: Final = 90
INSPECTIONS_PER_WEEK: Final = 1
DESK: Final = "safety-desk"
"""Defaults of the versioned settings. Weekly inspections are document 3's; the other figures are choices of
the design, no document names one."""
SHORTEST_DAYS: Final = 1


class Hazard(Protocol):
    """The part of a hazard that the rules look at."""

    @property
    def state(self) -> str: ...
    @property
    def owner_person(self) -> str | None: ...
    @property
    def verifier_person(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, and whether they look after the organisation's safety."""

    person_id: str
    manages: bool = False


def is_owner(hazard: Hazard, actor: Actor) -> bool:
    """The person who puts it right, by whichever account."""
    return bool(actor.person_id) and hazard.owner_person == actor.person_id


def is_verifier(hazard: Hazard, actor: Actor) -> bool:
    """The person who verifies it, and never the owner."""
    return bool(actor.person_id) and hazard.verifier_person == actor.person_id and not is_owner(hazard, actor)


def _side_may(hazard: Hazard, verb: Verb, actor: Actor) -> bool:
    if verb in OWNER_VERBS:
        return is_owner(hazard, actor)
    if verb in VERIFIER_VERBS:
        return is_verifier(hazard, actor)
    return actor.manages


def allowed(hazard: Hazard, actor: Actor) -> list[Verb]:
    """The verbs that this actor can use on the hazard now, in the order of `Verb`."""
    return [verb for verb in Verb if hazard.state in TRANSITIONS[verb][0] and _side_may(hazard, verb, actor)]


def move(hazard: Hazard, verb: Verb, actor: Actor) -> State:
    """The state after a verb.

    Raises WrongState with the verbs that are allowed now; NOT_THE_OWNER, NOT_THE_VERIFIER or
    NOT_THE_SAFETY_DESK when the state allows the verb and the actor does not stand on the right side.
    """
    if hazard.state not in TRANSITIONS[verb][0]:
        verbs = [one.value for one in allowed(hazard, actor)]
        raise WrongState("HAZARD_WRONG_STATE", state=hazard.state, allowed=verbs)
    if not _side_may(hazard, verb, actor):
        if verb in OWNER_VERBS:
            raise Forbidden("NOT_THE_OWNER")
        raise Forbidden("NOT_THE_VERIFIER" if verb in VERIFIER_VERBS else "NOT_THE_SAFETY_DESK")
    return TRANSITIONS[verb][1]


def check_apart(owner_person: str, verifier_person: str) -> None:
    """Nobody verifies what they put right themselves; persons are compared, not accounts."""
    if owner_person == verifier_person:
        raise Invalid("VERIFIER_IS_OWNER", fields=[FieldError("verifier", "VERIFIER_IS_OWNER")])


def check_deadline(deadline: datetime, now: datetime) -> None:
    """A deadline lies ahead."""
    if deadline <= now:
        raise Invalid("DEADLINE_NOT_AHEAD", fields=[FieldError("deadline_time", "DEADLINE_NOT_AHEAD")])


def first_deadline(now: datetime, days: int) -> datetime:
    """Until when a hazard that was just found has to be assigned: one that nobody takes must not be
    forgotten."""
    return now + timedelta(days=days)


def is_due(state: str, deadline: datetime, escalated_at: datetime | None, now: datetime) -> bool:
    """True once for every deadline that passes while the owner is not done.

    `escalated_at` is when the hazard was last escalated. A deadline that was set anew after that can pass
    anew.
    """
    return state in UNDONE and deadline <= now and (escalated_at is None or escalated_at < deadline)


def is_overdue(hazard: Any) -> bool:
    """Escalated for its present deadline, and not closed."""
    return hazard.overdue_at is not None and hazard.overdue_at >= hazard.deadline_at and hazard.state in OPEN


def audience(hazard: Any) -> tuple[str, ...]:
    """The accounts that a hazard's events concern."""
    return tuple(account for account in (hazard.reporter, hazard.owner, hazard.verifier) if account)
