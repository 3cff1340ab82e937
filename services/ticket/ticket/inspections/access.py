"""Which inspections a caller may see. Whoever is inspected must not learn of one before it is done: until
then it is its inspector's and its planner's, whatever reach anybody else has."""

from typing import Final

from sqlalchemy import ColumnElement, or_

from chassis.context import Context
from ticket.inspections.rules import State
from ticket.inspections.tables import inspections

WHOLE_TENANT: Final = "BDST"


def visible(context: Context) -> ColumnElement[bool]:
    """Own ones in every state; of the others those that are done. B, D, S, T: everywhere · F: on the
    floor."""
    i, account = inspections.c, context.caller.account_id
    own = or_(i.inspector == account, i.created_by == account)
    done = i.state == State.DONE
    if not context.has(WHOLE_TENANT):
        done = done & i.floor.in_(context.ids("F"))
    return or_(own, done)
