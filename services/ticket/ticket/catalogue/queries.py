"""Reads of the catalogue."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, or_, select

from chassis.errors import Conflict, NotFound
from chassis.recent import Recent
from chassis.statements import Row
from chassis.units import Reader
from ticket.catalogue.rules import check_filled
from ticket.catalogue.tables import items

_ITEM: Final = select(items).where(
    items.c.tenant_id == bindparam("own_tenant"), items.c.id == bindparam("own_id")
)
RECENT: Final = Recent[tuple[str, str], Row](5.0)


async def item(reader: Reader, item_id: str) -> Row:
    """One item of the tenant; SERVICE_ITEM_NOT_FOUND for anything else."""
    found = await reader.first(_ITEM, {"own_tenant": reader.tenant_id, "own_id": item_id})
    if found is None:
        raise NotFound("SERVICE_ITEM_NOT_FOUND")
    return found


async def recent(reader: Reader, item_id: str) -> Row:
    """The same, as it was at most five seconds ago."""
    return await RECENT.get((reader.tenant_id, item_id), lambda: item(reader, item_id))


async def orderable(reader: Reader, item_id: str, filled: Mapping[str, Any] | None) -> Row:
    """An item that can be ordered with this form; None where the form is filled in later.

    The item is as it was at most five seconds ago: every order asks for one, and items change a few times
    a year. SERVICE_ITEM_NOT_FOUND, SERVICE_ITEM_NOT_LIVE, FORM_INVALID with the fields.
    """
    found = await recent(reader, item_id)
    if not found.live:
        raise Conflict("SERVICE_ITEM_NOT_LIVE")
    if filled is not None:
        check_filled(found.form, filled)
    return found


async def page(
    reader: Reader,
    *,
    words: str,
    affairs: str | None,
    station: str | None,
    include_retired: bool,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Items in the order they were published, `size` + 1 at most; all words must occur in an item.

    A building has some dozens of items, so words are looked for by scanning them.
    """
    statement = select(items).where(items.c.tenant_id == reader.tenant_id)
    if not include_retired:
        statement = statement.where(items.c.live)
    if affairs:
        statement = statement.where(items.c.affairs == affairs)
    if station:
        statement = statement.where(items.c.station == station)
    for word in words.split():
        columns = (items.c.name_zh, items.c.name_en, items.c.summary_zh, items.c.summary_en)
        found = or_(*(column.icontains(word, autoescape=True) for column in columns))
        statement = statement.where(and_(found))
    if after:
        statement = statement.where(items.c.id > after[0])
    return await reader.fetch(statement.order_by(items.c.id).limit(size + 1))
