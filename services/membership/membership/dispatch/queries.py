"""Reads of dispatch: in the office, and by those who are sent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, case, exists, false, func, select, true

from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.dispatch.rules import NEXT, THERE, Item, State
from membership.dispatch.tables import batches, items, links, people


def visible(context: Context) -> ColumnElement[bool]:
    """B: everything of the organisation."""
    return true() if context.mode in ("job", "consumer") or context.has("B") else false()


def here(reader: Reader, table: Table) -> ColumnElement[bool]:
    """The rows that the office may see."""
    return (table.c.tenant_id == reader.tenant_id) & visible(reader.context)


def _sent_with(reader: Reader) -> ColumnElement[bool]:
    """The caller is one of those sent with the batch."""
    p = people.c
    return exists().where(
        p.tenant_id == batches.c.tenant_id,
        p.batch_id == batches.c.id,
        p.person_id == (reader.context.caller.person_id or None),
    )


def own(reader: Reader) -> ColumnElement[bool]:
    """The batches that the caller is or was sent with."""
    b = batches.c
    return (b.tenant_id == reader.tenant_id) & _sent_with(reader) & (b.state != State.CANCELLED)


async def link(reader: Reader, link_id: str, *, lock: bool = False) -> Row:
    """One that the office may see; DISPATCH_LINK_NOT_FOUND."""
    statement = select(links).where(here(reader, links), links.c.id == link_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("DISPATCH_LINK_NOT_FOUND")
    return found


async def lock_link(reader: Reader, batch: Row) -> Row:
    """The link of a batch, locked: all that its batches do to each other waits for it."""
    c = links.c
    statement = select(links).where(c.tenant_id == batch.tenant_id, c.id == batch.link_id)
    return await reader.one(statement.with_for_update())


async def batch(reader: Reader, where: ColumnElement[bool], batch_id: str) -> Row:
    """One among those of the caller's; DISPATCH_BATCH_NOT_FOUND for any other."""
    found = await reader.first(select(batches).where(where, batches.c.id == batch_id))
    if found is None:
        raise NotFound("DISPATCH_BATCH_NOT_FOUND")
    return found


async def item(reader: Reader, item_id: str, *, lock: bool = False) -> Row:
    """An item of a link to which the caller is or was sent; DISPATCH_ITEM_NOT_FOUND."""
    mine = select(batches.c.link_id).where(own(reader))
    i = items.c
    statement = select(items).where(i.tenant_id == reader.tenant_id, i.id == item_id, i.link_id.in_(mine))
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("DISPATCH_ITEM_NOT_FOUND")
    return found


async def there(reader: Reader, link_id: str) -> Row | None:
    """The batch that is in the village."""
    return await _in(reader, link_id, THERE)


async def next_one(reader: Reader, link_id: str) -> Row | None:
    """The batch that goes next."""
    return await _in(reader, link_id, NEXT)


async def _in(reader: Reader, link_id: str, states: Iterable[State]) -> Row | None:
    b = batches.c
    return await reader.first(
        select(batches).where(
            b.tenant_id == reader.tenant_id, b.link_id == link_id, b.state.in_(tuple(states))
        )
    )


async def last_number(reader: Reader, link_id: str) -> int:
    """The highest number among the batches of a link that went, or go."""
    b = batches.c
    statement = select(func.coalesce(func.max(b.number), 0)).where(
        b.tenant_id == reader.tenant_id, b.link_id == link_id, b.state != State.CANCELLED
    )
    return int(await reader.scalar(statement))


async def open_items(reader: Reader, ids: Iterable[str]) -> Mapping[str, int]:
    """How many items are open, by link."""
    wanted = set(ids)
    if not wanted:
        return {}
    i = items.c
    found = await reader.fetch(
        select(i.link_id, func.count().label("count"))
        .where(i.tenant_id == reader.tenant_id, i.link_id.in_(wanted), i.state == Item.OPEN)
        .group_by(i.link_id)
    )
    return {row.link_id: row.count for row in found}


async def sent(reader: Reader, ids: Iterable[str]) -> Mapping[str, Sequence[Row]]:
    """Who is sent, the lead first, by batch."""
    wanted = set(ids)
    if not wanted:
        return {}
    p = people.c
    found = await reader.fetch(
        select(people)
        .where(p.tenant_id == reader.tenant_id, p.batch_id.in_(wanted))
        .order_by(p.batch_id, p.is_lead.desc(), p.id)
    )
    by_batch: dict[str, list[Row]] = {}
    for row in found:
        by_batch.setdefault(row.batch_id, []).append(row)
    return by_batch


async def villages(reader: Reader, ids: Iterable[str]) -> Mapping[str, str]:
    """The villages of links, by link."""
    c = links.c
    found = await reader.fetch(
        select(c.id, c.village).where(c.tenant_id == reader.tenant_id, c.id.in_(set(ids)))
    )
    return {row.id: row.village for row in found}


async def link_page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Links, the latest first, `size` + 1 at most."""
    return await _page(reader, links, select(links).where(here(reader, links)), after, size)


async def batch_page(reader: Reader, link_id: str, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The batches of a link, the latest first, `size` + 1 at most."""
    statement = select(batches).where(here(reader, batches), batches.c.link_id == link_id)
    return await _page(reader, batches, statement, after, size)


async def item_page(
    reader: Reader, link_id: str, state: str, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """The items of a link, the latest first, `size` + 1 at most."""
    statement = select(items).where(here(reader, items), items.c.link_id == link_id)
    if state:
        statement = statement.where(items.c.state == state)
    return await _page(reader, items, statement, after, size)


async def _page(
    reader: Reader, table: Table, statement: Any, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    if after:
        statement = statement.where(table.c.id < after[0])
    return await reader.fetch(statement.order_by(table.c.id.desc()).limit(size + 1))


async def my_batches(reader: Reader) -> Sequence[Row]:
    """The caller's batches, the latest first."""
    return await reader.fetch(select(batches).where(own(reader)).order_by(batches.c.id.desc()))


async def my_items(reader: Reader, most: int) -> Sequence[Row]:
    """The items of the links that the caller is or was sent to: what is open first."""
    mine = select(batches.c.link_id).where(own(reader))
    i = items.c
    is_open = case((i.state == Item.OPEN, 0), else_=1)
    return await reader.fetch(
        select(items)
        .where(i.tenant_id == reader.tenant_id, i.link_id.in_(mine))
        .order_by(is_open, i.id.desc())
        .limit(most)
    )
