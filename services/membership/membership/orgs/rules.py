"""How an organisation comes to be, and where it stands in the tree. Pure: no I/O, no SQL, no protobuf.

applied → approved → active → dissolved; rejected ends an application. A floor group begins active.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class Kind(StrEnum):
    """What kind of organisation it is."""

    PARTY_COMMITTEE = "party_committee"
    GENERAL_BRANCH = "general_branch"
    BRANCH = "branch"
    GROUP = "group"
    UNION = "union"
    YOUTH_LEAGUE = "youth_league"
    WOMEN = "women"


class State(StrEnum):
    """Where it stands."""

    APPLIED = "applied"
    APPROVED = "approved"
    REJECTED = "rejected"
    ACTIVE = "active"
    DISSOLVED = "dissolved"


class Side(StrEnum):
    """Who acts: the building, those who applied for it, or those who decide."""

    BUILDING = "building"
    APPLICANT = "applicant"
    APPROVER = "approver"


class Verb(StrEnum):
    """What is done with an organisation; each is a path ending."""

    APPROVE = "approve"
    REJECT = "reject"
    ACTIVATE = "activate"
    UPDATE = "update"
    DISSOLVE = "dissolve"


_S, _K = State, Kind
_ON_RECORD: Final = frozenset({_S.APPROVED, _S.ACTIVE})
IN_FORCE: Final = (_S.APPROVED, _S.ACTIVE)
"""States of an organisation that the tree shows."""
TRANSITIONS: Final[Mapping[tuple[Verb, Side], frozenset[State]]] = {
    (Verb.APPROVE, Side.APPROVER): frozenset({_S.APPLIED}),
    (Verb.REJECT, Side.APPROVER): frozenset({_S.APPLIED}),
    # Whoever is nearer records the founding meeting.
    (Verb.ACTIVATE, Side.BUILDING): frozenset({_S.APPROVED}),
    (Verb.ACTIVATE, Side.APPLICANT): frozenset({_S.APPROVED}),
    (Verb.UPDATE, Side.BUILDING): _ON_RECORD,
    (Verb.DISSOLVE, Side.APPROVER): _ON_RECORD,
    (Verb.DISSOLVE, Side.BUILDING): frozenset({_S.ACTIVE}),
}
AFTER: Final[Mapping[Verb, State]] = {
    Verb.APPROVE: _S.APPROVED,
    Verb.REJECT: _S.REJECTED,
    Verb.ACTIVATE: _S.ACTIVE,
    Verb.DISSOLVE: _S.DISSOLVED,
}

_PARTY: Final = frozenset({_K.PARTY_COMMITTEE, _K.GENERAL_BRANCH, _K.BRANCH})
PARENTS: Final[Mapping[Kind, frozenset[Kind]]] = {
    _K.PARTY_COMMITTEE: frozenset({_K.PARTY_COMMITTEE}),
    _K.GENERAL_BRANCH: frozenset({_K.PARTY_COMMITTEE}),
    _K.BRANCH: frozenset({_K.PARTY_COMMITTEE, _K.GENERAL_BRANCH}),
    _K.GROUP: frozenset({_K.BRANCH}),
    _K.UNION: _PARTY | {_K.UNION},
    _K.YOUTH_LEAGUE: _PARTY | {_K.YOUTH_LEAGUE},
    _K.WOMEN: _PARTY | {_K.WOMEN},
}
"""What may stand directly above a kind. Only a group must have something above it in its building."""
APPLICANTS: Final = ("subdistrict", "superior", "district")
"""Kinds of tenants that apply."""


def allowed(kind: Kind, state: State, sides: frozenset[Side]) -> list[Verb]:
    """The verbs that the state allows to someone on these sides, in the order of `Verb`."""
    return [verb for verb in Verb if any(_may(kind, state, verb, side) for side in sides)]


def _may(kind: Kind, state: State, verb: Verb, side: Side) -> bool:
    if state not in TRANSITIONS.get((verb, side), ()):
        return False
    # Only its own branch's work is a group; whoever approved an organisation dissolves it.
    return not (verb is Verb.DISSOLVE and side is Side.BUILDING) or kind is Kind.GROUP


def move(kind: Kind, state: State, verb: Verb, side: Side) -> State:
    """The state after a verb; WrongState with the verbs that this side may use now, NOT_YOURS_TO_DISSOLVE
    where a building would dissolve what was approved above it."""
    if verb is Verb.DISSOLVE and side is Side.BUILDING and kind is not Kind.GROUP:
        raise Forbidden("NOT_YOURS_TO_DISSOLVE")
    if not _may(kind, state, verb, side):
        raise WrongState("ORG_WRONG_STATE", state=state, allowed=allowed(kind, state, frozenset({side})))
    return AFTER.get(verb, state)


def check_applied_kind(kind: Kind) -> None:
    """A floor group is formed by its branch, never applied for."""
    if kind is Kind.GROUP:
        raise Invalid("GROUP_NEEDS_NO_APPLICATION", fields=[FieldError("kind", "GROUP_NEEDS_NO_APPLICATION")])


def check_parent(kind: Kind, parent: Kind | None) -> None:
    """What stands above must be of a fitting kind; a group cannot stand alone."""
    fits = kind is not Kind.GROUP if parent is None else parent in PARENTS[kind]
    if not fits:
        params = {"kind": _term(kind), "parents": ",".join(sorted(map(_term, PARENTS[kind])))}
        wrong = FieldError("parent", "PARENT_DOES_NOT_FIT", params)
        raise Invalid("PARENT_DOES_NOT_FIT", fields=[wrong], params=params)


def _term(kind: Kind) -> str:
    return f"org_{kind}"


def check_line(own: str, above: list[str]) -> None:
    """Nothing stands above itself: `above` are the ids from the new parent to the top."""
    if own in above:
        raise Invalid("PARENT_IS_BELOW", fields=[FieldError("parent", "PARENT_IS_BELOW")])


def check_decider(applied_by: str | None, person_id: str) -> None:
    """Nobody approves their own record; persons are compared, not accounts."""
    if person_id and applied_by == person_id:
        raise Forbidden("OWN_RECORD")


def check_founding(founded_on: date, approved_on: date | None) -> None:
    """No organisation is founded before it was approved."""
    if approved_on is not None and founded_on < approved_on:
        params = {"approved_on": approved_on.isoformat()}
        wrong = FieldError("founded_on", "FOUNDED_BEFORE_APPROVAL", params)
        raise Invalid("FOUNDED_BEFORE_APPROVAL", fields=[wrong], params=params)


def check_active(state: State, name: str) -> None:
    """No activity before approval, none after the end: whatever is done in its name needs it active."""
    if state is not State.ACTIVE:
        raise Conflict("ORG_NOT_ACTIVE", params={"name": name, "state": str(state)})
