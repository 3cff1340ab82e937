"""Parts of the work on a ticket, each with an assignee of its own."""

from sqlalchemy import insert, select, update

from chassis.errors import Forbidden, NotFound
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.requests import access, events, queries, rules
from ticket.requests.commands import MayHandle, check_handler
from ticket.requests.history import note, tell
from ticket.requests.tables import subtasks


async def add(unit: UnitOfWork, ticket_id: str, title: str, assignee: str, may_handle: MayHandle) -> Row:
    """Split off a part of the work; the ticket keeps its one lead."""
    ticket = await queries.ticket(unit, ticket_id, lock=True)
    if ticket.state not in rules.UNSETTLED:
        raise rules.wrong_state(ticket, access.actor(unit.context))
    await check_handler(unit, assignee, may_handle)
    subtask_id = new_id()
    await unit.execute(
        insert(subtasks).values(
            tenant_id=unit.tenant_id,
            id=subtask_id,
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            ticket_id=ticket.id,
            title=title,
            assignee=assignee,
        )
    )
    note(unit, ticket, "subtask_added", title)
    tell(unit, ticket, events.subtask_assigned(ticket, subtask_id, assignee), also=(assignee,))
    return ticket


async def complete(unit: UnitOfWork, ticket_id: str, subtask_id: str) -> Row:
    """Mark a part as done; only its assignee or the building's desk may. Twice is once."""
    ticket = await queries.ticket(unit, ticket_id, lock=True)
    s = subtasks.c
    own = (s.tenant_id == unit.tenant_id) & (s.ticket_id == ticket.id) & (s.id == subtask_id)
    part = await unit.first(select(subtasks).where(own))
    if part is None:
        raise NotFound("SUBTASK_NOT_FOUND")
    if part.assignee != unit.context.caller.account_id and not unit.context.has("BF"):
        raise Forbidden("NOT_THE_HANDLER")
    if part.done_at is None:
        await unit.execute(
            update(subtasks).where(own).values(done_at=unit.now, updated_at=unit.now, version=s.version + 1)
        )
        note(unit, ticket, "subtask_done", part.title)
        tell(unit, ticket, events.subtask_completed(ticket, part.id))
    return ticket
