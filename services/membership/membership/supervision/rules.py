"""What a supervision asks, the life of a finding and of an application for stars. Pure: no I/O, no SQL, no
protobuf.

finding  open → submitted → verified      submitted → returned → submitted
star     applied → granted, refused, withdrawn
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class State(StrEnum):
    """How far a supervision is."""

    ISSUED = "issued"
    RECTIFYING = "rectifying"
    CLOSED = "closed"


class Finding(StrEnum):
    """How far a finding is."""

    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    VERIFIED = "verified"


class Star(StrEnum):
    """How far an application for stars is."""

    APPLIED = "applied"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What is done with a finding."""

    ASSIGN = "assign"
    SUBMIT = "submit"
    VERIFY = "verify"
    RETURN = "return"


class Step(StrEnum):
    """What is done with an application for stars."""

    WITHDRAW = "withdraw"
    GRANT = "grant"
    REFUSE = "refuse"


class Side(StrEnum):
    """Who acts: the branch that was supervised, or its superior."""

    BRANCH = "branch"
    SUPERIOR = "superior"


_F: Final = Finding
_WITH_BRANCH: Final = (_F.OPEN, _F.RETURNED)
FINDINGS: Final[Mapping[Verb, tuple[Side, Mapping[Finding, Finding]]]] = {
    Verb.SUBMIT: (Side.BRANCH, dict.fromkeys(_WITH_BRANCH, _F.SUBMITTED)),
    Verb.ASSIGN: (Side.BRANCH, {state: state for state in _WITH_BRANCH}),
    Verb.VERIFY: (Side.SUPERIOR, {_F.SUBMITTED: _F.VERIFIED}),
    Verb.RETURN: (Side.SUPERIOR, {_F.SUBMITTED: _F.RETURNED}),
}
STARS: Final[Mapping[Step, tuple[Side, Star]]] = {
    Step.GRANT: (Side.SUPERIOR, Star.GRANTED),
    Step.REFUSE: (Side.SUPERIOR, Star.REFUSED),
    Step.WITHDRAW: (Side.BRANCH, Star.WITHDRAWN),
}


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a checklist."""

    code: str
    title_zh: str
    title_en: str
    source: str


@dataclass(frozen=True, slots=True)
class NewFinding:
    """A finding as it is issued."""

    code: str
    text: str
    due_on: date


def check_items(items: Sequence[Item]) -> None:
    """ITEM_TWICE: an item's code names it in every answer."""
    if len({item.code for item in items}) != len(items):
        raise Invalid("ITEM_TWICE", fields=[FieldError("items", "ITEM_TWICE")])


def check_answers(
    items: Sequence[Item],
    answers: Sequence[tuple[str, bool]],
    findings: Sequence[NewFinding],
    today: date,
) -> None:
    """SUPERVISION_INCOMPLETE unless every item is answered, once. FINDING_MISSING for an item that is not met
    and has none, FINDING_NOT_NEEDED for one that is met, DATE_IN_PAST for a day that is over."""
    codes = [code for code, _ in answers]
    if sorted(codes) != sorted(item.code for item in items):
        raise Invalid("SUPERVISION_INCOMPLETE", fields=[FieldError("answers", "SUPERVISION_INCOMPLETE")])
    unmet = {code for code, met in answers if not met}
    found = {finding.code for finding in findings}
    if unmet - found:
        raise Invalid("FINDING_MISSING", fields=[FieldError("findings", "FINDING_MISSING")])
    if found - unmet:
        raise Invalid("FINDING_NOT_NEEDED", fields=[FieldError("findings", "FINDING_NOT_NEEDED")])
    if any(finding.due_on < today for finding in findings):
        raise Invalid("DATE_IN_PAST", fields=[FieldError("findings", "DATE_IN_PAST")])


def state_of(findings: Collection[Finding]) -> State:
    """How far a supervision with these findings is."""
    if all(finding is Finding.VERIFIED for finding in findings):
        return State.CLOSED
    untouched = all(finding is Finding.OPEN for finding in findings)
    return State.ISSUED if untouched else State.RECTIFYING


def move(state: Finding, verb: Verb) -> Finding:
    """The state of a finding after a verb. FINDING_WRONG_STATE, FINDING_CLOSED once it is verified."""
    after = FINDINGS[verb][1].get(state)
    if after is None:
        offered = [one for one, (_, moves) in FINDINGS.items() if state in moves]
        reason = "FINDING_WRONG_STATE" if offered else "FINDING_CLOSED"
        raise WrongState(reason, state=state, allowed=offered)
    return after


def allowed(state: Finding, side: Side, rectifier: str | None, person: str) -> list[Verb]:
    """What somebody on a side may do with a finding now."""
    own = not person or person == rectifier
    return [
        verb
        for verb, (whose, moves) in FINDINGS.items()
        if whose is side and state in moves and not (side is Side.SUPERIOR and own)
    ]


def check_verifies(rectifier: str | None, person: str) -> None:
    """FINDING_IS_OWN: whoever put it right does not verify it. Persons are compared."""
    if not person or person == rectifier:
        raise Forbidden("FINDING_IS_OWN")


def decide(state: Star, step: Step) -> Star:
    """The state of an application after a step; STAR_DECIDED once there was one."""
    if state is not Star.APPLIED:
        raise WrongState("STAR_DECIDED", state=state)
    return STARS[step][1]


def steps(state: Star, side: Side, applicant: str, person: str) -> list[Step]:
    """What somebody on a side may do with an application now."""
    if state is not Star.APPLIED or not person or (side is Side.SUPERIOR and person == applicant):
        return []
    return [step for step, (whose, _) in STARS.items() if whose is side]


def check_decides(applicant: str, person: str) -> None:
    """STAR_IS_OWN: whoever applied does not decide."""
    if not person or person == applicant:
        raise Forbidden("STAR_IS_OWN")


def check_ready(held: int, unverified: int) -> None:
    """STAR_WITHOUT_SUPERVISION before there was one, STAR_FINDINGS_OPEN while a finding is not verified."""
    if not held:
        raise Conflict("STAR_WITHOUT_SUPERVISION")
    if unverified:
        raise Conflict("STAR_FINDINGS_OPEN", params={"count": str(unverified)})
