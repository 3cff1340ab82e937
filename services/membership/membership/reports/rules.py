"""The life of a report, and who may move it. Pure: no I/O, no SQL, no protobuf.

draft → submitted → accepted      submitted → returned → submitted
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class State(StrEnum):
    """How far a report is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class Verb(StrEnum):
    """What is done with a report."""

    EDIT = "edit"
    SUBMIT = "submit"
    TAKE = "take"
    RETURN = "return"
    ACCEPT = "accept"


class Side(StrEnum):
    """Who acts: the author, others who might write it, whoever it is submitted to."""

    AUTHOR = "author"
    WRITER = "writer"
    RECEIVER = "receiver"


class Outcome(StrEnum):
    """What became of a version that was submitted."""

    RETURNED = "returned"
    ACCEPTED = "accepted"


class Fact(StrEnum):
    """What other services tell of and reports count."""

    VISIT = "visit"
    HAZARD_FOUND = "hazard_found"
    HAZARD_CLOSED = "hazard_closed"


_S = State
_WITH_AUTHOR: Final = (_S.DRAFT, _S.RETURNED)
TRANSITIONS: Final[Mapping[Verb, tuple[Side, Mapping[State, State]]]] = {
    Verb.EDIT: (Side.AUTHOR, {state: state for state in _WITH_AUTHOR}),
    Verb.SUBMIT: (Side.AUTHOR, dict.fromkeys(_WITH_AUTHOR, _S.SUBMITTED)),
    Verb.TAKE: (Side.WRITER, {state: state for state in _WITH_AUTHOR}),
    Verb.ACCEPT: (Side.RECEIVER, {_S.SUBMITTED: _S.ACCEPTED}),
    Verb.RETURN: (Side.RECEIVER, {_S.SUBMITTED: _S.RETURNED}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, and on which sides the person's role stands."""

    person_id: str
    writes: bool = False
    receives: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """How early a report can be submitted; version 0 stands for the default [D]: no document says when a
    month is over for a report."""

    version: int = 0
    early_days: int = 5
    created_at: datetime | None = None


def move(state: State, verb: Verb) -> State:
    """The state after a verb; REPORT_WRONG_STATE names those that can be used now, REPORT_ACCEPTED says that
    there are none any more."""
    after = TRANSITIONS[verb][1].get(state)
    if after is None:
        offered = [one for one, (_, moves) in TRANSITIONS.items() if state in moves]
        reason = "REPORT_WRONG_STATE" if offered else "REPORT_ACCEPTED"
        raise WrongState(reason, state=state, allowed=offered)
    return after


def allowed(state: State, author: str, writers: Collection[str], actor: Actor) -> list[Verb]:
    """What somebody may do with a report now. `writers` are all who were its author once."""
    person = actor.person_id
    sides = {
        Side.AUTHOR: actor.writes and bool(person) and person == author,
        Side.WRITER: actor.writes and bool(person) and person != author,
        Side.RECEIVER: actor.receives and bool(person) and person not in writers,
    }
    return [verb for verb, (side, moves) in TRANSITIONS.items() if state in moves and sides[side]]


def check_begins(person: str) -> None:
    """REPORT_NOT_YOURS: a person answers for what is written."""
    if not person:
        raise Forbidden("REPORT_NOT_YOURS")


def check_author(author: str, person: str) -> None:
    """REPORT_NOT_YOURS: only its author writes and submits it; others take it over first."""
    if not person or person != author:
        raise Forbidden("REPORT_NOT_YOURS")


def check_takes(author: str, person: str) -> None:
    """REPORT_IS_YOURS: nobody takes over from themselves."""
    check_begins(person)
    if person == author:
        raise Conflict("REPORT_IS_YOURS")


def check_receives(writers: Collection[str], person: str) -> None:
    """REPORT_IS_OWN: whoever wrote any of it neither accepts nor returns it. Persons are compared."""
    if not person or person in writers:
        raise Forbidden("REPORT_IS_OWN")


def check_said(done: str) -> None:
    """REPORT_EMPTY: figures alone are no report."""
    if not done.strip():
        raise Invalid("REPORT_EMPTY", fields=[FieldError("done", "REPORT_EMPTY")])


def check_timely(until: date, today: date, settings: Settings) -> None:
    """REPORT_TOO_EARLY: a period is not reported long before it ends."""
    first = until - timedelta(days=settings.early_days)
    if today < first:
        raise Conflict("REPORT_TOO_EARLY", params={"from": first.isoformat()})
