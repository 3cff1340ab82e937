"""What is to be done in a village: one function a verb, each in the caller's unit of work."""

from sqlalchemy import insert, update

from chassis import days
from chassis.errors import Stale
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.dispatch import events, queries, rules
from membership.dispatch.rules import Item, State
from membership.dispatch.tables import items
from membership.texts import prose


async def open_item(unit: UnitOfWork, batch_id: str, title: str, due_on: str, *, synthetic: bool) -> Row:
    """Somebody of the batch that serves opens an item. DISPATCH_NOT_SERVING."""
    batch = await _serving(unit, batch_id)
    statement = insert(items).values(
        **unit.fresh(synthetic=synthetic),
        link_id=batch.link_id,
        batch_id=batch.id,
        **prose(title=title),
        state=Item.OPEN,
        opened_by=batch.number,
        batch=batch.number,
        carried=0,
        due_on=days.parse("due_on", due_on),
        result="",
    )
    row = await unit.one(statement.returning(items))
    unit.audit("dispatch.open", row.id)
    events.item_changed(unit, row)
    return row


async def finish(unit: UnitOfWork, item_id: str, etag: str, result: str) -> Row:
    """Somebody of the batch that serves says what came of it. DISPATCH_NOT_SERVING, DISPATCH_ITEM_DONE."""
    # A hand-over moves items, so the link is locked first, as there.
    await _serving(unit, (await queries.item(unit, item_id)).batch_id)
    seen = await queries.item(unit, item_id, lock=True)
    if etag != str(seen.version):
        raise Stale
    rules.check_open(Item(seen.state))
    i = items.c
    after = await unit.one(
        update(items)
        .where(i.tenant_id == seen.tenant_id, i.id == seen.id)
        .values(
            version=i.version + 1,
            updated_at=unit.now,
            state=Item.DONE,
            done_on=days.day_of(unit.now),
            **prose(result=result),
        )
        .returning(items)
    )
    unit.audit("dispatch.finish", after.id)
    events.item_changed(unit, after)
    return after


async def _serving(unit: UnitOfWork, batch_id: str) -> Row:
    """The batch, of which the caller is one, while it serves."""
    own = queries.own(unit)
    await queries.lock_link(unit, await queries.batch(unit, own, batch_id))
    found = await queries.batch(unit, own, batch_id)
    rules.check_works_there(State(found.state))
    return found
