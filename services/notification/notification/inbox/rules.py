"""How messages travel and who gets them. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5


class State(StrEnum):
    """Where a message stands; reading is kept apart, since an unmailed message can be read too."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


class Channel(StrEnum):
    """How a message travels."""

    IN_APP = "in_app"
    EMAIL = "email"


class Outcome(StrEnum):
    """How one attempt ended."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    GAVE_UP = "gave_up"


BACKOFF: Final = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)
"""How long to wait after each failed attempt; after the last one the message stays in the app."""
LEASE: Final = timedelta(minutes=2)
"""A message handed out for sending comes back after this, should its sender die."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attempt makes of a message."""

    state: State
    outcome: Outcome
    retry_after: timedelta | None = None


def after_attempt(attempt: int, *, accepted: bool, permanent: bool = False) -> Verdict:
    """What becomes of a message after its `attempt`-th attempt, counted from 1.

    A permanent refusal (no such mailbox) is not tried again.
    """
    if accepted:
        return Verdict(State.DELIVERED, Outcome.ACCEPTED)
    if permanent or attempt > len(BACKOFF):
        return Verdict(State.FAILED, Outcome.GAVE_UP)
    return Verdict(State.QUEUED, Outcome.DEFERRED, BACKOFF[attempt - 1])


DESK: Final = "desk"
"""A receiver that stands for everyone of the duty group that the event names."""
_MAILBOXES: Final = UUID("6f1c2f0e-6d0b-5a5e-9c1f-2f1d7c7a9b10")


def mailbox_account(tenant_id: str, desk: str) -> str:
    """The account under which messages to a duty group's shared mailboxes are kept: nobody can be it."""
    return str(uuid5(_MAILBOXES, f"{tenant_id}/{desk}"))


def receivers(
    to: Sequence[str], unless: str, said: Mapping[str, str | Sequence[str]], desk: Iterable[str] = ()
) -> list[str]:
    """The accounts that get a message: the event's fields named in `to`, each account once. A field may name
    several accounts.

    `unless` names the field of the account that did it itself and need not be told.
    """
    found: dict[str, None] = {}
    for name in to:
        named = said.get(name, "")
        for account in desk if name == DESK else (named,) if isinstance(named, str) else named:
            if account and account != (said.get(unless, "") if unless else ""):
                found[account] = None
    return list(found)
