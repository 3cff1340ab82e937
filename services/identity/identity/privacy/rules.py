"""Rules of privacy: what a request goes through, who goes before whom, what is in the way. No I/O.

Source: PIPL Art. 45 (a copy), Art. 47 (deletion, and storing only where a law asks for it).
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, WrongState

GRACE_DAYS: Final = 7
COPY_DAYS: Final = 7
"""Defaults of the versioned settings; choices of the design, no document names a figure."""
SETTLE: Final = timedelta(seconds=6)
"""Accounts are closed first; a token that was out works for at most five seconds more."""
LOOK_AGAIN: Final = timedelta(minutes=10)
_LONGEST: Final = timedelta(minutes=5)
GATEWAY: Final = "gateway"
IDENTITY: Final = "identity"
ADMINISTRATOR: Final = "administrator"


class Kind(StrEnum):
    """What a person asks for."""

    COPY = "copy"
    ERASURE = "erasure"


class State(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    DONE = "done"
    HELD = "held"
    RELEASING = "releasing"
    UNDONE = "undone"
    EXPIRED = "expired"


WORKING: Final = (State.RUNNING, State.RELEASING)
"""States in which the services have something to do."""


def rank(kind: Kind, service: str) -> int:
    """Who goes before whom. Files follow the records that name them. Identity erases last: until then it
    knows who the ids are."""
    if service == GATEWAY:
        return 1
    return 2 if service == IDENTITY and kind is Kind.ERASURE else 0


def turn(kind: Kind, undone: Iterable[str]) -> list[str]:
    """The services whose turn it is, of those that are not done."""
    left = list(undone)
    first = min((rank(kind, service) for service in left), default=0)
    return [service for service in left if rank(kind, service) == first]


def after_attempt(attempts: int) -> timedelta:
    """How long to wait after so many vain attempts."""
    return min(timedelta(seconds=2 ** min(attempts, 10)), _LONGEST)


def check_free(blockers: Mapping[str, int]) -> None:
    """Nothing of the person's is still open, and no tenant loses its last administrator."""
    if blockers:
        raise Conflict("ERASURE_BLOCKED", params={"count": str(sum(blockers.values()))})


def check_undo(state: str) -> None:
    """Only what has not begun can be undone."""
    if state != State.WAITING:
        raise WrongState("ERASURE_BEGUN", state=state, allowed=[])


def check_hold(state: str) -> None:
    """What is being deleted cannot be held any more."""
    if state in (State.RUNNING, State.RELEASING, State.DONE):
        raise WrongState("HOLD_TOO_LATE", state=state, allowed=[])


def finished(kind: Kind, state: State, *, held: bool) -> State:
    """Where a request stands once every service is done."""
    if kind is Kind.COPY:
        return State.READY
    return State.HELD if held and state is State.RUNNING else State.DONE
