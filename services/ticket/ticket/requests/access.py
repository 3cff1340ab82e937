"""Which tickets a caller may see: the scopes of the permission matrix as predicates."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Row, exists, false, or_

from chassis.context import Context
from chassis.errors import Forbidden
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


def visible(context: Context) -> ColumnElement[bool]:
    """B: the building's, except P3 · F: the floor's · E: filed in the firm's name · O: own · C: assigned."""
    t, account = tickets.c, context.caller.account_id
    ordinary = t.sensitivity == Sensitivity.P1
    ways: list[ColumnElement[bool]] = []
    if context.has("B"):
        ways.append(ordinary)
    if floors := context.ids("F"):
        ways.append(ordinary & t.floor.in_(floors))
    if firms := context.ids("E"):
        ways.append(ordinary & (t.filed_for == FiledFor.ENTERPRISE) & t.enterprise_id.in_(firms))
    if account and context.has("OBEFC"):
        ways.append(t.requester == account)
    if account and context.has("CBF"):
        mine = (
            exists()
            .where(subtasks.c.tenant_id == t.tenant_id)
            .where(subtasks.c.assignee == account, subtasks.c.ticket_id == t.id)
        )
        ways.append((t.assignee == account) | mine)
    return or_(*ways) if ways else false()


def is_case_team(ticket: Row[Any], account_id: str) -> bool:
    """Those who may read the words of a P3 ticket: who asked, and who handles it."""
    return account_id in (ticket.requester, ticket.assignee)


def needs_reason(ticket: Row[Any], context: Context) -> bool:
    """Reading someone else's P3 ticket is a P3 read: it states a reason and is audited.

    Raises REASON_REQUIRED when there is none.
    """
    if ticket.sensitivity != Sensitivity.P3 or context.caller.account_id == ticket.requester:
        return False
    if not context.reason:
        raise Forbidden("REASON_REQUIRED")
    return True
