"""Which hazards a caller may see: the scopes of the permission matrix as predicates."""

from typing import Final

from sqlalchemy import ColumnElement, or_, true

from chassis.context import Context
from ticket.hazards.rules import Actor
from ticket.hazards.tables import hazards

WHOLE_TENANT: Final = "BDST"
"""Scopes that see every hazard of the organisation: its own staff, and the organisations above it."""


def actor(context: Context) -> Actor:
    """The caller as the rules see it."""
    return Actor(person_id=context.caller.person_id, manages=context.has("B"))


def visible(context: Context) -> ColumnElement[bool]:
    """B, D, S, T: all · F: the floor's · everyone: what they reported, own or verify."""
    if context.has(WHOLE_TENANT):
        return true()
    seen = [concerning(context)]
    if floors := context.ids("F"):
        seen.append(hazards.c.floor.in_(floors))
    return or_(*seen)


def concerning(context: Context) -> ColumnElement[bool]:
    """What the caller reported, owns or verifies."""
    h, account = hazards.c, context.caller.account_id
    return or_(h.reporter == account, h.owner == account, h.verifier == account)
