"""What a guest's pass may go through, and on whose word. Pure: no I/O, no SQL, no protobuf.

invited, asked → admitted → ended;   declined ← invited;   rejected ← asked
"""

from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import FieldError, Forbidden, Invalid, WrongState

_MONTHS_OF_A_QUARTER: Final = 3


class State(StrEnum):
    """Where it stands."""

    INVITED = "invited"
    ASKED = "asked"
    ADMITTED = "admitted"
    DECLINED = "declined"
    REJECTED = "rejected"
    ENDED = "ended"


class Ending(StrEnum):
    """Why somebody is a guest no more."""

    TERM_OVER = "term_over"
    LEFT = "left"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What is done; each is a path ending, but for `expire`."""

    ADMIT = "admit"
    REJECT = "reject"
    CONFIRM = "confirm"
    DECLINE = "decline"
    LEAVE = "leave"
    END = "end"
    EXPIRE = "expire"


class Side(StrEnum):
    """Who acts: the person, the office, or the calendar."""

    PERSON = "person"
    OFFICE = "office"
    CALENDAR = "calendar"


_S = State
OPEN: Final = (_S.INVITED, _S.ASKED, _S.ADMITTED)
TRANSITIONS: Final[Mapping[Verb, tuple[Side, Mapping[State, State]]]] = {
    Verb.ADMIT: (Side.OFFICE, {_S.ASKED: _S.ADMITTED}),
    Verb.REJECT: (Side.OFFICE, {_S.ASKED: _S.REJECTED}),
    Verb.CONFIRM: (Side.PERSON, {_S.INVITED: _S.ADMITTED}),
    Verb.DECLINE: (Side.PERSON, {_S.INVITED: _S.DECLINED}),
    Verb.LEAVE: (Side.PERSON, {_S.ASKED: _S.ENDED, _S.ADMITTED: _S.ENDED}),
    Verb.END: (Side.OFFICE, {_S.INVITED: _S.ENDED, _S.ADMITTED: _S.ENDED}),
    Verb.EXPIRE: (Side.CALENDAR, {_S.ADMITTED: _S.ENDED}),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """How long somebody is a guest where nobody says otherwise: our own proposal, no document gives one."""

    term_days: int = 365
    version: int = 0
    created_at: datetime | None = None


def allowed(state: State, sides: Collection[Side]) -> list[Verb]:
    """The verbs that the state allows to someone on these sides, in the order of `Verb`."""
    return [verb for verb, (side, moves) in TRANSITIONS.items() if side in sides and state in moves]


def move(state: State, verb: Verb) -> State:
    """The state after a verb; GUEST_WRONG_STATE with the verbs that its side may use now."""
    side, moves = TRANSITIONS[verb]
    if state not in moves:
        raise WrongState("GUEST_WRONG_STATE", state=state, allowed=allowed(state, {side}))
    return moves[state]


def last_day(asked: date | None, today: date, settings: Settings) -> date:
    """The last day as a guest. GUEST_ENDS_IN_PAST."""
    if asked is not None and asked < today:
        raise Invalid("GUEST_ENDS_IN_PAST", fields=[FieldError("until_on", "GUEST_ENDS_IN_PAST")])
    return asked or today + timedelta(days=settings.term_days)


def is_over(until: date | None, today: date) -> bool:
    """Whether the last day has passed."""
    return until is not None and today > until


def check_not_oneself(caller: str, person_id: str) -> None:
    """OWN_RECORD: nobody invites or admits themselves."""
    if caller == person_id:
        raise Forbidden("OWN_RECORD")


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months in which attendances are counted."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter of a day."""
        return cls(day.year, (day.month - 1) // _MONTHS_OF_A_QUARTER + 1)

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """The quarter that the contract writes as 2026-Q3."""
        year, number = text.split("-Q")
        return cls(int(year), int(number))

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.number}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, (self.number - 1) * _MONTHS_OF_A_QUARTER + 1, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        month = self.number * _MONTHS_OF_A_QUARTER
        return date(self.year, month, monthrange(self.year, month)[1])
