"""What an obligation is, when it is fulfilled and who is told when it is not. Pure: no I/O, no SQL, no
protobuf."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid
from membership.cadence.periods import OF_ONE_DAY, Length


class Scope(StrEnum):
    """Whom a rule binds: each of these has an obligation of its own in every period."""

    BUILDING = "building"
    BRANCH = "branch"
    SECRETARY = "secretary"
    GROUP = "group"
    AREA = "area"
    SITE = "site"
    TEAM = "team"


class Evidence(StrEnum):
    """What shows that something was done."""

    CONTACT = "contact"
    ACTIVITY = "activity"
    LECTURE = "lecture"
    INSPECTION = "inspection"
    ATTESTED = "attested"
    REPORT = "report"
    SUPERVISION = "supervision"


class State(StrEnum):
    """How far an obligation is."""

    OPEN = "open"
    FULFILLED = "fulfilled"
    LATE = "late"
    MISSED = "missed"
    WAIVED = "waived"


class Level(IntEnum):
    """Who was told of an obligation that is not fulfilled, from the bottom up."""

    NOBODY = 0
    RESPONSIBLE = 1
    GROUP = 2
    SECRETARY = 3
    SUPERIOR = 4


ABOUT: Final[Mapping[Evidence, frozenset[Scope]]] = {
    Evidence.CONTACT: frozenset({Scope.AREA}),
    Evidence.ACTIVITY: frozenset({Scope.BUILDING}),
    Evidence.LECTURE: frozenset({Scope.SECRETARY}),
    Evidence.INSPECTION: frozenset({Scope.SITE}),
    Evidence.ATTESTED: frozenset(Scope),
    Evidence.REPORT: frozenset({Scope.GROUP, Scope.BRANCH}),
    Evidence.SUPERVISION: frozenset({Scope.BUILDING}),
}
"""A record says of one thing that it was done: a contact of its area, an activity of the building."""
BY_HAND: Final = frozenset({Evidence.LECTURE, Evidence.ATTESTED})
NAMED: Final = BY_HAND | {Evidence.REPORT}
"""What names the obligation itself that it shows to be fulfilled."""
UNMET: Final = (State.OPEN, State.MISSED)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is to be done, by whom, how often and by when. `activity_kind` narrows activities."""

    title_zh: str
    title_en: str
    scope: Scope
    period: Length
    evidence: Evidence
    activity_kind: str
    due_days: int
    grace_days: int
    unannounced: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """Who is told when, and days that are worked otherwise than the state says. Version 0 stands for the
    defaults [D]: the documents name four levels, and no days."""

    version: int = 0
    remind_days: int = 1
    group_days: int = 1
    secretary_days: int = 3
    superior_days: int = 7
    desk: str = "party-desk"
    days_off: Sequence[date] = ()
    days_worked: Sequence[date] = ()
    created_at: datetime | None = None


def check_rule(rule: Rule) -> None:
    """EVIDENCE_DOES_NOT_FIT where a record cannot say that of whom the rule binds."""
    if rule.scope not in ABOUT[rule.evidence]:
        raise Invalid("EVIDENCE_DOES_NOT_FIT", fields=[FieldError("evidence", "EVIDENCE_DOES_NOT_FIT")])
    if rule.activity_kind and rule.evidence is not Evidence.ACTIVITY:
        raise Invalid("EVIDENCE_DOES_NOT_FIT", fields=[FieldError("activity_kind", "EVIDENCE_DOES_NOT_FIT")])


def check_settings(held: Settings) -> None:
    """CLIMB_ORDER unless each level comes after the one below; DAY_OFF_AND_WORKED for a day that is both."""
    if not held.group_days <= held.secretary_days <= held.superior_days:
        raise Invalid("CLIMB_ORDER", fields=[FieldError("superior_days", "CLIMB_ORDER")])
    if set(held.days_off) & set(held.days_worked):
        raise Invalid("DAY_OFF_AND_WORKED", fields=[FieldError("days_worked", "DAY_OFF_AND_WORKED")])


def outcome(due: date, closes: date, filed: date | None, today: date) -> State:
    """What follows from the evidence alone: when it was filed, if it was. Filed too late is not filed."""
    if filed is None or filed > closes:
        return State.MISSED if today > closes else State.OPEN
    return State.FULFILLED if filed <= due else State.LATE


def is_overdue(state: State, due: date, today: date) -> bool:
    """Whether the day passed while nothing was filed."""
    return state in UNMET and today > due


def check_attests(evidence: Evidence, state: State, closes: date, today: date) -> None:
    """EVIDENCE_FROM_RECORDS where a record shows it, OBLIGATION_CLOSED once the days of grace are over."""
    if evidence not in BY_HAND:
        raise Conflict("EVIDENCE_FROM_RECORDS")
    if state is not State.OPEN or today > closes:
        raise Conflict("OBLIGATION_CLOSED", params={"closed": closes.isoformat()})


def check_happened(happened: date, start: date, until: date, today: date) -> None:
    """OUTSIDE_PERIOD: what is done counts for the period in which it was done."""
    if not start <= happened <= min(until, today):
        params = {"from": start.isoformat(), "until": until.isoformat()}
        raise Invalid(
            "OUTSIDE_PERIOD", fields=[FieldError("happened_date", "OUTSIDE_PERIOD", params)], params=params
        )


def check_secretary(caller: str, secretary: str) -> None:
    """NOT_THE_SECRETARY: what a secretary owes in person nobody else says to be done."""
    if not caller or caller != secretary:
        raise Forbidden("NOT_THE_SECRETARY")


def waive(state: State) -> State:
    """The state after the superior let it go. OBLIGATION_SETTLED for what was fulfilled."""
    if state not in UNMET:
        raise Conflict("OBLIGATION_SETTLED")
    return State.WAIVED


def level(due: date, today: date, period: Length, held: Settings, *, unannounced: bool) -> Level:
    """Up to whom an obligation that is not fulfilled is brought. Whoever is responsible hears of it some days
    before as well, except of a single day, and of what comes unannounced."""
    overdue = (today - due).days
    steps = ((held.superior_days, Level.SUPERIOR), (held.secretary_days, Level.SECRETARY))
    for days, above in (*steps, (held.group_days, Level.GROUP)):
        if overdue >= max(days, 1):
            return above
    before = 0 if unannounced or period in OF_ONE_DAY else held.remind_days
    return Level.RESPONSIBLE if overdue > 0 or (before and -overdue <= before) else Level.NOBODY


def percent(counts: Mapping[State, int]) -> int | None:
    """The share that was fulfilled in time of what is decided, rounded down; None where nothing is: what is
    open or waived is neither."""
    decided = sum(counts.get(state, 0) for state in (State.FULFILLED, State.LATE, State.MISSED))
    return counts.get(State.FULFILLED, 0) * 100 // decided if decided else None


def holds_from(asked: date | None, today: date) -> date:
    """From when a rule is to hold: today, unless a later day is asked for. DATE_IN_PAST."""
    if asked is not None and asked < today:
        raise Invalid("DATE_IN_PAST", fields=[FieldError("from_date", "DATE_IN_PAST")])
    return asked or today


def due_and_close(until: date, rule: Rule) -> tuple[date, date]:
    """When something is due, and the last day on which evidence is taken."""
    due = until + timedelta(days=rule.due_days)
    return due, due + timedelta(days=rule.grace_days)
