"""Walking the clock."""

from sqlalchemy import insert, select, update

from chassis.errors import Conflict
from chassis.units import UnitOfWork
from identity.clock import rules
from identity.clock.tables import offset


async def begin(unit: UnitOfWork, seconds_ago: int) -> None:
    """Let business time begin in the past; once, before anything runs."""
    if await unit.first(select(offset.c.id)) is not None:
        raise Conflict("CLOCK_STARTED")
    await unit.execute(insert(offset).values(id=1, seconds=-seconds_ago))


async def advance(unit: UnitOfWork, seconds: int, *, walkable: bool) -> int:
    """Walk forward; the new offset in seconds."""
    row = await unit.first(select(offset).with_for_update())
    target = rules.after(row.seconds if row else 0, seconds, walkable=walkable)
    await unit.execute(update(offset).values(seconds=target))
    unit.audit("clock.advance", unit.tenant_id, seconds=seconds)
    return target
