"""The life of an appraisal, and who may move it. Pure: no I/O, no SQL, no protobuf.

open → evidence → scored → shown → final    shown → appealed → final    ended ← open, evidence, scored
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState
from membership.appraisal import months, scoring
from membership.appraisal.rubrics import Channel, Item, Rubric
from membership.appraisal.scoring import Outcome


class State(StrEnum):
    """How far an appraisal is."""

    OPEN = "open"
    EVIDENCE = "evidence"
    SCORED = "scored"
    SHOWN = "shown"
    APPEALED = "appealed"
    FINAL = "final"
    ENDED = "ended"


class Verb(StrEnum):
    """What is done with an appraisal; `lapse` is done by nobody in particular."""

    RECORD = "record"
    CONFIRM = "confirm"
    SHOW = "show"
    END = "end"
    ACCEPT = "accept"
    APPEAL = "appeal"
    ANSWER = "answer"
    LAPSE = "lapse"


class Side(StrEnum):
    """Who acts."""

    ASSESSOR = "assessor"
    BRANCH = "branch"
    MEMBER = "member"
    SUPERIOR = "superior"
    NOBODY = "nobody"


_S = State
SEALED: Final = (_S.FINAL, _S.ENDED)
"""What is one of these stays as it is; the database refuses to change it."""
TOLD: Final = (_S.SHOWN, _S.APPEALED, _S.FINAL)
"""States in which the member sees what was confirmed."""
ABOVE: Final = (_S.APPEALED, _S.FINAL)
"""States in which the superior sees anything."""
TRANSITIONS: Final[Mapping[Verb, tuple[Side, Mapping[State, State]]]] = {
    Verb.RECORD: (Side.ASSESSOR, {_S.OPEN: _S.EVIDENCE, _S.EVIDENCE: _S.EVIDENCE}),
    # Confirming leads to `scored` with the last target only.
    Verb.CONFIRM: (Side.BRANCH, {one: one for one in (_S.OPEN, _S.EVIDENCE, _S.SCORED)}),
    Verb.SHOW: (Side.BRANCH, {_S.SCORED: _S.SHOWN}),
    Verb.END: (Side.BRANCH, dict.fromkeys((_S.OPEN, _S.EVIDENCE, _S.SCORED), _S.ENDED)),
    Verb.ACCEPT: (Side.MEMBER, {_S.SHOWN: _S.FINAL}),
    Verb.APPEAL: (Side.MEMBER, {_S.SHOWN: _S.APPEALED}),
    Verb.ANSWER: (Side.SUPERIOR, {_S.APPEALED: _S.FINAL}),
    Verb.LAPSE: (Side.NOBODY, {_S.SHOWN: _S.FINAL}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, and what the person's role allows besides the own appraisal."""

    person_id: str
    sides: frozenset[Side] = frozenset()


def move(state: State, verb: Verb) -> State:
    """The state after a verb; APPRAISAL_WRONG_STATE names those that people may use now."""
    after = TRANSITIONS[verb][1].get(state)
    if after is None:
        right = [
            one for one, (side, moves) in TRANSITIONS.items() if state in moves and side is not Side.NOBODY
        ]
        raise WrongState("APPRAISAL_WRONG_STATE", state=state, allowed=right)
    return after


def allowed(state: State, member: str, actor: Actor) -> list[Verb]:
    """What somebody may do with an appraisal now: with the own one only what is the member's."""
    own = bool(actor.person_id) and actor.person_id == member
    sides = {Side.MEMBER} if own else actor.sides - {Side.MEMBER}
    return [verb for verb, (side, moves) in TRANSITIONS.items() if state in moves and side in sides]


def check_other(member: str, actor: str) -> None:
    """APPRAISAL_IS_OWN: nobody assesses, confirms, shows or answers the own; persons are compared."""
    if not actor or actor == member:
        raise Forbidden("APPRAISAL_IS_OWN")


def check_answers(confirmers: Collection[str], actor: str) -> None:
    """CONFIRMED_BY_YOU: whoever confirmed a target does not answer the appeal against it."""
    if actor in confirmers:
        raise Forbidden("CONFIRMED_BY_YOU")


def check_month(month: date, first: date, last: date, rubric: Rubric, today: date) -> bool:
    """Whether a mark comes late. MONTH_OUTSIDE, MONTH_TO_COME, MONTH_CLOSED."""
    if not first <= month <= last:
        raise _wrong("month", "MONTH_OUTSIDE")
    if month > today:
        raise _wrong("month", "MONTH_TO_COME")
    closes = scoring.closing_day(month, rubric)
    if today > closes:
        raise Conflict("MONTH_CLOSED", params={"closed": closes.isoformat()})
    return today > scoring.due_day(month, rubric)


def check_marks(items: Collection[Item], targets: Collection[str], channel: Channel, reference: str) -> None:
    """TARGET_UNKNOWN, TARGET_TWICE, CHANNEL_DOES_NOT_FIT, REFERENCE_MISSING."""
    known = {item.code: item for item in items}
    if len(set(targets)) != len(targets):
        raise _wrong("marks", "TARGET_TWICE")
    for code in targets:
        if code not in known:
            raise _wrong("marks", "TARGET_UNKNOWN")
        if channel not in known[code].channels:
            raise _wrong("channel", "CHANNEL_DOES_NOT_FIT")
    if channel is Channel.DOCUMENTS and not reference:
        raise _wrong("reference", "REFERENCE_MISSING")


def check_unconfirmed(confirmed: Collection[str], targets: Collection[str]) -> None:
    """TARGET_CONFIRMED: nothing is added to what was confirmed."""
    if set(confirmed) & set(targets):
        raise Conflict("TARGET_CONFIRMED")


def check_year_end(last: date, today: date) -> None:
    """NOT_YEAR_END before the period's last month has begun."""
    if today < last:
        raise Conflict("NOT_YEAR_END", params={"from": last.isoformat()})


def check_outcome(outcome: Outcome, *, assessable: bool) -> None:
    """TARGET_NOT_ASSESSABLE where too much is missing to say; TARGET_ASSESSABLE where it is not."""
    if assessable and outcome is Outcome.NOT_ASSESSABLE:
        raise Conflict("TARGET_ASSESSABLE")
    if not assessable and outcome is not Outcome.NOT_ASSESSABLE:
        raise Conflict("TARGET_NOT_ASSESSABLE")


def check_left(*, on_roster: bool) -> None:
    """STILL_ON_ROSTER: only whoever left is appraised no more."""
    if on_roster:
        raise Conflict("STILL_ON_ROSTER")


def appeal_until(today: date, rubric: Rubric) -> date:
    """The last day for an appeal."""
    return today + timedelta(days=rubric.appeal_days)


def is_over(until: date | None, today: date) -> bool:
    """Whether the days for an appeal are over, whether or not anybody has noticed."""
    return until is not None and today > until


def check_appeal(items: Collection[Item], targets: Collection[str], until: date | None, today: date) -> None:
    """APPEAL_TOO_LATE, TARGET_UNKNOWN."""
    if is_over(until, today):
        raise Conflict("APPEAL_TOO_LATE", params={"until": until.isoformat() if until else ""})
    if not set(targets) <= {item.code for item in items}:
        raise _wrong("targets", "TARGET_UNKNOWN")


def check_correction(stars: int | None, proposed: int | None) -> bool:
    """Whether an answer changes the stars; STARS_ARE_THE_SAME where it says so and does not."""
    if stars is not None and stars == proposed:
        raise _wrong("stars", "STARS_ARE_THE_SAME")
    return stars is not None


def first_month(period_first: date, today: date) -> date:
    """From which month on somebody is appraised: nobody for the months before they came."""
    return max(period_first, months.of(today))


def _wrong(field: str, reason: str) -> Invalid:
    return Invalid(reason, fields=[FieldError(field, reason)])
