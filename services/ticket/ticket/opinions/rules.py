"""Rules of opinions: the life of a suggestion, and when a campaign takes suggestions. No I/O.

Source: the Suggestion state machine of the service description, mechanisms 2-11 and 4-04:
received → adopted / explained → linked → replied. What is adopted is linked before it is replied to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Final, Protocol

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState

THEME_THRESHOLD: Final = 10
ANSWER_THRESHOLD: Final = 5
"""Defaults of the versioned settings: the list of indicators hides counts of persons under 5, and under 10
where they are themes of opinions. No building goes below 5."""


class State(StrEnum):
    """Where a suggestion stands."""

    RECEIVED = "received"
    ADOPTED = "adopted"
    EXPLAINED = "explained"
    LINKED = "linked"
    REPLIED = "replied"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What people do to a suggestion; each is an RPC and a path ending."""

    ASSIGN = "assign"
    ADOPT = "adopt"
    EXPLAIN = "explain"
    LINK = "link"
    REPLY = "reply"
    WITHDRAW = "withdraw"


class Source(StrEnum):
    """How a suggestion came."""

    CAMPAIGN = "campaign"
    SESSION = "session"
    DIRECT = "direct"


class Respondent(StrEnum):
    """For whom its author speaks."""

    RESIDENT_UNIT = "resident_unit"
    COMMISSIONED_UNIT = "commissioned_unit"
    CADRE = "cadre"
    ENTERPRISE = "enterprise"
    WORKER = "worker"
    MEMBER = "member"
    PUBLIC = "public"


class LinkKind(StrEnum):
    """What an adopted suggestion is tied to."""

    TICKET = "ticket"
    ACTION = "action"


class Kind(StrEnum):
    """What collects suggestions: a campaign, or a delegate's reception day."""

    SURVEY = "survey"
    SESSION = "session"


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


_S = State
TRANSITIONS: Final[dict[Verb, tuple[frozenset[State], State | None]]] = {
    # Whoever answers it, it stays where it stands.
    Verb.ASSIGN: (frozenset({_S.RECEIVED, _S.ADOPTED, _S.EXPLAINED, _S.LINKED}), None),
    Verb.ADOPT: (frozenset({_S.RECEIVED}), _S.ADOPTED),
    Verb.EXPLAIN: (frozenset({_S.RECEIVED}), _S.EXPLAINED),
    Verb.LINK: (frozenset({_S.ADOPTED}), _S.LINKED),
    Verb.REPLY: (frozenset({_S.EXPLAINED, _S.LINKED}), _S.REPLIED),
    Verb.WITHDRAW: (frozenset({_S.RECEIVED}), _S.WITHDRAWN),
}
CAMPAIGN_VERBS: Final = {"open": CampaignState.DRAFT, "close": CampaignState.OPEN}
"""A campaign's verbs and the one state each needs."""


class Suggestion(Protocol):
    """The part of a suggestion that the rules look at."""

    @property
    def state(self) -> str: ...
    @property
    def author(self) -> str | None: ...
    @property
    def author_person(self) -> str | None: ...
    @property
    def assignee(self) -> str | None: ...


class Campaign(Protocol):
    """The part of a campaign that the rules look at."""

    @property
    def state(self) -> str: ...
    @property
    def classes(self) -> Sequence[str]: ...
    @property
    def opens_on(self) -> date | None: ...
    @property
    def closes_on(self) -> date | None: ...
    @property
    def host(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, the person behind it, and whether it handles the building's opinions."""

    account_id: str
    person_id: str = ""
    handles: bool = False


def is_author(suggestion: Suggestion, actor: Actor) -> bool:
    """The person who wrote it, through whichever account."""
    if suggestion.author is None:
        return False
    same_person = bool(actor.person_id) and suggestion.author_person == actor.person_id
    return same_person or suggestion.author == actor.account_id


def allowed(suggestion: Suggestion, actor: Actor) -> list[Verb]:
    """The verbs that this actor can use on the suggestion now, in the order of `Verb`."""
    author = is_author(suggestion, actor)
    answers = suggestion.assignee == actor.account_id
    return list(_allowed(suggestion.state, author, actor.handles, answers))


@cache
def _allowed(state: str, author: bool, handles: bool, answers: bool) -> tuple[Verb, ...]:
    return tuple(
        verb for verb in Verb if state in TRANSITIONS[verb][0] and _side_may(verb, author, handles, answers)
    )


def _side_may(verb: Verb, author: bool, handles: bool, answers: bool) -> bool:
    if verb is Verb.WITHDRAW:
        return author
    if verb is Verb.ASSIGN:
        return handles
    return (handles or answers) and not author


def move(suggestion: Suggestion, verb: Verb, actor: Actor) -> State:
    """The state after a verb.

    Raises WrongState with the verbs that are allowed now; NOT_THE_AUTHOR, OWN_SUGGESTION (nobody decides
    on what they wrote, as a person) or NOT_THE_ANSWERER when the state allows it and the side does not.
    """
    states, after = TRANSITIONS[verb]
    if suggestion.state not in states:
        verbs = [one.value for one in allowed(suggestion, actor)]
        raise WrongState("SUGGESTION_WRONG_STATE", state=suggestion.state, allowed=verbs)
    author = is_author(suggestion, actor)
    if not _side_may(verb, author, actor.handles, suggestion.assignee == actor.account_id):
        if verb is Verb.WITHDRAW:
            raise Forbidden("NOT_THE_AUTHOR")
        raise Forbidden("OWN_SUGGESTION" if author else "NOT_THE_ANSWERER")
    return after or State(suggestion.state)


def link_kind(ticket_id: str, action: str) -> LinkKind:
    """A ticket or an action in words; LINK_ONE_THING for both or neither."""
    if bool(ticket_id) == bool(action.strip()):
        raise Invalid("LINK_ONE_THING", fields=[FieldError("action", "LINK_ONE_THING")])
    return LinkKind.TICKET if ticket_id else LinkKind.ACTION


def accepts(campaign: Campaign, today: date) -> bool:
    """True when suggestions can be made in it today."""
    if campaign.state != CampaignState.OPEN:
        return False
    begun = campaign.opens_on is None or campaign.opens_on <= today
    return begun and (campaign.closes_on is None or today <= campaign.closes_on)


def check_takes(campaign: Campaign, respondent: Respondent, today: date) -> None:
    """CAMPAIGN_NOT_OPEN outside its days; CLASS_NOT_ASKED for a class that it does not ask."""
    if not accepts(campaign, today):
        raise Conflict("CAMPAIGN_NOT_OPEN")
    if campaign.classes and respondent not in campaign.classes:
        raise Invalid("CLASS_NOT_ASKED", fields=[FieldError("respondent_class", "CLASS_NOT_ASKED")])


def campaign_verbs(campaign: Campaign, actor: Actor) -> list[str]:
    """What this actor can do with a campaign now."""
    if not runs(campaign, actor):
        return []
    return [verb for verb, state in CAMPAIGN_VERBS.items() if campaign.state == state]


def runs(campaign: Campaign, actor: Actor) -> bool:
    """The building's staff run every campaign, a delegate their own reception days."""
    return actor.handles or campaign.host == actor.account_id


def check_days(kind: Kind, opens_on: date | None, closes_on: date | None) -> None:
    """A campaign says from when to when; CAMPAIGN_DAYS_NEEDED, CAMPAIGN_DAYS_REVERSED."""
    if kind is Kind.SURVEY and (opens_on is None or closes_on is None):
        missing = "opens_on" if opens_on is None else "closes_on"
        raise Invalid("CAMPAIGN_DAYS_NEEDED", fields=[FieldError(missing, "CAMPAIGN_DAYS_NEEDED")])
    if opens_on and closes_on and closes_on < opens_on:
        raise Invalid("CAMPAIGN_DAYS_REVERSED", fields=[FieldError("closes_on", "CAMPAIGN_DAYS_REVERSED")])


def audience(suggestion: Suggestion) -> tuple[str, ...]:
    """The accounts that a suggestion's events concern."""
    return tuple(account for account in (suggestion.author, suggestion.assignee) if account)
