"""What an application may go through, and on whose word. Pure: no I/O, no SQL, no protobuf.

recorded → open → done;   denied ← recorded;   withdrawn, ended ← open

While it is open, step follows step (`plans`), and none is left out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState
from membership.development.plans import By, Plan, Standing, Step


class State(StrEnum):
    """Where an application stands."""

    RECORDED = "recorded"
    OPEN = "open"
    DONE = "done"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class Outcome(StrEnum):
    """What a review found."""

    PROGRESSING = "progressing"
    MORE_TRAINING = "more_training"


class Ending(StrEnum):
    """Why an application ended."""

    NOT_READY = "not_ready"
    NOT_PASSED = "not_passed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    LEFT = "left"
    MISTAKE = "mistake"


class Verb(StrEnum):
    """What is done with an application; each is a path ending."""

    CONFIRM = "confirm"
    DENY = "deny"
    WITHDRAW = "withdraw"
    SUBMIT = "submit"
    COMPLETE = "complete"
    REVIEW = "review"
    MENTORS = "mentors"
    EXTEND = "extend"
    END = "end"
    APPROVE = "approve"
    REJECT = "reject"


class Side(StrEnum):
    """Who acts: the person, whoever keeps the branch's records, its secretary, or the superior."""

    PERSON = "person"
    OFFICE = "office"
    SECRETARY = "secretary"
    SUPERIOR = "superior"


class Level(IntEnum):
    """Who was told of a day that comes or has passed."""

    NOBODY = 0
    RESPONSIBLE = 1
    SUPERIOR = 2


WAITING: Final = (State.RECORDED, State.OPEN)
_WHO: Final[Mapping[Verb, tuple[Side, Collection[State]]]] = {
    Verb.CONFIRM: (Side.PERSON, {State.RECORDED}),
    Verb.DENY: (Side.PERSON, {State.RECORDED}),
    Verb.WITHDRAW: (Side.PERSON, {State.OPEN}),
    Verb.SUBMIT: (Side.PERSON, {State.OPEN}),
    Verb.COMPLETE: (Side.SECRETARY, {State.OPEN}),
    Verb.REVIEW: (Side.OFFICE, {State.OPEN}),
    Verb.MENTORS: (Side.OFFICE, {State.OPEN}),
    Verb.EXTEND: (Side.SECRETARY, {State.OPEN}),
    Verb.END: (Side.SECRETARY, WAITING),
    Verb.APPROVE: (Side.SUPERIOR, {State.OPEN}),
    Verb.REJECT: (Side.SUPERIOR, {State.OPEN}),
}
_SIDE_OF: Final = {
    Verb.SUBMIT: By.APPLICANT,
    Verb.COMPLETE: By.BRANCH,
    Verb.EXTEND: By.BRANCH,
    Verb.APPROVE: By.SUPERIOR,
    Verb.REJECT: By.SUPERIOR,
}
_ENDINGS: Final[Mapping[Ending, Collection[Standing]]] = {
    Ending.NOT_READY: {Standing.APPLICANT, Standing.ACTIVIST, Standing.TARGET},
    Ending.NOT_PASSED: {Standing.TARGET},
    Ending.CANCELLED: {Standing.PROBATIONARY},
    Ending.LEFT: set(Standing) - {Standing.FULL},
    Ending.MISTAKE: {Standing.APPLICANT, Standing.ACTIVIST, Standing.TARGET},
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The figures of a building: steps in `plans`' words, none where the starter's hold, and the days of
    reminders, which are the platform's own proposal."""

    steps: Sequence[Mapping[str, Any]] = ()
    remind_days: int = 7
    superior_days: int = 30
    version: int = 0
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """Where an application stands: its state, and the step that comes next; None once all are done."""

    state: State
    step: Step | None
    standing: Standing = Standing.APPLICANT
    extended_months: int = 0
    mentored: bool = False


def allowed(at: Point, sides: Collection[Side]) -> list[Verb]:
    """The verbs that somebody on these sides may use now, in the order of `Verb`."""
    return [verb for verb in Verb if _WHO[verb][0] in sides and _is_possible(verb, at)]


def _is_possible(verb: Verb, at: Point) -> bool:
    if at.state not in _WHO[verb][1]:
        return False
    if at.standing is Standing.FULL:  # what is left is to file the documents away
        return verb is Verb.COMPLETE and at.step is not None
    step = at.step
    if step is not None and verb in _SIDE_OF and step.by is not _SIDE_OF[verb]:
        return False
    match verb:
        case Verb.REVIEW:
            return step is not None and step.review_months > 0
        case Verb.MENTORS:
            return at.mentored
        case Verb.EXTEND:
            return step is not None and step.extend_most > 0 and not at.extended_months
        case Verb.REJECT:
            return at.standing is not Standing.PROBATIONARY or (step is not None and step.reaches is not None)
        case _:
            return True


def check(verb: Verb, at: Point) -> None:
    """APPLICATION_WRONG_STATE with the verbs that the verb's own side may use now."""
    if not _is_possible(verb, at):
        side = _WHO[verb][0]
        raise WrongState("APPLICATION_WRONG_STATE", state=at.state, allowed=allowed(at, {side}))


@dataclass(frozen=True, slots=True)
class Done:
    """What is said about a step: which one, when, the people named with it, class hours."""

    code: str
    on: date
    people: Sequence[str] = ()
    hours: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """What an application has behind it: how many steps, the last one's day, from when the next one can be
    done, and the reviews since."""

    steps: int
    last_on: date
    earliest_on: date | None = None
    reviews: int = 0


def check_turn(verb: Verb, at: Point, code: str, number: int) -> Step:
    """The step that comes next, where it is the very one that is named and the verb's side has to do it.
    STEP_OUT_OF_ORDER, APPLICATION_WRONG_STATE."""
    if at.state is State.OPEN and at.step is not None and at.step.code != code:
        raise Conflict("STEP_OUT_OF_ORDER", params={"number": str(number)})
    check(verb, at)
    if at.step is None:  # no verb of a step is possible then
        raise LookupError(code)
    return at.step


def check_step(step: Step, said: Done, past: Past) -> None:
    """A step is done with what it asks for. STEP_BEFORE_LAST, STEP_TOO_EARLY, REVIEWS_MISSING,
    PEOPLE_OF_STEP, TRAINING_TOO_SHORT."""
    if said.on < past.last_on:
        raise _wrong("done_on", "STEP_BEFORE_LAST", day=past.last_on.isoformat())
    if past.earliest_on is not None and said.on < past.earliest_on:
        raise Conflict("STEP_TOO_EARLY", params={"day": past.earliest_on.isoformat()})
    if past.reviews < step.reviews:
        raise Conflict("REVIEWS_MISSING", params={"held": str(past.reviews), "needed": str(step.reviews)})
    check_people(step, said.people)
    if said.hours < step.hours:
        raise _wrong("hours", "TRAINING_TOO_SHORT", hours=str(step.hours))


def check_people(step: Step, people: Sequence[str]) -> None:
    """PEOPLE_OF_STEP unless as many party members are named as the step asks for."""
    if not step.people_least <= len(people) <= step.people_most:
        params = {"least": str(step.people_least), "most": str(step.people_most)}
        raise _wrong("people", "PEOPLE_OF_STEP", **params)


def check_review(held_on: date, last_on: date) -> None:
    """STEP_BEFORE_LAST for a review before the last one, or before the step began."""
    if held_on < last_on:
        raise _wrong("held_on", "STEP_BEFORE_LAST", day=last_on.isoformat())


def check_extension(step: Step, months: int) -> None:
    """EXTENSION_OUT_OF_RANGE: half a year at least, a year at most, as the plan has it."""
    if not step.extend_least <= months <= step.extend_most:
        params = {"least": str(step.extend_least), "most": str(step.extend_most)}
        raise _wrong("months", "EXTENSION_OUT_OF_RANGE", **params)


def check_ending(ending: Ending, standing: Standing) -> None:
    """ENDING_DOES_NOT_FIT what the person is; that the superior refuses only the superior says."""
    if standing not in _ENDINGS.get(ending, ()):
        raise _wrong("ending", "ENDING_DOES_NOT_FIT")


def check_not_oneself(caller: str, person_id: str) -> None:
    """OWN_RECORD: nobody records or approves a step of their own, mentors or introduces themselves."""
    if caller == person_id:
        raise Forbidden("OWN_RECORD")


def check_approver(caller: str, person_id: str, recorders: Collection[str]) -> None:
    """The superior's word is given by somebody who is not the applicant and recorded nothing of the
    application for the branch; persons are compared, not accounts. OWN_RECORD, RECORDED_BY_YOU."""
    check_not_oneself(caller, person_id)
    if not caller or caller in recorders:
        raise Forbidden("RECORDED_BY_YOU")


def at_end(plan: Plan, done: int) -> State:
    """The state after so many steps."""
    return State.DONE if done == len(plan) else State.OPEN


def is_overdue(state: State, deadline: date, today: date) -> bool:
    """Whether a day has passed while nothing was done."""
    return state is State.OPEN and today > deadline


def level(deadline: date, today: date, held: Settings) -> Level:
    """Up to whom a day that comes or has passed is brought."""
    if (today - deadline).days >= held.superior_days:
        return Level.SUPERIOR
    near = deadline <= today + timedelta(days=held.remind_days)
    return Level.RESPONSIBLE if near else Level.NOBODY


def _wrong(field: str, reason: str, **params: str) -> Invalid:
    return Invalid(reason, fields=[FieldError(field, reason, params)], params=params)
