"""The life of an honour, and who may move it. Pure: no I/O, no SQL, no protobuf.

nominated → approved → displayed → ended, revoked
nominated → rejected      approved → not consented      withdrawn ← nominated, approved
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class Kind(StrEnum):
    """What somebody is honoured as."""

    PIONEER_POST = "pioneer_post"
    MODEL_POST = "model_post"
    MODEL_MEMBER = "model_member"
    STAR_MEMBER = "star_member"
    MERCHANT_POST = "merchant_post"
    MODEL_MERCHANT = "model_merchant"


class State(StrEnum):
    """How far an honour is."""

    NOMINATED = "nominated"
    APPROVED = "approved"
    DISPLAYED = "displayed"
    REJECTED = "rejected"
    NOT_CONSENTED = "not_consented"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    REVOKED = "revoked"


class Ending(StrEnum):
    """Why an honour ended."""

    TERM_OVER = "term_over"
    LEFT = "left"
    POST_CLOSED = "post_closed"
    STEPPED_DOWN = "stepped_down"


class Verb(StrEnum):
    """What is done with an honour; `expire` and `leave` are done by nobody in particular."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    CONSENT = "consent"
    DECLINE = "decline"
    STEP_DOWN = "step_down"
    END = "end"
    REVOKE = "revoke"
    EXPIRE = "expire"
    LEAVE = "leave"


class Side(StrEnum):
    """Who acts."""

    BRANCH = "branch"
    DECIDER = "decider"
    NOMINEE = "nominee"
    NOBODY = "nobody"


_S = State
OPEN: Final = (_S.NOMINATED, _S.APPROVED, _S.DISPLAYED)
ASKED: Final = tuple(state for state in State if state not in (_S.NOMINATED, _S.REJECTED))
"""States that a nominee is shown: a nomination that the branch turns down never reaches anybody."""
FOR_MEMBERS: Final = frozenset({Kind.PIONEER_POST, Kind.MODEL_POST, Kind.MODEL_MEMBER, Kind.STAR_MEMBER})
"""Only for members of the party on the roster; the others ask nothing about a party, and say nothing."""
POSTS: Final = frozenset({Kind.PIONEER_POST, Kind.MODEL_POST, Kind.MERCHANT_POST})
TRANSITIONS: Final[Mapping[Verb, tuple[Side, Mapping[State, State]]]] = {
    Verb.APPROVE: (Side.DECIDER, {_S.NOMINATED: _S.APPROVED}),
    Verb.REJECT: (Side.DECIDER, {_S.NOMINATED: _S.REJECTED}),
    Verb.WITHDRAW: (Side.BRANCH, {_S.NOMINATED: _S.WITHDRAWN, _S.APPROVED: _S.WITHDRAWN}),
    Verb.CONSENT: (Side.NOMINEE, {_S.APPROVED: _S.DISPLAYED}),
    Verb.DECLINE: (Side.NOMINEE, {_S.APPROVED: _S.NOT_CONSENTED}),
    Verb.STEP_DOWN: (Side.NOMINEE, {_S.DISPLAYED: _S.ENDED}),
    Verb.END: (Side.BRANCH, {_S.DISPLAYED: _S.ENDED}),
    Verb.REVOKE: (Side.DECIDER, {_S.DISPLAYED: _S.REVOKED}),
    Verb.EXPIRE: (Side.NOBODY, {_S.APPROVED: _S.ENDED, _S.DISPLAYED: _S.ENDED}),
    Verb.LEAVE: (Side.NOBODY, dict.fromkeys(OPEN, _S.ENDED)),
}
_NOT_BY_NOMINATOR: Final = (Verb.APPROVE, Verb.REJECT)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, and what the person's role allows besides own honours."""

    person_id: str
    manages: bool = False
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """How long a term is; version 0 stands for the default. No document gives a term: a year is our own
    proposal."""

    version: int = 0
    term_days: int = 365
    created_at: datetime | None = None


def move(state: State, verb: Verb) -> State:
    """The state after a verb; HONOUR_WRONG_STATE names those that people may use now."""
    after = TRANSITIONS[verb][1].get(state)
    if after is None:
        right = [one for one, (side, moves) in TRANSITIONS.items() if state in moves]
        offered = [one for one in right if TRANSITIONS[one][0] is not Side.NOBODY]
        raise WrongState("HONOUR_WRONG_STATE", state=state, allowed=offered)
    return after


def allowed(state: State, nominee: str, nominator: str, actor: Actor) -> list[Verb]:
    """What somebody may do with an honour now."""
    own = bool(actor.person_id) and actor.person_id == nominee
    found = []
    for verb, (side, moves) in TRANSITIONS.items():
        if state not in moves:
            continue
        may = {
            Side.BRANCH: actor.manages,
            Side.DECIDER: actor.decides and bool(actor.person_id) and not own,
            Side.NOMINEE: own,
            Side.NOBODY: False,
        }[side]
        if may and not (verb in _NOT_BY_NOMINATOR and actor.person_id == nominator):
            found.append(verb)
    return found


def check_decides(verb: Verb, nominee: str, nominator: str, decider: str) -> None:
    """HONOUR_IS_OWN for oneself, HONOUR_NOMINATED_BY_YOU for whoever nominated; persons are compared."""
    if not decider or decider == nominee:
        raise Forbidden("HONOUR_IS_OWN")
    if verb in _NOT_BY_NOMINATOR and decider == nominator:
        raise Forbidden("HONOUR_NOMINATED_BY_YOU")


def check_nomination(kind: Kind, nominee: str, nominator: str, place: str, stars: int) -> None:
    """Nobody nominates themselves; a post is somewhere; stars are for members with stars."""
    if not nominator or nominee == nominator:
        raise Forbidden("HONOUR_IS_OWN")
    if kind in POSTS and not place:
        raise Invalid("HONOUR_PLACE_MISSING", fields=[FieldError("place", "HONOUR_PLACE_MISSING")])
    if (kind is Kind.STAR_MEMBER) != (stars > 0):
        raise Invalid("HONOUR_STARS_DO_NOT_FIT", fields=[FieldError("stars", "HONOUR_STARS_DO_NOT_FIT")])


def check_name(shown_as: str) -> None:
    """A plaque has a name on it."""
    if not shown_as:
        raise Invalid("NAME_MISSING", fields=[FieldError("shown_as", "NAME_MISSING")])


def check_nominee(kind: Kind, *, on_roster: bool) -> None:
    """What is for members needs one on the roster. NOMINEE_NOT_MEMBER."""
    if kind in FOR_MEMBERS and not on_roster:
        raise Conflict("NOMINEE_NOT_MEMBER")


def check_appraised(kind: Kind, stars: int, appraised: int | None) -> None:
    """An appraisal is a basis for honours of members, and for no other stars than its own.
    APPRAISAL_NOT_FINAL, APPRAISAL_DOES_NOT_FIT."""
    if appraised is None:
        raise Conflict("APPRAISAL_NOT_FINAL")
    if kind not in FOR_MEMBERS or (kind is Kind.STAR_MEMBER and stars != appraised):
        raise Invalid("APPRAISAL_DOES_NOT_FIT", fields=[FieldError("appraisal_id", "APPRAISAL_DOES_NOT_FIT")])


def last_day(asked: date | None, today: date, settings: Settings) -> date:
    """The last day of a term: as asked, else by the settings. TERM_ENDS_FIRST for a day that is past."""
    if asked is None:
        return today + timedelta(days=settings.term_days)
    if asked < today:
        raise Invalid("TERM_ENDS_FIRST", fields=[FieldError("until_date", "TERM_ENDS_FIRST")])
    return asked


def is_over(until: date | None, today: date) -> bool:
    """Whether a term is over, whether or not anybody has noticed."""
    return until is not None and today > until


def check_term(until: date, today: date) -> None:
    """HONOUR_TERM_OVER where the nominee was asked too long ago."""
    if is_over(until, today):
        raise Conflict("HONOUR_TERM_OVER", params={"until": until.isoformat()})
