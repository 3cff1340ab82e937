"""Whose finds and claims a caller sees. B, who keep finds: all · O: what lies at the station, and what they
claimed themselves."""

from sqlalchemy import ColumnElement, exists, false, or_, true

from chassis.context import Context
from ticket.finds.rules import HERE
from ticket.finds.tables import claims, finds


def keeps(context: Context) -> bool:
    """Whether the caller keeps what is found: marks and claims are theirs to see."""
    return context.has("B")


def visible(context: Context) -> ColumnElement[bool]:
    """What lies at the station is everybody's to see; what has left it also theirs who claimed it."""
    if keeps(context):
        return true()
    f, c = finds.c, claims.c
    claimed = exists().where(c.tenant_id == f.tenant_id, c.find_id == f.id, own_claims(context))
    return or_(f.state.in_(sorted(HERE)), claimed)


def visible_claims(context: Context) -> ColumnElement[bool]:
    """One's own; all of them for those who keep finds."""
    return true() if keeps(context) else own_claims(context)


def own_claims(context: Context) -> ColumnElement[bool]:
    """What the caller claimed."""
    account = context.caller.account_id
    return claims.c.account == account if account else false()
