"""Which tickets a caller may see: the scopes of the permission matrix as predicates."""

from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, exists, false, or_

from chassis.context import Context
from chassis.errors import Forbidden
from chassis.statements import Row
from ticket.affairs import Sensitivity
from ticket.requests.rules import Actor, FiledFor
from ticket.requests.tables import subtasks, tickets

_HANDLING: Final = "BF"


def actor(context: Context) -> Actor:
    """The caller as the rules see it."""
    return Actor(
        account_id=context.caller.account_id,
        enterprises=context.ids("E"),
        handles=context.has(_HANDLING),
    )


def ways(context: Context) -> str:
    """By which of the scopes the caller sees tickets at all. B: the building's, except P3 · F: the floor's ·
    E: filed in the firm's name · O: own · C: assigned, the ticket or a part of it."""
    known = bool(context.caller.account_id)
    return "".join(
        letter
        for letter, holds in (
            ("B", context.has("B")),
            ("F", bool(context.ids("F"))),
            ("E", bool(context.ids("E"))),
            ("O", known and context.has("OBEFC")),
            ("C", known and context.has("CBF")),
        )
        if holds
    )


def values(context: Context) -> dict[str, Any]:
    """What the predicate of `visible` leaves open."""
    return {
        "viewer": context.caller.account_id,
        "floors": context.ids("F"),
        "firms": context.ids("E"),
    }


# There are few ways to look and every request looks: the predicate is built once for each.
@cache
def visible(by: str) -> ColumnElement[bool]:
    """The tickets to be seen by these `ways`; its parameters are `values`."""
    t, viewer = tickets.c, bindparam("viewer", type_=tickets.c.requester.type)
    ordinary = t.sensitivity == Sensitivity.P1
    seen: list[ColumnElement[bool]] = []
    if "B" in by:
        seen.append(ordinary)
    if "F" in by:
        seen.append(ordinary & t.floor.in_(bindparam("floors", expanding=True)))
    if "E" in by:
        firms = t.enterprise_id.in_(bindparam("firms", expanding=True))
        seen.append(ordinary & (t.filed_for == FiledFor.ENTERPRISE) & firms)
    if "O" in by:
        seen.append(t.requester == viewer)
    if "C" in by:
        mine = (
            exists()
            .where(subtasks.c.tenant_id == t.tenant_id)
            .where(subtasks.c.assignee == viewer, subtasks.c.ticket_id == t.id)
        )
        seen.append((t.assignee == viewer) | mine)
    return or_(*seen) if seen else false()


def is_case_team(ticket: Row, account_id: str) -> bool:
    """Those who may read the words of a P3 ticket: who asked, and who handles it."""
    return account_id in (ticket.requester, ticket.assignee)


def needs_reason(ticket: Row, context: Context) -> bool:
    """Reading someone else's P3 ticket is a P3 read: it states a reason and is audited.

    Raises REASON_REQUIRED when there is none.
    """
    if ticket.sensitivity != Sensitivity.P3 or context.caller.account_id == ticket.requester:
        return False
    if not context.reason:
        raise Forbidden("REASON_REQUIRED")
    return True
