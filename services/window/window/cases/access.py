"""Which cases a caller may see: the scopes of the permission matrix as predicates."""

from sqlalchemy import ColumnElement, and_, false, or_

from chassis.context import Context
from window.cases.rules import HIDDEN, Actor, FiledFor, Side
from window.cases.tables import cases


def actor(context: Context) -> Actor:
    """The caller as the rules see it: in party mode the department, else the applicant's side."""
    side = Side.DEPARTMENT if context.mode == "party" else Side.APPLICANT
    return Actor(side, context.caller.account_id, context.ids("E"))


def visible(context: Context) -> ColumnElement[bool]:
    """O: own · E: filed in the firm's name, and own · A and the rest: none (counts only)."""
    c, account = cases.c, context.caller.account_id
    ways: list[ColumnElement[bool]] = []
    if account and context.has("OEB"):
        ways.append(c.applicant == account)
    if firms := context.ids("E"):
        ways.append(and_(c.filed_for == FiledFor.ENTERPRISE, c.enterprise_id.in_(firms)))
    return or_(false(), *ways)


def received(context: Context) -> ColumnElement[bool]:
    """What was handed to the caller's department. U: all of it · C: what the caller handles."""
    c = cases.c
    theirs = and_(
        c.department_id == context.tenant_id,
        c.submitted_at.is_not(None),
        c.state.not_in(sorted(HIDDEN)),
    )
    if context.has("U"):
        return theirs
    return and_(theirs, c.handler == context.caller.account_id) if context.has("C") else false()
