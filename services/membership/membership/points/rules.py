"""What points are and how they move. Pure: no I/O, no SQL, no protobuf."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median_low
from typing import Final, Protocol

from chassis.days import ZONE
from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState

MEDIAN_FROM: Final = 5
"""A median of fewer people would tell about single ones (indicator 26)."""


class Kind(StrEnum):
    """Why points moved."""

    RULE = "rule"
    MANUAL = "manual"
    PROPOSAL = "proposal"
    REVERSAL = "reversal"
    REDEMPTION = "redemption"
    REFUND = "refund"


class Source(StrEnum):
    """What a rule answers to."""

    ATTENDANCE = "attendance"


class Period(StrEnum):
    """What a rule's limit is counted over."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class ProposalState(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Holder(StrEnum):
    """Whose account it is. The building has two: what it issued comes out of one, what was spent goes
    into the other."""

    MEMBER = "member"
    ISSUE = "issue"
    REDEMPTION = "redemption"


class Band(StrEnum):
    """How much somebody took part, as an employer may know it. Nothing is below taking part."""

    TAKING_PART = "taking_part"
    ACTIVE = "active"
    OUTSTANDING = "outstanding"


EARNING: Final = (Kind.RULE, Kind.MANUAL, Kind.PROPOSAL)
"""What bands and the leaderboard count, where it was posted for somebody and not reversed: neither ever
shows a deduction."""
PURPOSE: Final = "points_to_employer"
"""What a member consents to in identity before an employer sees a band."""
REVERSIBLE: Final = frozenset(EARNING)
"""What a redemption moved comes back by cancelling it, so that its reward comes back as well."""
_OTHER_SIDE: Final[Mapping[Kind, Holder]] = {
    Kind.REDEMPTION: Holder.REDEMPTION,
    Kind.REFUND: Holder.REDEMPTION,
}


def other_side(kind: Kind) -> Holder:
    """The building's account that stands against the member's."""
    return _OTHER_SIDE.get(kind, Holder.ISSUE)


@dataclass(frozen=True, slots=True)
class Settings:
    """The figures in force; version 0 stands for the platform's defaults, which no source fixes [D]."""

    version: int = 0
    band_high: int = 60
    band_middle: int = 20
    band_window_days: int = 365
    leaderboard_size: int = 10
    leaderboard_days: int = 90
    pickup_days: int = 14
    created_at: datetime | None = None


def check_bands(middle: int, high: int) -> None:
    """The bands have an order."""
    if middle >= high:
        raise Invalid("BANDS_CROSS", fields=[FieldError("band_middle", "BANDS_CROSS")])


def band(earned: int, settings: Settings) -> Band:
    """The band of what somebody earned in the window. Whoever earned nothing takes part."""
    if earned >= settings.band_high:
        return Band.OUTSTANDING
    return Band.ACTIVE if earned >= settings.band_middle else Band.TAKING_PART


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the leaderboard."""

    place: int
    shown_as: str
    points: int
    person_id: str


def places(scores: Iterable[tuple[str, str, int]], size: int) -> list[Place]:
    """The first few of those who chose to be shown, by points: (person, name, points). Equal points share
    a place; whoever has none has no place."""
    ranked = sorted((one for one in scores if one[2] > 0), key=lambda one: (-one[2], one[1], one[0]))
    found: list[Place] = []
    for number, (person, name, points) in enumerate(ranked[:size], 1):
        shared = found[-1].place if found and found[-1].points == points else number
        found.append(Place(shared, name, points, person))
    return found


FIGURES: Final = (
    "band_high", "band_middle", "band_window_days", "leaderboard_size", "leaderboard_days", "pickup_days",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A version of a rule: what takes place from `from_at` until `until_at` earns `delta`."""

    id: str
    version: int
    title: str
    source: str
    activity_kind: str
    brand: str
    delta: int
    cap: int
    cap_period: str
    from_at: datetime
    until_at: datetime | None

    def check(self) -> None:
        """Raises Invalid where the parts contradict each other."""
        wrong = []
        if self.until_at is not None and self.until_at < self.from_at:
            wrong.append(FieldError("until_time", "RULE_ENDS_BEFORE_IT_BEGINS"))
        if bool(self.cap) != bool(self.cap_period):
            wrong.append(FieldError("cap_period", "CAP_NEEDS_PERIOD"))
        if self.cap and self.cap < self.delta:
            wrong.append(FieldError("cap", "CAP_BELOW_DELTA"))
        if wrong:
            raise Invalid(wrong[0].reason, fields=wrong)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a rule may answer to: an attendance that was confirmed."""

    source: str
    id: str
    person_id: str
    activity_kind: str
    brand: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact with what its entry will show: what it was about, and the account that is told."""

    fact: Fact
    subject_id: str
    title: str
    account: str


@dataclass(frozen=True, slots=True)
class Award:
    """Points that a rule gives for a fact."""

    rule: RuleVersion
    fact: Fact
    delta: int


def in_force(versions: Iterable[RuleVersion], at: datetime) -> list[RuleVersion]:
    """Of each rule the latest version that had begun at a moment, where it had not ended."""
    begun: dict[str, RuleVersion] = {}
    for one in versions:
        known = begun.get(one.id)
        if one.from_at <= at and (known is None or known.version < one.version):
            begun[one.id] = one
    return [one for one in begun.values() if one.until_at is None or at < one.until_at]


def answers(rule: RuleVersion, fact: Fact) -> bool:
    """Whether a rule is about a fact. Its moment is the caller's to check: `in_force`."""
    return (
        rule.source == fact.source
        and rule.activity_kind in ("", fact.activity_kind)
        and rule.brand in ("", fact.brand)
    )


def period_start(period: Period, at: datetime) -> datetime:
    """When the period of a moment began, on the district's calendar."""
    day = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match period:
        case Period.DAY:
            return day
        case Period.WEEK:
            return day - timedelta(days=day.weekday())
        case Period.MONTH:
            return day.replace(day=1)
        case Period.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case Period.YEAR:
            return day.replace(month=1, day=1)


class Given:
    """What capped rules have given so far, by rule, person and period."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, datetime], int] = {}

    def note(self, rule_id: str, period: Period, person_id: str, at: datetime, delta: int) -> None:
        """Count what was given for something that took place at a moment."""
        key = (rule_id, person_id, period_start(period, at))
        self._sums[key] = self._sums.get(key, 0) + delta

    def award(self, rule: RuleVersion, fact: Fact) -> Award | None:
        """What a rule gives for a fact: less where its limit is near, None where it is reached."""
        delta = rule.delta
        if rule.cap:
            period = Period(rule.cap_period)
            key = (rule.id, fact.person_id, period_start(period, fact.at))
            delta = min(delta, rule.cap - self._sums.get(key, 0))
            if delta <= 0:
                return None
            self.note(rule.id, period, fact.person_id, fact.at, delta)
        return Award(rule, fact, delta)


def awards(versions: Sequence[RuleVersion], facts: Iterable[Fact], given: Given) -> list[Award]:
    """What the rules give for facts that were not seen before."""
    return [
        award
        for fact in facts
        for rule in in_force(versions, fact.at)
        if answers(rule, fact)
        if (award := given.award(rule, fact)) is not None
    ]


def check_spendable(balance: int, price: int) -> None:
    """Nobody spends what is not there."""
    if balance < price:
        raise Conflict("POINTS_TOO_FEW", params={"balance": str(balance), "needed": str(price)})


def check_not_oneself(person_id: str, caller_person: str) -> None:
    """Nobody posts, reverses or decides points for themselves, whichever account they sign in with."""
    if not caller_person or person_id == caller_person:
        raise Forbidden("NOT_FOR_ONESELF")


class Posted(Protocol):
    """The columns of a stored entry that rules ask for."""

    kind: str
    delta: int


def reversal(entry: Posted) -> int:
    """What takes an entry back. Raises WrongState for what is not reversed this way."""
    if entry.kind not in REVERSIBLE:
        raise WrongState("ENTRY_NOT_REVERSIBLE", state=entry.kind)
    return -entry.delta


def decide(state: str) -> None:
    """A proposal is decided once."""
    if state != ProposalState.PROPOSED:
        raise WrongState("PROPOSAL_DECIDED", state=state)


def median_balance(balances: Sequence[int]) -> int | None:
    """The middle of all balances; None for too few people."""
    return median_low(balances) if len(balances) >= MEDIAN_FROM else None
