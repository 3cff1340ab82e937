"""Reads of conveniences, of the whole organisation: there is nobody in them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from ticket.conveniences.tables import uses


async def use(reader: Reader, use_id: str) -> Row:
    """One note, locked; USE_NOT_FOUND."""
    found = await reader.first(
        select(uses).where(uses.c.tenant_id == reader.tenant_id, uses.c.id == use_id).with_for_update()
    )
    if found is None:
        raise NotFound("USE_NOT_FOUND")
    return found


async def page(reader: Reader, *, kind: str, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Notes, newest first, `size` + 1 at most."""
    u = uses.c
    statement = select(uses).where(u.tenant_id == reader.tenant_id)
    if kind:
        statement = statement.where(u.kind == kind)
    if after:
        statement = statement.where(u.id < after[0])
    return await reader.fetch(statement.order_by(u.id.desc()).limit(size + 1))


async def counted(reader: Reader, first: date, end: date) -> Sequence[Row]:
    """How often by day and kind from a day to before another, the last day first."""
    u = uses.c
    return await reader.fetch(
        select(u.used_on, u.kind, func.sum(u.times).label("times"))
        .where(u.tenant_id == reader.tenant_id, u.used_on >= first, u.used_on < end, ~u.undone)
        .group_by(u.used_on, u.kind)
        .order_by(u.used_on.desc(), u.kind)
    )
