"""What a transfer may go through, and who manages meanwhile. Pure: no I/O, no SQL, no protobuf.

draft → submitted → released → done;   rejected, expired, withdrawn
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class State(StrEnum):
    """Where a transfer stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RELEASED = "released"
    DONE = "done"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Manager(StrEnum):
    """Who manages the member now."""

    SOURCE = "source"
    TARGET = "target"


class Trouble(StrEnum):
    """Why a superior stands in for a source."""

    LOST = "lost"
    DISSOLVED = "dissolved"
    SILENT = "silent"


class Verb(StrEnum):
    """What is done with a transfer; each is a path ending, but for `expire`."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    RELEASE = "release"
    REFUSE = "refuse"
    RESOLVE = "resolve"
    RECEIVE = "receive"
    REJECT = "reject"
    EXPIRE = "expire"


class Side(StrEnum):
    """Who acts: the member, the source, the building's superior, the building, or the calendar."""

    PERSON = "person"
    SOURCE = "source"
    SUPERIOR = "superior"
    TARGET = "target"
    CALENDAR = "calendar"


_S = State
OPEN: Final = (_S.DRAFT, _S.SUBMITTED, _S.RELEASED)
ASKED: Final = (_S.SUBMITTED, _S.RELEASED, _S.DONE, _S.REJECTED, _S.EXPIRED)
"""States that a source is shown: those that its word was asked for."""
TRANSITIONS: Final[Mapping[tuple[Verb, Side], Mapping[State, State]]] = {
    (Verb.SUBMIT, Side.PERSON): {_S.DRAFT: _S.SUBMITTED},
    (Verb.WITHDRAW, Side.PERSON): {_S.DRAFT: _S.WITHDRAWN, _S.SUBMITTED: _S.WITHDRAWN},
    (Verb.RELEASE, Side.SOURCE): {_S.SUBMITTED: _S.RELEASED},
    (Verb.REFUSE, Side.SOURCE): {_S.SUBMITTED: _S.REJECTED},
    (Verb.RESOLVE, Side.SUPERIOR): {_S.SUBMITTED: _S.RELEASED},
    (Verb.RECEIVE, Side.TARGET): {_S.RELEASED: _S.DONE},
    (Verb.REJECT, Side.TARGET): dict.fromkeys(OPEN, _S.REJECTED),
    (Verb.EXPIRE, Side.CALENDAR): {_S.RELEASED: _S.EXPIRED},
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The days that transfers go by; `letter_days` is 0 until the building says."""

    letter_days: int = 0
    silent_days: int = 30
    version: int = 0
    created_at: datetime | None = None


DEFAULTS: Final = Settings()
"""How long a letter is good for is said by no reliable source (three or six months), so there is no default.
The days of silence are the platform's own proposal."""


def changed(settings: Settings, letter_days: int, silent_days: int) -> dict[str, int]:
    """The figures with what was given; zero leaves one as it is."""
    return {
        "letter_days": letter_days or settings.letter_days,
        "silent_days": silent_days or settings.silent_days,
    }


def allowed(state: State, sides: frozenset[Side]) -> list[Verb]:
    """The verbs that the state allows to someone on these sides, in the order of `Verb`."""
    return [verb for verb in Verb if any(state in TRANSITIONS.get((verb, side), {}) for side in sides)]


def move(state: State, verb: Verb, side: Side) -> State:
    """The state after a verb; TRANSFER_WRONG_STATE with the verbs that this side may use now."""
    after = TRANSITIONS.get((verb, side), {}).get(state)
    if after is None:
        raise WrongState("TRANSFER_WRONG_STATE", state=state, allowed=allowed(state, frozenset({side})))
    return after


def managed_by(state: State) -> Manager:
    """The old organisation stays responsible until the receipt."""
    return Manager.TARGET if state is State.DONE else Manager.SOURCE


def check_configured(settings: Settings) -> None:
    """No letter travels before the building said how long letters are good for. TRANSFERS_NOT_CONFIGURED."""
    if not settings.letter_days:
        raise Conflict("TRANSFERS_NOT_CONFIGURED")


def valid_until(released_on: date, settings: Settings) -> date:
    """The last day on which a letter can be received."""
    return released_on + timedelta(days=settings.letter_days)


def is_expired(state: State, until: date | None, today: date) -> bool:
    """Whether a letter ran out before it was received."""
    return state is State.RELEASED and until is not None and today > until


def check_valid(until: date, today: date) -> None:
    """LETTER_EXPIRED for a letter that ran out, whether or not anybody has noticed."""
    if today > until:
        raise Conflict("LETTER_EXPIRED", params={"until": until.isoformat()})


def silent_on(submitted_on: date, settings: Settings) -> date:
    """From this day on a source that has not answered counts as silent."""
    return submitted_on + timedelta(days=settings.silent_days)


def check_source(source_id: str, source_name: str, own: str) -> None:
    """A source is one that takes part, or the name of one that does not; never the building itself."""
    if bool(source_id) == bool(source_name):
        raise Invalid("SOURCE_MISSING", fields=[FieldError("source_id", "SOURCE_MISSING")])
    if source_id == own:
        raise Invalid("SOURCE_IS_TARGET", fields=[FieldError("source_id", "SOURCE_IS_TARGET")])


def check_trouble(trouble: Trouble, *, takes_part: bool, silent_since: date, today: date) -> None:
    """A source that takes part can answer: the superior waits until it counts as silent, unless it was
    dissolved. SOURCE_MAY_ANSWER."""
    if takes_part and trouble is not Trouble.DISSOLVED and today < silent_since:
        raise Conflict("SOURCE_MAY_ANSWER", params={"until": silent_since.isoformat()})


def check_not_oneself(decider: str, person_id: str) -> None:
    """Nobody releases, resolves or receives themselves."""
    if decider == person_id:
        raise Forbidden("OWN_RECORD")
