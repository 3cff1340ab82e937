"""What a check-in and a service may go through, and on whose word. Pure: no I/O, no SQL, no protobuf.

check-in   reported → confirmed → ended;   returned ← reported
service    asked, planned → taken → reported → confirmed;   declined ← asked, taken;   taken ← reported
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState

_MINUTES: Final = 60


class Kind(StrEnum):
    """Who reported."""

    ORGANISATION = "organisation"
    MEMBER = "member"


class State(StrEnum):
    """Where a check-in stands."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    ENDED = "ended"


class Service(StrEnum):
    """Where a service stands."""

    ASKED = "asked"
    TAKEN = "taken"
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class Side(StrEnum):
    """Who acts: the member, the organisation's office, or the community."""

    PERSON = "person"
    OFFICE = "office"
    COMMUNITY = "community"


class Verb(StrEnum):
    """What is done with a check-in; each is a path ending."""

    CONFIRM = "confirm"
    RETURN = "return"
    END = "end"
    LEAVE = "leave"


class Step(StrEnum):
    """What is done with a service; each is a path ending."""

    TAKE = "take"
    DECLINE = "decline"
    REPORT = "report"
    CONFIRM = "confirm"
    RETURN = "return"


OPEN: Final = (State.REPORTED, State.CONFIRMED)
UNDONE: Final = (Service.ASKED, Service.TAKEN, Service.REPORTED)
"""Services that keep an organisation's reporting from ending."""
CHECKINS: Final[Mapping[Verb, tuple[Side, Mapping[State, State]]]] = {
    Verb.CONFIRM: (Side.COMMUNITY, {State.REPORTED: State.CONFIRMED}),
    Verb.RETURN: (Side.COMMUNITY, {State.REPORTED: State.RETURNED}),
    Verb.END: (Side.OFFICE, dict.fromkeys(OPEN, State.ENDED)),
    Verb.LEAVE: (Side.PERSON, dict.fromkeys(OPEN, State.ENDED)),
}
SERVICES: Final[Mapping[Step, tuple[Side, Mapping[Service, Service]]]] = {
    Step.TAKE: (Side.OFFICE, {Service.ASKED: Service.TAKEN}),
    Step.DECLINE: (Side.OFFICE, dict.fromkeys((Service.ASKED, Service.TAKEN), Service.DECLINED)),
    Step.REPORT: (Side.OFFICE, {Service.TAKEN: Service.REPORTED}),
    Step.CONFIRM: (Side.COMMUNITY, {Service.REPORTED: Service.CONFIRMED}),
    Step.RETURN: (Side.COMMUNITY, {Service.REPORTED: Service.TAKEN}),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Hours that a member is to serve in a year. The sources have local figures only, so nothing is expected
    until the organisation enters what its district asks: that is "not configured", never "reached"."""

    hours_year: int = 0
    version: int = 0
    created_at: datetime | None = None

    def reached(self, minutes: Iterable[int]) -> int:
        """How many served what is expected."""
        return sum(one >= self.hours_year * _MINUTES for one in minutes) if self.hours_year else 0


def allowed(state: State, kind: Kind, sides: Collection[Side]) -> list[Verb]:
    """The verbs that the state allows to someone on these sides, in the order of `Verb`. A member's own
    check-in ends by the member's word, an organisation's by its office's."""
    return [
        verb
        for verb, (side, moves) in CHECKINS.items()
        if side in sides and state in moves and _fits(verb, kind)
    ]


def move(state: State, kind: Kind, verb: Verb) -> State:
    """The state after a verb; CHECKIN_WRONG_STATE with the verbs that its side may use now."""
    side, moves = CHECKINS[verb]
    if state not in moves or not _fits(verb, kind):
        raise WrongState("CHECKIN_WRONG_STATE", state=state, allowed=allowed(state, kind, {side}))
    return moves[state]


def _fits(verb: Verb, kind: Kind) -> bool:
    return verb not in (Verb.END, Verb.LEAVE) or (verb is Verb.LEAVE) == (kind is Kind.MEMBER)


def steps(state: Service, sides: Collection[Side]) -> list[Step]:
    """The steps that the state allows to someone on these sides, in the order of `Step`."""
    return [step for step, (side, moves) in SERVICES.items() if side in sides and state in moves]


def step(state: Service, taken: Step) -> Service:
    """The state after a step; COMMUNITY_SERVICE_WRONG_STATE with those that its side may take now."""
    side, moves = SERVICES[taken]
    if state not in moves:
        raise WrongState("COMMUNITY_SERVICE_WRONG_STATE", state=state, allowed=steps(state, {side}))
    return moves[state]


def check_not_oneself(decider: str, reporter: str | None) -> None:
    """OWN_RECORD: nobody confirms what they reported."""
    if decider == reporter:
        raise Forbidden("OWN_RECORD")


def check_post(kind: Kind, post: str) -> None:
    """A member is given a post, an organisation is not. CHECKIN_POST."""
    if bool(post) != (kind is Kind.MEMBER):
        raise Invalid("CHECKIN_POST", fields=[FieldError("post", "CHECKIN_POST")])


def check_none_left(undone: int) -> None:
    """An organisation leaves no task behind. CHECKIN_HAS_TASKS."""
    if undone:
        raise Conflict("CHECKIN_HAS_TASKS", params={"count": str(undone)})


def check_ready(kind: Kind, state: State) -> None:
    """Services are for organisations that the community confirmed. CHECKIN_NOT_CONFIRMED."""
    if (kind, state) != (Kind.ORGANISATION, State.CONFIRMED):
        raise Conflict("CHECKIN_NOT_CONFIRMED")


def check_due(due_on: date, today: date) -> None:
    """A task lies ahead. TASK_IN_PAST."""
    if due_on < today:
        raise Invalid("TASK_IN_PAST", fields=[FieldError("due_on", "TASK_IN_PAST")])


def check_held(held_on: date, since: date, today: date) -> None:
    """A service was done by today, and not before the organisation had reported. SERVED_OUTSIDE."""
    if not since <= held_on <= today:
        raise Invalid("SERVED_OUTSIDE", fields=[FieldError("held_on", "SERVED_OUTSIDE")])


@dataclass(frozen=True, slots=True)
class Serving:
    """Who served, by the own check-in, and how many minutes."""

    checkin_id: str
    minutes: int


def check_servings(servings: Sequence[Serving], confirmed: Collection[str]) -> None:
    """Each serves once, and all of them had reported to the community. SERVER_TWICE, SERVER_NOT_REPORTED."""
    named = [one.checkin_id for one in servings]
    if len(set(named)) != len(named):
        raise Invalid("SERVER_TWICE", fields=[FieldError("servings", "SERVER_TWICE")])
    if not set(named) <= set(confirmed):
        raise Invalid("SERVER_NOT_REPORTED", fields=[FieldError("servings", "SERVER_NOT_REPORTED")])


def year_of(asked: int, today: date) -> tuple[date, date]:
    """The first and last day of a year; of the present one where none is asked for."""
    year = asked or today.year
    return date(year, 1, 1), date(year, 12, 31)
