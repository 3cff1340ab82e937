"""How accounts open, lock and end, and what a password must be."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import FieldError, Invalid, WrongState

INVITATION_DAYS: Final = timedelta(days=14)
PASSWORD_MIN: Final = 10


class State(StrEnum):
    """Where an account stands."""

    INVITED = "invited"
    ACTIVE = "active"
    LOCKED = "locked"
    LEFT = "left"


VERBS: Final[Mapping[str, tuple[frozenset[State], State]]] = {
    "accept": (frozenset({State.INVITED}), State.ACTIVE),
    "lock": (frozenset({State.ACTIVE}), State.LOCKED),
    "unlock": (frozenset({State.LOCKED}), State.ACTIVE),
    "reinvite": (frozenset({State.INVITED, State.ACTIVE, State.LOCKED}), State.INVITED),
    "close": (frozenset({State.INVITED, State.ACTIVE, State.LOCKED}), State.LEFT),
}
"""Each verb: the states it is allowed in, and the state it leads to."""


def allowed(state: State) -> tuple[str, ...]:
    """The verbs a state allows."""
    return tuple(verb for verb, (sources, _) in VERBS.items() if state in sources)


def after(state: State, verb: str) -> State:
    """The state a verb leads to; ACCOUNT_WRONG_STATE where the present one does not allow it."""
    sources, target = VERBS[verb]
    if state not in sources:
        raise WrongState("ACCOUNT_WRONG_STATE", state=state, allowed=allowed(state))
    return target


# The passwords that guessers try first and that pass the length rule (NIST SP 800-63B, 5.1.1.2: length and
# a list of common ones instead of composition rules).
_COMMON: Final = frozenset(
    [
        "1234567890",
        "0123456789",
        "12345678910",
        "123456789a",
        "a123456789",
        "q123456789",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "qwertyuiop",
        "qwerty12345",
        "qwerty123456",
        "password123",
        "password1234",
        "passw0rd123",
        "administrator",
        "admin12345",
        "admin123456",
        "woaini1314",
        "woaini520",
        "5201314520",
        "woaini1314520",
        "iloveyou520",
        "88888888888",
        "66666666666",
        "11111111111",
    ]
)


def check_password(password: str, login: str, field: str = "password") -> None:
    """Long enough, not a common one, not the login: PASSWORD_TOO_WEAK says so."""
    folded = password.casefold()
    weak = (
        len(password) < PASSWORD_MIN
        or folded in _COMMON
        or login.casefold() in folded
        or len(set(folded)) < 5
    )
    if weak:
        raise Invalid("PASSWORD_TOO_WEAK", fields=[FieldError(field, "PASSWORD_TOO_WEAK")])
