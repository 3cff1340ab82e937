"""Which activities a caller may see and manage: the scopes of the permission matrix."""

from typing import Final

from sqlalchemy import ColumnElement, or_, true

from activity.calendar.rules import State
from activity.calendar.tables import activities as a
from chassis.context import Context
from chassis.errors import Forbidden
from chassis.statements import Row

_WHOLE: Final = "DSTBU"


def visible(context: Context, *, manages: bool) -> ColumnElement[bool]:
    """What is published is for everyone; drafts are for those who manage and for who made them."""
    if manages:
        return true()
    return or_(a.c.state != State.DRAFT, a.c.created_by == context.caller.account_id)


def check_manages(context: Context, floor: str, created_by: str) -> None:
    """Whether the caller may manage an activity on this floor.

    B and above: any. F: those of the floor. Others who may propose: those they made themselves.
    Raises FLOOR_NOT_YOURS or NOT_YOUR_ACTIVITY.
    """
    if context.permission != "calendar.manage" or context.has(_WHOLE):
        return
    if created_by and created_by == context.caller.account_id:
        return
    floors = context.ids("F")
    if not floors:
        raise Forbidden("NOT_YOUR_ACTIVITY")
    if floor not in floors:
        raise Forbidden("FLOOR_NOT_YOURS")


def check_manages_row(context: Context, row: Row) -> None:
    """The same for an activity that exists."""
    check_manages(context, row.floor, row.created_by)
