"""What a grade may rest on, and who decides it. Pure: no I/O, no SQL, no protobuf.

open → decided
"""

from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class Grade(StrEnum):
    """A grade, the best first."""

    EXCELLENT = "excellent"
    QUALIFIED = "qualified"
    BARELY_QUALIFIED = "barely_qualified"
    UNQUALIFIED = "unqualified"


class State(StrEnum):
    """How far a review is."""

    OPEN = "open"
    DECIDED = "decided"


class Basis(StrEnum):
    """What a grade may rest on."""

    SELF = "self"
    PEERS = "peers"
    POLL = "poll"
    APPRAISAL = "appraisal"
    HONOUR = "honour"


class Tally(StrEnum):
    """Whose ballots were counted."""

    PEERS = "peers"
    POLL = "poll"


class Verb(StrEnum):
    """What is done with a review. There is none that nobody does: no record moves a review."""

    RATE = "rate"
    TALLY = "tally"
    DECIDE = "decide"


LEAST_BASES: Final = 2


@dataclass(frozen=True, slots=True)
class Ballots:
    """How many were for which grade."""

    excellent: int
    qualified: int
    barely_qualified: int
    unqualified: int

    @property
    def counts(self) -> Sequence[int]:
        """In the order of the grades."""
        return astuple(self)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, and what the person's role allows with other people's reviews."""

    person_id: str
    records: bool = False
    decides: bool = False


def allowed(state: State, member: str, actor: Actor) -> list[Verb]:
    """What somebody may do with a review now: with the own one nothing but rate oneself."""
    if state is State.DECIDED:
        return []
    if actor.person_id and actor.person_id == member:
        return [Verb.RATE]
    return [verb for verb, may in ((Verb.TALLY, actor.records), (Verb.DECIDE, actor.decides)) if may]


def check_open(state: State) -> None:
    """REVIEW_WRONG_STATE: what is decided stays as it is."""
    if state is not State.OPEN:
        raise WrongState("REVIEW_WRONG_STATE", state=state)


def check_other(member: str, actor: str) -> None:
    """REVIEW_IS_OWN: nobody counts ballots about themselves or decides on themselves, as a person."""
    if not actor or actor == member:
        raise Forbidden("REVIEW_IS_OWN")


def check_ballots(ballots: Ballots) -> None:
    """NO_BALLOTS where nobody voted."""
    if not sum(ballots.counts):
        raise _wrong("tally", "NO_BALLOTS")


def check_bases(named: Collection[Basis], there: Collection[Basis]) -> list[Basis]:
    """The bases that a decision names, in their order. BASES_TOO_FEW below two different ones,
    BASIS_NOT_THERE for one that does not exist."""
    found = [basis for basis in Basis if basis in named]
    if len(found) < LEAST_BASES:
        raise _wrong("bases", "BASES_TOO_FEW")
    missing = [basis for basis in found if basis not in there]
    if missing:
        raise Conflict("BASIS_NOT_THERE", params={"bases": ",".join(missing)})
    return found


def check_year(year: int, today: date) -> None:
    """YEAR_TO_COME: nobody is reviewed for a year that has not begun."""
    if year > today.year:
        raise _wrong("year", "YEAR_TO_COME")


def days_of(year: int) -> tuple[date, date]:
    """The first and the last day of a year."""
    return date(year, 1, 1), date(year, 12, 31)


def _wrong(field: str, reason: str) -> Invalid:
    return Invalid(reason, fields=[FieldError(field, reason)])
