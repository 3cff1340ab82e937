"""Reads of stalls. Each states the tenant; whoever may read them sees all of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, tuple_

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from ticket.stalls.tables import stalls, steps


async def stall(reader: Reader, stall_id: str, *, lock: bool = False) -> Row:
    """One stall of the organisation; STALL_NOT_FOUND for anything else."""
    s = stalls.c
    statement = select(stalls).where(s.tenant_id == reader.tenant_id, s.id == stall_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("STALL_NOT_FOUND")
    return found


async def page(
    reader: Reader, *, states: Sequence[str], after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Stalls by name, `size` + 1 at most."""
    s = stalls.c
    statement = select(stalls).where(s.tenant_id == reader.tenant_id, s.state.in_(states))
    if after:
        statement = statement.where(tuple_(s.name, s.id) > tuple_(after[0], after[1]))
    return await reader.fetch(statement.order_by(s.name, s.id).limit(size + 1))


async def counts(reader: Reader) -> Mapping[str, int]:
    """How many stalls are in each state."""
    s = stalls.c
    rows = await reader.fetch(
        select(s.state, func.count().label("count")).where(s.tenant_id == reader.tenant_id).group_by(s.state)
    )
    return {row.state: row.count for row in rows}


async def page_of_steps(
    reader: Reader, stall_id: str, *, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """What happened to a stall, newest first, `size` + 1 at most."""
    c = steps.c
    statement = select(steps).where(c.tenant_id == reader.tenant_id, c.stall_id == stall_id)
    if after:
        statement = statement.where(c.id < after[0])
    return await reader.fetch(statement.order_by(c.id.desc()).limit(size + 1))
