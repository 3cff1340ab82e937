"""Rules of finds and of claims to them. No I/O.

Source: mechanisms 0-13 (失物招领: lost item → claimed → verified → returned). What is found is given back
or handed to the police, and kept well until then: 民法典 (Civil Code), articles 314 and 316.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Any, Final

from chassis.errors import Forbidden, WrongState


class Kind(StrEnum):
    """What was found."""

    CARD = "card"
    KEYS = "keys"
    ELECTRONICS = "electronics"
    BAG = "bag"
    CLOTHING = "clothing"
    OTHER = "other"


class State(StrEnum):
    """Where a find is."""

    KEPT = "kept"
    RESERVED = "reserved"
    RETURNED = "returned"
    HANDED_ON = "handed_on"


class Standing(StrEnum):
    """Where a claim stands."""

    CLAIMED = "claimed"
    VERIFIED = "verified"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    FULFILLED = "fulfilled"


HERE: Final = frozenset({State.KEPT, State.RESERVED})
"""Finds that lie at the station."""
OPEN: Final = frozenset({Standing.CLAIMED, Standing.VERIFIED})
"""Claims that may still be fulfilled."""


def check_state(find: Any, allowed: Collection[State]) -> None:
    """A verb of a find in its place."""
    if find.state not in allowed:
        raise WrongState("FIND_WRONG_STATE", state=find.state)


def check_claim(claim: Any, allowed: Collection[Standing]) -> None:
    """A verb of a claim in its place."""
    if claim.state not in allowed:
        raise WrongState("FIND_CLAIM_WRONG_STATE", state=claim.state)


def check_verifier(claim: Any, account_id: str, person_id: str) -> None:
    """Whoever made a claim, or wrote it down for somebody, does not hold it to be right."""
    if _made_by(claim, account_id, person_id):
        raise Forbidden("OWN_FIND_CLAIM")


def _made_by(claim: Any, account_id: str, person_id: str) -> bool:
    return claim.account == account_id or (bool(person_id) and claim.person_id == person_id)


def find_verbs(find: Any, *, keeps: bool, claims: bool) -> list[str]:
    """What a reader can do with a find; `claims` says that they may and have not yet."""
    verbs = []
    if keeps and find.state == State.RESERVED:
        verbs.append("return")
    if claims and find.state == State.KEPT:
        verbs.append("claim")
    if keeps and find.state in HERE:
        verbs.append("handOn")
    return verbs


def claim_verbs(claim: Any, account_id: str, person_id: str, *, keeps: bool) -> list[str]:
    """What a reader can do with a claim."""
    own = _made_by(claim, account_id, person_id)
    verbs = []
    if keeps and not own and claim.state == Standing.CLAIMED and claim.find_state == State.KEPT:
        verbs.append("verify")
    if keeps and not own and claim.state in OPEN:
        verbs.append("decline")
    if own and claim.state in OPEN:
        verbs.append("withdraw")
    return verbs
