"""How a department comes to serve buildings. Pure: no I/O, no SQL, no protobuf.

applied → approved → contract-tested → live ⇄ suspended; refused ends an application.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chassis.errors import WrongState


class State(StrEnum):
    """Where a department stands."""

    APPLIED = "applied"
    APPROVED = "approved"
    TESTED = "tested"
    LIVE = "live"
    SUSPENDED = "suspended"
    REFUSED = "refused"


class Side(StrEnum):
    """Who acts: the department itself, or the district it applied to."""

    DEPARTMENT = "department"
    DISTRICT = "district"


class Verb(StrEnum):
    """What is done with a department's application; each is an RPC and a path ending."""

    APPROVE = "approve"
    REFUSE = "refuse"
    TEST = "test"
    OPEN = "open"
    SUSPEND = "suspend"
    RESUME = "resume"


_S, _D, _O = State, Side.DISTRICT, Side.DEPARTMENT
TRANSITIONS: Final[Mapping[Verb, tuple[Side, frozenset[State], State]]] = {
    Verb.APPROVE: (_D, frozenset({_S.APPLIED}), _S.APPROVED),
    Verb.REFUSE: (_D, frozenset({_S.APPLIED}), _S.REFUSED),
    # A department that changed its catalogue may test again before it opens.
    Verb.TEST: (_O, frozenset({_S.APPROVED, _S.TESTED}), _S.TESTED),
    Verb.OPEN: (_O, frozenset({_S.TESTED}), _S.LIVE),
    Verb.SUSPEND: (_D, frozenset({_S.LIVE}), _S.SUSPENDED),
    Verb.RESUME: (_D, frozenset({_S.SUSPENDED}), _S.LIVE),
}
LISTED: Final = (State.LIVE, State.SUSPENDED)
"""States in which every tenant may know the department."""
APPROVERS: Final = ("district", "subdistrict")
"""Kinds of tenants that decide on applications."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the contract test found: about the catalogue, or about a matter by its code."""

    subject: str
    reason: str


def allowed(state: State, side: Side) -> list[Verb]:
    """The verbs that the state allows to a side, in the order of `Verb`."""
    return [verb for verb, (who, states, _) in TRANSITIONS.items() if who is side and state in states]


def move(state: State, verb: Verb) -> State:
    """The state after a verb; WrongState with the verbs of the same side that are allowed now."""
    side, states, after = TRANSITIONS[verb]
    if state not in states:
        raise WrongState("DEPARTMENT_WRONG_STATE", state=state, allowed=allowed(state, side))
    return after


def examine(catalogue: Sequence[tuple[str, int, int]]) -> list[Finding]:
    """The contract test over published matters (code, promised days, number of materials): buildings
    must have something to enable, and applicants must know what to bring and how long it takes."""
    if not catalogue:
        return [Finding("catalogue", "CATALOGUE_EMPTY")]
    return [
        Finding(code, reason)
        for code, promised_days, materials in catalogue
        for reason, wrong in (
            ("MATTER_WITHOUT_PROMISE", promised_days < 1),
            ("MATTER_WITHOUT_MATERIALS", materials < 1),
        )
        if wrong
    ]
