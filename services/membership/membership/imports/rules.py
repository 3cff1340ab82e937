"""The state machine of an import."""

from collections.abc import Mapping
from typing import Final, Literal

from chassis.errors import WrongState

State = Literal["uploaded", "checked", "running", "done", "discarded"]
Outcome = Literal["created", "updated", "unchanged", "rejected"]

VERBS: Final[Mapping[State, tuple[str, ...]]] = {
    "uploaded": ("check", "discard"),
    "checked": ("check", "run", "discard"),
    "running": (),
    "done": (),
    "discarded": (),
}
OUTCOMES: Final[tuple[Outcome, ...]] = ("created", "updated", "unchanged", "rejected")


def require(state: State, verb: str) -> None:
    """Refuse a verb that the state does not allow."""
    if verb not in VERBS[state]:
        raise WrongState("IMPORT_WRONG_STATE", state=state, allowed=VERBS[state])
