"""What a membership may go through. Pure: no I/O, no SQL, no protobuf.

proposed → active → ended;   declined ← proposed
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import FieldError, Invalid, WrongState


class Body(StrEnum):
    """Which body somebody belongs to."""

    PARTY = "party"
    UNION = "union"
    YOUTH_LEAGUE = "youth_league"
    WOMEN = "women"


class Kind(StrEnum):
    """Where the relation is."""

    OWN = "own"
    FLOATING = "floating"


class Stage(StrEnum):
    """How far a membership goes."""

    MEMBER = "member"
    PROBATIONARY = "probationary"
    FULL = "full"


class State(StrEnum):
    """Where a membership stands."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    DECLINED = "declined"
    ENDED = "ended"


class Ending(StrEnum):
    """Why somebody left the roster."""

    TRANSFERRED = "transferred"
    LEFT = "left"
    MISTAKE = "mistake"
    REMOVED = "removed"


class Verb(StrEnum):
    """What is done with a membership; each is a path ending."""

    CONFIRM = "confirm"
    OBJECT = "object"
    NOTIFY = "notify"
    ACTIVATE = "activate"
    MOVE = "move"
    END = "end"


class Side(StrEnum):
    """Who acts: the person, or the building's office."""

    PERSON = "person"
    OFFICE = "office"


_P, _A = State.PROPOSED, State.ACTIVE
OPEN: Final = (_P, _A)
TRANSITIONS: Final[Mapping[tuple[Verb, Side], Mapping[State, State]]] = {
    (Verb.CONFIRM, Side.PERSON): {_P: _A},
    (Verb.OBJECT, Side.PERSON): {_P: State.DECLINED},
    (Verb.NOTIFY, Side.OFFICE): {_P: _P},
    (Verb.ACTIVATE, Side.OFFICE): {_P: _A},
    (Verb.MOVE, Side.OFFICE): {_A: _A},
    (Verb.END, Side.OFFICE): {_P: State.ENDED, _A: State.ENDED},
}
_ORGS: Final[Mapping[Body, frozenset[str]]] = {
    Body.PARTY: frozenset({"party_committee", "general_branch", "branch"}),
    Body.UNION: frozenset({"union"}),
    Body.YOUTH_LEAGUE: frozenset({"youth_league"}),
    Body.WOMEN: frozenset({"women"}),
}
_STAGES: Final[Mapping[Body, frozenset[Stage]]] = {
    body: frozenset({Stage.FULL, Stage.PROBATIONARY} if body is Body.PARTY else {Stage.MEMBER})
    for body in Body
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The days that memberships and affiliations go by."""

    notice_days: int = 7
    pending_home_days: int = 30
    group_days: int = 14
    version: int = 0
    created_at: datetime | None = None


DEFAULTS: Final = Settings()
"""Design defaults; no document gives figures. A building sets its own."""


def changed(settings: Settings, notice: int, pending_home: int, group: int) -> dict[str, int]:
    """The figures with what was given; zero leaves one as it is."""
    return {
        "notice_days": notice or settings.notice_days,
        "pending_home_days": pending_home or settings.pending_home_days,
        "group_days": group or settings.group_days,
    }


def allowed(state: State, kind: Kind, sides: frozenset[Side]) -> list[Verb]:
    """The verbs that the state allows to someone on these sides, in the order of `Verb`."""
    return [verb for verb in Verb if any(_after(state, kind, verb, side) for side in sides)]


def _after(state: State, kind: Kind, verb: Verb, side: Side) -> State | None:
    # A floating membership follows its affiliation: it ends with that, and by nothing else.
    if verb is Verb.END and kind is Kind.FLOATING:
        return None
    return TRANSITIONS.get((verb, side), {}).get(state)


def move(state: State, kind: Kind, verb: Verb, side: Side) -> State:
    """The state after a verb; MEMBER_WRONG_STATE with the verbs that this side may use now."""
    after = _after(state, kind, verb, side)
    if after is None:
        raise WrongState("MEMBER_WRONG_STATE", state=state, allowed=allowed(state, kind, frozenset({side})))
    return after


def stage_of(body: Body, asked: str) -> Stage:
    """How far a membership goes; STAGE_DOES_NOT_FIT where the body has no such stage."""
    if not asked:
        return Stage.FULL if body is Body.PARTY else Stage.MEMBER
    stage = Stage(asked)
    if stage not in _STAGES[body]:
        raise _wrong("stage", "STAGE_DOES_NOT_FIT")
    return stage


def check_org(body: Body, org_kind: str) -> None:
    """The organisation must be one of the body's."""
    if org_kind not in _ORGS[body]:
        raise _wrong("org_id", "ORG_OF_ANOTHER_BODY")


def check_group(body: Body, org_id: str, group_kind: str, group_parent: str | None) -> None:
    """A floor group is the party's, and of the very organisation."""
    if body is not Body.PARTY or group_kind != "group" or group_parent != org_id:
        raise _wrong("group_id", "GROUP_OF_ANOTHER_ORG")


def check_last_day(first: date, last: date) -> None:
    """Nothing ends, and nobody moves, before the membership's own first day."""
    if last < first:
        raise _wrong("from_on", "TERM_ENDS_FIRST")


def anniversaries(today: date) -> list[tuple[int, int]]:
    """Months and days of those whose anniversary is today. Whoever joined on a leap day has it on the 28th of
    February where there is none."""
    found = [(today.month, today.day)]
    if found == [(2, 28)] and (today + timedelta(days=1)).month == 3:
        found.append((2, 29))
    return found


def _wrong(field: str, reason: str) -> Invalid:
    return Invalid(reason, fields=[FieldError(field, reason)])
