"""Reads of inspections. Each states the tenant and what the caller may see."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from chassis.days import beginning_of
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from ticket.inspections import access
from ticket.inspections.rules import State
from ticket.inspections.tables import inspections


async def inspection(reader: Reader, inspection_id: str, *, lock: bool = False) -> Row:
    """One inspection the caller may see; INSPECTION_NOT_FOUND for anything else."""
    i = inspections.c
    statement = select(inspections).where(
        i.tenant_id == reader.tenant_id, i.id == inspection_id, access.visible(reader.context)
    )
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("INSPECTION_NOT_FOUND")
    return found


async def page(
    reader: Reader,
    *,
    states: tuple[str, ...],
    site_id: str,
    mine: bool,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Inspections the caller may see, newest first, `size` + 1 at most."""
    i = inspections.c
    statement = select(inspections).where(i.tenant_id == reader.tenant_id, access.visible(reader.context))
    if states:
        statement = statement.where(i.state.in_(states))
    if site_id:
        statement = statement.where(i.site_id == site_id)
    if mine:
        statement = statement.where(i.inspector == reader.context.caller.account_id)
    if after:
        statement = statement.where(i.id < after[0])
    return await reader.fetch(statement.order_by(i.id.desc()).limit(size + 1))


async def in_week(reader: Reader, monday: date) -> dict[str, int]:
    """How many inspections each place had in a week."""
    i = inspections.c
    rows = await reader.fetch(
        select(i.site_id, func.count().label("done"))
        .where(i.tenant_id == reader.tenant_id, i.state == State.DONE)
        .where(i.inspected_at >= beginning_of(monday))
        .where(i.inspected_at < beginning_of(monday + timedelta(days=7)))
        .group_by(i.site_id)
    )
    return {row.site_id: row.done for row in rows}


async def latest(reader: Reader) -> dict[str, Any]:
    """When each place was last inspected."""
    i = inspections.c
    rows = await reader.fetch(
        select(i.site_id, func.max(i.inspected_at).label("last"))
        .where(i.tenant_id == reader.tenant_id, i.state == State.DONE)
        .group_by(i.site_id)
    )
    return {row.site_id: row.last for row in rows}
