"""What an affiliation may go through, and on whose word. Pure: no I/O, no SQL, no protobuf.

declared → pending_home → active → ended;   returned, declined ← declared;   disputed ← pending_home
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class State(StrEnum):
    """Where an affiliation stands."""

    DECLARED = "declared"
    PENDING_HOME = "pending_home"
    ACTIVE = "active"
    RETURNED = "returned"
    DECLINED = "declined"
    DISPUTED = "disputed"
    ENDED = "ended"


class Ending(StrEnum):
    """Why an affiliation ended."""

    LEFT = "left"
    TRANSFERRED = "transferred"
    NOT_KNOWN = "not_known"
    MISTAKE = "mistake"


class Verb(StrEnum):
    """What is done with an affiliation; each is a path ending."""

    CONFIRM = "confirm"
    OBJECT = "object"
    NOTIFY = "notify"
    VERIFY = "verify"
    RETURN = "return"
    ACKNOWLEDGE = "acknowledge"
    DISPUTE = "dispute"
    END = "end"


class Side(StrEnum):
    """Who acts: the person, those who register, the secretary, or the home organisation."""

    PERSON = "person"
    REGISTRAR = "registrar"
    BUILDING = "building"
    HOME = "home"


_S = State
OPEN: Final = (_S.DECLARED, _S.PENDING_HOME, _S.ACTIVE, _S.DISPUTED)
COUNTING: Final = (_S.PENDING_HOME, _S.ACTIVE, _S.DISPUTED)
"""States in which the building counts what the member attends."""
KNOWN_TO_HOME: Final = (_S.PENDING_HOME, _S.ACTIVE, _S.DISPUTED, _S.ENDED)
"""States that a home organisation is shown: those that its word was asked for."""
TRANSITIONS: Final[Mapping[tuple[Verb, Side], Mapping[State, State]]] = {
    (Verb.CONFIRM, Side.PERSON): {_S.DECLARED: _S.DECLARED},
    (Verb.OBJECT, Side.PERSON): {_S.DECLARED: _S.DECLINED},
    (Verb.NOTIFY, Side.REGISTRAR): {_S.DECLARED: _S.DECLARED},
    (Verb.VERIFY, Side.BUILDING): {_S.DECLARED: _S.PENDING_HOME},
    (Verb.RETURN, Side.BUILDING): {_S.DECLARED: _S.RETURNED},
    (Verb.ACKNOWLEDGE, Side.HOME): {_S.PENDING_HOME: _S.ACTIVE, _S.DISPUTED: _S.ACTIVE},
    (Verb.DISPUTE, Side.HOME): {_S.PENDING_HOME: _S.DISPUTED},
    (Verb.END, Side.BUILDING): dict.fromkeys(COUNTING, _S.ENDED),
}


def allowed(state: State, sides: frozenset[Side]) -> list[Verb]:
    """The verbs that the state allows to someone on these sides, in the order of `Verb`."""
    return [verb for verb in Verb if any(state in TRANSITIONS.get((verb, side), {}) for side in sides)]


def move(state: State, verb: Verb, side: Side) -> State:
    """The state after a verb; AFFILIATION_WRONG_STATE with the verbs that this side may use now."""
    after = TRANSITIONS.get((verb, side), {}).get(state)
    if after is None:
        raise WrongState("AFFILIATION_WRONG_STATE", state=state, allowed=allowed(state, frozenset({side})))
    return after


def check_home(home_id: str, home_name: str) -> None:
    """A home organisation is one that takes part, or the name of one that does not."""
    if bool(home_id) == bool(home_name):
        raise Invalid("HOME_MISSING", fields=[FieldError("home_id", "HOME_MISSING")])


def check_verifier(verifier: str, person_id: str, declared_by: str | None, *, confirmed: bool) -> None:
    """Two people always agree: nobody verifies themselves, and whoever registered somebody verifies only
    what the member confirmed in person."""
    if verifier == person_id:
        raise Forbidden("OWN_RECORD")
    if verifier == declared_by and not confirmed:
        raise Forbidden("REGISTERED_BY_YOURSELF")


def check_not_oneself(decider: str, person_id: str) -> None:
    """Nobody acknowledges their own affiliation."""
    if decider == person_id:
        raise Forbidden("OWN_RECORD")


def check_free(open_membership: bool) -> None:
    """Somebody has one relation: whoever is on the party's roster here cannot be floating here too."""
    if open_membership:
        raise Conflict("MEMBER_EXISTS")


def is_overdue(state: State, home_due_on: date | None, today: date) -> bool:
    """Whether the home organisation should have answered."""
    return state is State.PENDING_HOME and home_due_on is not None and today > home_due_on


@dataclass(frozen=True, slots=True)
class Attended:
    """One attendance, as far as it is told."""

    on: date
    kind: str


def quarter(day: date) -> str:
    """The quarter of a day, e.g. 2026-Q3."""
    return f"{day.year}-Q{(day.month - 1) // 3 + 1}"


def told(attended: Iterable[Attended]) -> list[tuple[str, str, int]]:
    """(quarter, kind, count), the latest quarter first: what the member and both sides see."""
    counts = Counter((quarter(one.on), one.kind) for one in attended)
    ordered = sorted(counts.items(), key=lambda item: item[0][1])
    return [
        (when, kind, count)
        for (when, kind), count in sorted(ordered, key=lambda item: item[0][0], reverse=True)
    ]


@dataclass(frozen=True, slots=True)
class Happened:
    """Somebody was present at an activity, as the activity service says."""

    enrolment_id: str
    person_id: str
    attended: Attended
