"""Whose listings a caller sees and answers for. B: the building's and, to look at them, every firm's ·
E: those in the firm's name."""

from sqlalchemy import ColumnElement, exists, false, or_, true

from chassis.context import Context
from chassis.statements import Row
from ticket.listings.rules import State
from ticket.listings.tables import interests, listings

_SHOWN = (State.PUBLISHED, State.FILLED)


def owns(listing: Row, context: Context) -> bool:
    """The side that listed it: the building's staff for the building, the firm's contacts for the firm."""
    return _stands_for(listing.enterprise_id, context)


def sent(interest: Row, context: Context) -> bool:
    """Who is interested: the account, or in a firm's name the firm's contacts."""
    return interest.account == context.caller.account_id or interest.enterprise_id in context.ids("E")


def answers(interest: Row, context: Context) -> bool:
    """The side that listed what somebody is interested in."""
    return _stands_for(interest.owner_enterprise, context)


def _stands_for(enterprise_id: str | None, context: Context) -> bool:
    return enterprise_id in context.ids("E") if enterprise_id else context.has("B")


def own_listings(context: Context) -> ColumnElement[bool]:
    """The listings of the caller's side."""
    found = listings.c.enterprise_id.in_(context.ids("E")) if context.ids("E") else false()
    return or_(found, listings.c.enterprise_id.is_(None)) if context.has("B") else found


def visible(context: Context) -> ColumnElement[bool]:
    """What is published is everybody's to see; the rest is its side's and the building's, and what has ended
    also theirs who were interested: the answer leads there."""
    if context.has("B"):
        return true()
    c, i = listings.c, interests.c
    asked = exists().where(i.tenant_id == c.tenant_id, i.listing_id == c.id, _own_interests(context))
    return or_(c.state.in_(_SHOWN), own_listings(context), asked)


def visible_interests(context: Context) -> ColumnElement[bool]:
    """One's own, one's firm's, and those in what one's side listed. What firms write each other is theirs."""
    return or_(_own_interests(context), own_listings(context))


def _own_interests(context: Context) -> ColumnElement[bool]:
    i, account = interests.c, context.caller.account_id
    return or_(i.account == account if account else false(), i.enterprise_id.in_(context.ids("E")))
