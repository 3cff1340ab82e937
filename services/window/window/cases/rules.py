"""Rules of cases: the state machine and which side may do what. No I/O, no SQL, no protobuf.

Source: the Case state machine of the service description and mechanisms 1-19 to 1-21:
draft → prechecked → submitted → accepted / needs-correction (itemised once) / refused with reason →
processing → decided → delivered → rated. Five grades: 国办发〔2019〕51号, GB/T 39735-2020.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from chassis.days import ZONE, day_of
from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState

DAY_ENDS: Final = time(17, 30)
WORST_GRADES: Final = 2
"""The lowest two of five grades count as bad and open a call-back."""
ONE_TRIP: Final = 1
_LONGEST_WAIT: Final = timedelta(days=3 * 366)


class State(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    PRECHECKED = "prechecked"
    PENDING_RELAY = "pending_relay"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    NEEDS_CORRECTION = "needs_correction"
    REFUSED = "refused"
    PROCESSING = "processing"
    DECIDED = "decided"
    DELIVERED = "delivered"
    RATED = "rated"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What people do with a case; each is an RPC and a path ending."""

    UPDATE = "update"
    PRECHECK = "precheck"
    SUBMIT = "submit"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    RATE = "rate"
    ACCEPT = "accept"
    CORRECTION = "correction"
    REFUSE = "refuse"
    START = "start"
    DECIDE = "decide"
    DELIVER = "deliver"
    CALLBACK = "callback"


class Side(StrEnum):
    """Who acts: the applicant (or a contact of the firm), the department, or the relay."""

    APPLICANT = "applicant"
    DEPARTMENT = "department"
    SYSTEM = "system"


class FiledFor(StrEnum):
    """In whose name: the employer sees only what was filed in the firm's."""

    PERSON = "person"
    ENTERPRISE = "enterprise"


_S, _V = State, Verb
_PREPARING: Final = frozenset({_S.DRAFT, _S.PRECHECKED})
UNDECIDED: Final = frozenset(
    {_S.PENDING_RELAY, _S.SUBMITTED, _S.NEEDS_CORRECTION, _S.ACCEPTED, _S.PROCESSING}
)
HIDDEN: Final = frozenset({_S.DRAFT, _S.PRECHECKED, _S.PENDING_RELAY})
"""States in which a case is not with its department."""
RECEIVED: Final = frozenset(_S) - HIDDEN
OPEN: Final = frozenset({_S.SUBMITTED, _S.NEEDS_CORRECTION, _S.ACCEPTED, _S.PROCESSING, _S.DECIDED})
"""States in which a department still has something to do or to wait for."""

TRANSITIONS: Final[Mapping[Verb, tuple[Side, frozenset[State], State]]] = {
    _V.UPDATE: (Side.APPLICANT, _PREPARING, _S.DRAFT),
    _V.PRECHECK: (Side.APPLICANT, _PREPARING, _S.PRECHECKED),
    _V.SUBMIT: (Side.APPLICANT, _PREPARING, _S.SUBMITTED),
    _V.CORRECT: (Side.APPLICANT, frozenset({_S.NEEDS_CORRECTION}), _S.SUBMITTED),
    _V.WITHDRAW: (Side.APPLICANT, _PREPARING | UNDECIDED, _S.WITHDRAWN),
    _V.RATE: (Side.APPLICANT, frozenset({_S.DELIVERED}), _S.RATED),
    _V.ACCEPT: (Side.DEPARTMENT, frozenset({_S.SUBMITTED}), _S.ACCEPTED),
    _V.CORRECTION: (Side.DEPARTMENT, frozenset({_S.SUBMITTED}), _S.NEEDS_CORRECTION),
    _V.REFUSE: (Side.DEPARTMENT, frozenset({_S.SUBMITTED}), _S.REFUSED),
    _V.START: (Side.DEPARTMENT, frozenset({_S.ACCEPTED}), _S.PROCESSING),
    # A matter decided on the spot needs no separate start.
    _V.DECIDE: (Side.DEPARTMENT, frozenset({_S.ACCEPTED, _S.PROCESSING}), _S.DECIDED),
    _V.DELIVER: (Side.DEPARTMENT, frozenset({_S.DECIDED}), _S.DELIVERED),
    _V.CALLBACK: (Side.DEPARTMENT, frozenset({_S.RATED}), _S.RATED),
}


class Case(Protocol):
    """The part of a case that the rules look at."""

    @property
    def state(self) -> str: ...
    @property
    def applicant(self) -> str: ...
    @property
    def filed_for(self) -> str: ...
    @property
    def enterprise_id(self) -> str | None: ...
    @property
    def handler(self) -> str | None: ...
    @property
    def corrections(self) -> int: ...
    @property
    def callback_open(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, on which side; `enterprises` are the firms the account speaks for."""

    side: Side
    account_id: str
    enterprises: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A material the matter asks for, and what was supplied."""

    code: str
    name_zh: str
    name_en: str
    required: bool
    files: tuple[Mapping[str, Any], ...] = ()
    on_paper: bool = False

    @property
    def supplied(self) -> bool:
        """Whether something was supplied, as a file or on paper."""
        return bool(self.files) or self.on_paper


@dataclass(frozen=True, slots=True)
class Supply:
    """What an applicant supplies for one material."""

    code: str
    files: tuple[Mapping[str, Any], ...]
    on_paper: bool


def allowed(case: Case, actor: Actor) -> list[Verb]:
    """The verbs that this actor can use on the case now, in the order of `Verb`."""
    return [verb for verb in Verb if _state_allows(case, verb) and _actor_may(case, verb, actor)]


def _state_allows(case: Case, verb: Verb) -> bool:
    if case.state not in TRANSITIONS[verb][1]:
        return False
    if verb is Verb.CORRECTION:
        return case.corrections == 0
    return verb is not Verb.CALLBACK or case.callback_open


def _actor_may(case: Case, verb: Verb, actor: Actor) -> bool:
    if TRANSITIONS[verb][0] is not actor.side:
        return False
    return actor.side is Side.DEPARTMENT or is_applicant(case, actor)


def is_applicant(case: Case, actor: Actor) -> bool:
    """The account that filed it, or a contact of the firm in whose name it was filed."""
    if case.applicant == actor.account_id:
        return True
    return case.filed_for == FiledFor.ENTERPRISE and case.enterprise_id in actor.enterprises


def move(case: Case, verb: Verb, actor: Actor) -> State:
    """The state after a verb.

    Raises WrongState with the verbs that are allowed now, CORRECTION_ALREADY_ASKED for a second list of
    corrections, or NOT_THE_APPLICANT.
    """
    asked_before = case.state == State.SUBMITTED and case.corrections > 0
    if verb is Verb.CORRECTION and asked_before:
        raise Conflict("CORRECTION_ALREADY_ASKED")
    if not _state_allows(case, verb):
        raise WrongState("CASE_WRONG_STATE", state=case.state, allowed=allowed(case, actor))
    if not _actor_may(case, verb, actor):
        raise Forbidden("NOT_THE_APPLICANT")
    return TRANSITIONS[verb][2]


def supply(papers: Sequence[Paper], supplies: Iterable[Supply]) -> tuple[Paper, ...]:
    """The papers after something was supplied; Invalid for a material the matter does not ask for."""
    given = {one.code: one for one in supplies}
    unknown = sorted(set(given) - {paper.code for paper in papers})
    if unknown:
        wrong = [FieldError(f"materials.{code}", "MATERIAL_UNKNOWN", {"code": code}) for code in unknown]
        raise Invalid("MATERIAL_UNKNOWN", fields=wrong)
    return tuple(
        replace(paper, files=given[paper.code].files, on_paper=given[paper.code].on_paper)
        if paper.code in given
        else paper
        for paper in papers
    )


def precheck(papers: Iterable[Paper]) -> None:
    """Every required material is there; Invalid naming each that is not."""
    wrong = [_missing(paper) for paper in papers if paper.required and not paper.supplied]
    if wrong:
        raise Invalid("MATERIALS_MISSING", fields=wrong)


def check_corrected(papers: Iterable[Paper], wanted: Iterable[str], supplied: Iterable[str]) -> None:
    """Everything that was itemised is supplied anew; Invalid naming each that is not."""
    asked, given = set(wanted), set(supplied)
    wrong = [
        _missing(paper)
        for paper in papers
        if paper.code in asked and (paper.code not in given or not paper.supplied)
    ]
    if wrong:
        raise Invalid("CORRECTIONS_MISSING", fields=wrong)


def itemise(papers: Iterable[Paper], items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What has to be corrected, by material; Invalid for materials that the case does not have."""
    known = {paper.code for paper in papers}
    wanted: dict[str, str] = {}
    wrong = []
    for place, (code, reason) in enumerate(items):
        if code not in known:
            wrong.append(FieldError(f"items[{place}].material", "MATERIAL_UNKNOWN", {"code": code}))
        wanted[code] = f"{wanted[code]}\n{reason}" if code in wanted else reason
    if wrong:
        raise Invalid("MATERIAL_UNKNOWN", fields=wrong)
    return wanted


def _missing(paper: Paper) -> FieldError:
    params = {"name": paper.name_zh, "name_en": paper.name_en}
    return FieldError(f"materials.{paper.code}", "MATERIAL_MISSING", params)


def due(accepted_at: datetime, days: int, works_on: Callable[[date], bool]) -> datetime:
    """The end of the last promised workday; the day of acceptance is not one of them."""
    day = day_of(accepted_at)
    latest = day + _LONGEST_WAIT
    left = days
    while left and day < latest:
        day += timedelta(days=1)
        left -= works_on(day)
    return datetime.combine(day, DAY_ENDS, ZONE).astimezone(UTC)


def is_bad(grade: int) -> bool:
    """Whether a grade opens a call-back."""
    return 0 < grade <= WORST_GRADES


def is_once_done(corrections: int, trips: int) -> bool:
    """一次办妥: no correction and at most one trip."""
    return corrections == 0 and trips <= ONE_TRIP
