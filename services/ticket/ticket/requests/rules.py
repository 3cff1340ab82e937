"""Rules of service requests: the ticket's state machine and who may do what. No I/O.

Source: mechanisms 1-16 to 1-19 and the Ticket state machine of the service description:
submitted → triaged → assigned → accepted → in progress ⇄ waiting/referred → resolved → closed;
reopened; rejected with reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Final, Protocol

from chassis.errors import Conflict, Forbidden, WrongState

AUTO_CLOSE_DAYS: Final = 7
"""Default of the versioned setting; a choice of the design, no document names a figure."""


class State(StrEnum):
    """Where a ticket stands."""

    SUBMITTED = "submitted"
    TRIAGED = "triaged"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    REFERRED = "referred"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What people do to a ticket; each is an RPC and a path ending."""

    TRIAGE = "triage"
    ASSIGN = "assign"
    ACCEPT = "accept"
    START = "start"
    ATTEND = "attend"
    HOLD = "hold"
    RESUME = "resume"
    REFER = "refer"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    RATE = "rate"
    REOPEN = "reopen"
    REJECT = "reject"
    WITHDRAW = "withdraw"


class Urgency(StrEnum):
    """Whether it goes before others."""

    NORMAL = "normal"
    URGENT = "urgent"


class FiledFor(StrEnum):
    """In whose name: the employer sees only what was filed in the firm's (trap 20)."""

    PERSON = "person"
    ENTERPRISE = "enterprise"


_S = State
OPEN: Final = frozenset(_S) - {_S.CLOSED, _S.REJECTED, _S.WITHDRAWN}
UNSETTLED: Final = OPEN - {_S.RESOLVED}
"""What the building still owes something for."""

TRANSITIONS: Final[dict[Verb, tuple[frozenset[State], State]]] = {
    Verb.TRIAGE: (frozenset({_S.SUBMITTED}), _S.TRIAGED),
    Verb.ASSIGN: (UNSETTLED, _S.ASSIGNED),
    Verb.ACCEPT: (frozenset({_S.ASSIGNED}), _S.ACCEPTED),
    Verb.START: (frozenset({_S.ACCEPTED}), _S.IN_PROGRESS),
    # Coming is for on-site services only, and once: see `_awaits_visit`.
    Verb.ATTEND: (frozenset({_S.ACCEPTED, _S.IN_PROGRESS}), _S.IN_PROGRESS),
    Verb.HOLD: (frozenset({_S.ACCEPTED, _S.IN_PROGRESS}), _S.WAITING),
    Verb.RESUME: (frozenset({_S.WAITING, _S.REFERRED}), _S.IN_PROGRESS),
    Verb.REFER: (frozenset({_S.ACCEPTED, _S.IN_PROGRESS}), _S.REFERRED),
    # Resolving straight after the assignment accepts on the way: small things are done on the spot.
    Verb.RESOLVE: (frozenset({_S.ASSIGNED, _S.ACCEPTED, _S.IN_PROGRESS}), _S.RESOLVED),
    Verb.CONFIRM: (frozenset({_S.RESOLVED}), _S.CLOSED),
    Verb.RATE: (frozenset({_S.CLOSED}), _S.CLOSED),
    Verb.REOPEN: (frozenset({_S.RESOLVED, _S.CLOSED}), _S.ASSIGNED),
    Verb.REJECT: (frozenset({_S.SUBMITTED, _S.TRIAGED, _S.ASSIGNED}), _S.REJECTED),
    Verb.WITHDRAW: (UNSETTLED, _S.WITHDRAWN),
}

_SETTLING: Final = TRANSITIONS[Verb.RESOLVE][0] | {_S.SUBMITTED, _S.TRIAGED}
"""From where a result that was reached elsewhere leads straight to the end."""

REQUESTER_VERBS: Final = frozenset({Verb.RESUME, Verb.CONFIRM, Verb.RATE, Verb.REOPEN, Verb.WITHDRAW})
"""Verbs of the requester; nobody confirms, rates or withdraws in the requester's stead."""
HANDLER_VERBS: Final = frozenset(Verb) - REQUESTER_VERBS | {Verb.RESUME}


class Ticket(Protocol):
    """The part of a ticket that the rules look at."""

    @property
    def state(self) -> str: ...
    @property
    def requester(self) -> str: ...
    @property
    def assignee(self) -> str | None: ...
    @property
    def filed_for(self) -> str: ...
    @property
    def enterprise_id(self) -> str | None: ...
    @property
    def rating(self) -> int: ...
    @property
    def closed_automatically(self) -> bool: ...
    @property
    def onsite(self) -> bool: ...
    @property
    def attended_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, the firms it speaks for, and whether it handles the building's tickets."""

    account_id: str
    enterprises: tuple[str, ...] = ()
    handles: bool = False


def is_requester(ticket: Ticket, actor: Actor) -> bool:
    """The account that filed it, or a contact of the firm in whose name it was filed."""
    if ticket.requester == actor.account_id:
        return True
    return ticket.filed_for == FiledFor.ENTERPRISE and ticket.enterprise_id in actor.enterprises


def allowed(ticket: Ticket, actor: Actor) -> list[Verb]:
    """The verbs that this actor can use on the ticket now, in the order of `Verb`."""
    return list(
        _allowed(
            ticket.state,
            _awaits_rating(ticket),
            _awaits_visit(ticket),
            is_requester(ticket, actor),
            is_handler(ticket, actor),
            ticket.assignee == actor.account_id,
        )
    )


def is_handler(ticket: Ticket, actor: Actor) -> bool:
    """Whoever handles the building's tickets, or this one."""
    return actor.handles or ticket.assignee == actor.account_id


def answers(ticket: Ticket, actor: Actor) -> bool:
    """Whose word on the ticket is one of the building to its requester."""
    return is_handler(ticket, actor) and not is_requester(ticket, actor)


def settles(ticket: Ticket, actor: Actor) -> bool:
    """Whether what this actor did elsewhere is the ticket's result; else it stays with its handler."""
    return ticket.state in _SETTLING and answers(ticket, actor) and not _awaits_visit(ticket)


# A list asks this of every row, and there are few different answers.
@cache
def _allowed(
    state: str, awaits_rating: bool, awaits_visit: bool, requester: bool, handler: bool, assignee: bool
) -> tuple[Verb, ...]:
    return tuple(
        verb
        for verb in Verb
        if _state_allows(state, awaits_rating, awaits_visit, verb)
        and _side_may(verb, requester, handler, assignee)
        and not (awaits_visit and verb is Verb.RESOLVE)
    )


def _awaits_rating(ticket: Ticket) -> bool:
    return ticket.closed_automatically and not ticket.rating


def _awaits_visit(ticket: Ticket) -> bool:
    return ticket.onsite and ticket.attended_at is None


def _state_allows(state: str, awaits_rating: bool, awaits_visit: bool, verb: Verb) -> bool:
    if verb is Verb.RATE and not awaits_rating:
        return False
    if verb is Verb.ATTEND and not awaits_visit:
        return False
    return state in TRANSITIONS[verb][0]


def _side_may(verb: Verb, requester: bool, handler: bool, assignee: bool) -> bool:
    # Nobody comes in another's stead.
    if verb is Verb.ATTEND:
        return assignee
    return (requester and verb in REQUESTER_VERBS) or (handler and verb in HANDLER_VERBS)


def wrong_state(ticket: Ticket, actor: Actor) -> WrongState:
    """The refusal that says where the ticket stands and what this actor can do instead."""
    verbs = [verb.value for verb in allowed(ticket, actor)]
    return WrongState("TICKET_WRONG_STATE", state=ticket.state, allowed=verbs)


def move(ticket: Ticket, verb: Verb, actor: Actor) -> State:
    """The state after a verb.

    Raises WrongState with the verbs that are allowed now, or NOT_THE_REQUESTER / NOT_THE_HANDLER
    when the state allows the verb and the actor does not stand on the right side of the ticket, and
    ONSITE_CHECKIN_MISSING for a result of an on-site service that nobody came for.
    """
    visit = _awaits_visit(ticket)
    if not _state_allows(ticket.state, _awaits_rating(ticket), visit, verb):
        raise wrong_state(ticket, actor)
    assignee = ticket.assignee == actor.account_id
    if not _side_may(verb, is_requester(ticket, actor), is_handler(ticket, actor), assignee):
        only_requester = verb in REQUESTER_VERBS and verb not in HANDLER_VERBS
        raise Forbidden("NOT_THE_REQUESTER" if only_requester else "NOT_THE_HANDLER")
    if visit and verb is Verb.RESOLVE:
        raise Conflict("ONSITE_CHECKIN_MISSING")
    return TRANSITIONS[verb][1]


def check_assignee(ticket: Ticket, assignee: str) -> None:
    """Nobody handles what they asked for themselves."""
    if assignee == ticket.requester:
        raise Conflict("ASSIGNEE_IS_REQUESTER")


def check_subtasks_done(done: Iterable[bool]) -> None:
    """A ticket with open sub-tasks has no result yet."""
    open_tasks = sum(not one for one in done)
    if open_tasks:
        raise Conflict("SUBTASKS_OPEN", params={"count": str(open_tasks)})


def closes_by_itself(resolved_at: datetime, now: datetime, days: int) -> bool:
    """True once nobody has confirmed a result for `days` days."""
    return now - resolved_at >= timedelta(days=days)


def audience(ticket: Any) -> tuple[str, ...]:
    """The accounts that a ticket's events concern."""
    return tuple(account for account in (ticket.requester, ticket.assignee) if account)
