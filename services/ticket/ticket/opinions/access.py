"""Which suggestions and campaigns a caller may see: the scopes of the permission matrix as predicates."""

from sqlalchemy import ColumnElement, or_, true

from chassis.context import Context
from ticket.opinions.rules import Actor, CampaignState
from ticket.opinions.tables import campaigns, suggestions


def actor(context: Context) -> Actor:
    """The caller as the rules see it. Only the building's own staff (B) handle every suggestion."""
    return Actor(
        account_id=context.caller.account_id,
        person_id=context.caller.person_id,
        handles=context.has("B"),
    )


def visible(context: Context) -> ColumnElement[bool]:
    """B: the building's · C: what one was given · all: what they wrote. No floor or firm sees more."""
    if context.has("B"):
        return true()
    s, viewer = suggestions.c, context.caller.account_id
    mine = s.author == viewer
    return or_(mine, s.assignee == viewer) if context.has("C") else mine


def visible_campaigns(context: Context) -> ColumnElement[bool]:
    """The building's staff see every campaign, a host their own, everyone those that are open."""
    if context.has("B"):
        return true()
    c = campaigns.c
    return or_(c.state == CampaignState.OPEN, c.host == context.caller.account_id)
