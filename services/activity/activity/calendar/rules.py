"""What an activity and an enrolment may do. No I/O; times are business time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState

DOORS_OPEN: Final = timedelta(hours=1)
"""How long before its start people can check in."""


class State(StrEnum):
    """Where an activity stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    RUNNING = "running"
    ENDED = "ended"
    CONFIRMED = "confirmed"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


class Seat(StrEnum):
    """Where an enrolment stands."""

    ENROLLED = "enrolled"
    WAITING = "waiting"
    CHECKED_IN = "checked_in"
    ATTENDED = "attended"
    ABSENT = "absent"
    EXCUSED = "excused"
    CANCELLED = "cancelled"


class Cause(StrEnum):
    """Why an enrolment was cancelled."""

    PARTICIPANT = "participant"
    ACTIVITY = "activity"
    NO_PLACE = "no_place"


@dataclass(frozen=True, slots=True)
class Transition:
    """One verb: from which states, to which."""

    sources: tuple[State, ...]
    target: State


VERBS: Final = {
    "publish": Transition((State.DRAFT,), State.PUBLISHED),
    "close": Transition((State.PUBLISHED,), State.CLOSED),
    "cancel": Transition((State.DRAFT, State.PUBLISHED, State.CLOSED), State.CANCELLED),
    "confirm-evidence": Transition((State.ENDED,), State.CONFIRMED),
    "archive": Transition((State.CONFIRMED,), State.ARCHIVED),
}
"""What people do. Closing is also done by time; running and ending only by time."""

TO_SETTLE: Final = (Seat.ENROLLED, Seat.CHECKED_IN, Seat.EXCUSED)
"""The enrolments that hold a place until the evidence is confirmed."""
OPEN: Final = (State.PUBLISHED, State.CLOSED)
"""Published and not begun: places may still change hands."""


def verbs(state: State) -> list[str]:
    """The verbs a state allows, in the order of the life of an activity."""
    found = [verb for verb, transition in VERBS.items() if state in transition.sources]
    return ["update", *found] if state in (State.DRAFT, *OPEN) else found


def move(state: State, verb: str) -> State:
    """The state after a verb; WrongState with the allowed verbs where the state does not allow it."""
    transition = VERBS[verb]
    if state not in transition.sources:
        raise WrongState("ACTIVITY_WRONG_STATE", state=state, allowed=verbs(state))
    return transition.target


@dataclass(frozen=True, slots=True)
class Times:
    """The three moments of an activity."""

    enrol_until: datetime
    starts: datetime
    ends: datetime

    def check(self) -> None:
        """Refuse times that contradict each other."""
        wrong = []
        if self.ends <= self.starts:
            wrong.append(FieldError("end_time", "ENDS_BEFORE_START"))
        if self.enrol_until > self.starts:
            wrong.append(FieldError("enrol_until_time", "ENROLS_AFTER_START"))
        if wrong:
            raise Invalid("ACTIVITY_TIMES", fields=wrong)


def check_publishable(times: Times, now: datetime) -> None:
    """A draft that nobody could enrol in any more is not published."""
    times.check()
    if times.enrol_until <= now:
        raise Invalid("ENROLMENT_OVER", fields=[FieldError("enrol_until_time", "ENROLMENT_OVER")])


def next_step(state: State, times: Times) -> tuple[State, datetime] | None:
    """The state that time brings next, and when; None where time changes nothing."""
    match state:
        case State.PUBLISHED:
            return State.CLOSED, times.enrol_until
        case State.CLOSED:
            return State.RUNNING, times.starts
        case State.RUNNING:
            return State.ENDED, times.ends
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Places:
    """The places of an activity. Never more taken than there are; nobody waits while one is free."""

    capacity: int
    enrolled: int = 0
    waiting: int = 0

    def take(self) -> tuple[Seat, "Places"]:
        """A place for a newcomer: behind the others of the wait list if there is one."""
        if self.enrolled < self.capacity and not self.waiting:
            return Seat.ENROLLED, Places(self.capacity, self.enrolled + 1, self.waiting)
        return Seat.WAITING, Places(self.capacity, self.enrolled, self.waiting + 1)

    def give_back(self, seat: Seat) -> "Places":
        """The places after a participant or someone of the wait list left."""
        if seat is Seat.WAITING:
            return Places(self.capacity, self.enrolled, self.waiting - 1)
        return Places(self.capacity, self.enrolled - 1, self.waiting)

    def widen(self, capacity: int) -> "Places":
        """The places after more were added; fewer than are taken is refused."""
        if capacity < self.enrolled:
            raise Invalid(
                "CAPACITY_TAKEN",
                fields=[FieldError("capacity", "CAPACITY_TAKEN", {"enrolled": str(self.enrolled)})],
            )
        return Places(capacity, self.enrolled, self.waiting)

    def move_up(self) -> tuple[int, "Places"]:
        """How many of the wait list get a place now, and the places afterwards."""
        count = min(self.capacity - self.enrolled, self.waiting)
        return count, Places(self.capacity, self.enrolled + count, self.waiting - count)


def check_enrolment(state: State, now: datetime, enrol_until: datetime) -> None:
    """People enrol while an activity is published and its enrolment has not ended."""
    if state is not State.PUBLISHED or now >= enrol_until:
        raise WrongState("ENROLMENT_CLOSED", state=state, allowed=[])


def check_leaving(state: State, seat: Seat) -> None:
    """A place is given back before the activity begins."""
    if state not in OPEN or seat not in (Seat.ENROLLED, Seat.WAITING):
        raise WrongState("CANNOT_LEAVE", state=state, allowed=[])


def check_in(state: State, seat: Seat, now: datetime, starts: datetime) -> Seat:
    """The seat after a check-in; checking in twice changes nothing.

    Possible from an hour before the start until the evidence is confirmed, for those with a place.
    """
    if state not in (State.PUBLISHED, State.CLOSED, State.RUNNING, State.ENDED):
        raise WrongState("CHECK_IN_CLOSED", state=state, allowed=[])
    if now < starts - DOORS_OPEN:
        raise WrongState("CHECK_IN_TOO_EARLY", state=state, allowed=[])
    if seat is Seat.CHECKED_IN:
        return seat
    if seat is Seat.WAITING:
        raise Conflict("STILL_WAITING")
    if seat not in (Seat.ENROLLED, Seat.EXCUSED):
        raise Conflict("NO_PLACE")
    return Seat.CHECKED_IN


def excuse(state: State, seat: Seat) -> Seat:
    """The seat of someone who said that they cannot come; the place is not given away any more."""
    if state not in (State.PUBLISHED, State.CLOSED, State.RUNNING, State.ENDED):
        raise WrongState("CHECK_IN_CLOSED", state=state, allowed=[])
    if seat not in (Seat.ENROLLED, Seat.EXCUSED):
        raise Conflict("NO_PLACE")
    return Seat.EXCUSED


def settle(seat: Seat) -> Seat:
    """What a seat becomes when the evidence is confirmed."""
    match seat:
        case Seat.CHECKED_IN:
            return Seat.ATTENDED
        case Seat.ENROLLED:
            return Seat.ABSENT
        case _:
            return seat


def check_confirmer(made_by: str, confirms: str) -> None:
    """Nobody confirms their own record; persons are compared, not accounts."""
    if made_by and made_by == confirms:
        raise Forbidden("OWN_RECORD")


_FIXED_ONCE_PUBLISHED: Final = ("floor", "place", "start_time", "end_time")


def check_changes(
    state: State,
    changed: Sequence[str],
    *,
    before: Times,
    after: Times,
    capacity_before: int,
    capacity_after: int,
) -> None:
    """Refuse a change that breaks what people enrolled for.

    A draft can change in everything. Afterwards the words can, places can be added, and enrolment
    can end later (not once it has ended); another time or place is another activity.
    """
    if state not in (State.DRAFT, *OPEN):
        raise WrongState("ACTIVITY_WRONG_STATE", state=state, allowed=verbs(state))
    after.check()
    if state is State.DRAFT:
        return
    wrong = [FieldError(name, "FIXED_ONCE_PUBLISHED") for name in changed if name in _FIXED_ONCE_PUBLISHED]
    if capacity_after < capacity_before:
        wrong.append(FieldError("capacity", "FEWER_PLACES"))
    if after.enrol_until < before.enrol_until or (state is State.CLOSED and "enrol_until_time" in changed):
        wrong.append(FieldError("enrol_until_time", "ENROLMENT_ONLY_LATER"))
    if wrong:
        raise Invalid("CHANGE_BREAKS_ENROLMENT", fields=wrong)
