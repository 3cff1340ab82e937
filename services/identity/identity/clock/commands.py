"""Walking the clock."""

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.errors import Conflict
from chassis.units import UnitOfWork
from identity.clock import rules
from identity.clock.tables import offset


async def begin(unit: UnitOfWork, seconds_ago: int, *, walkable: bool) -> int:
    """Let business time begin in the past, once; the offset in seconds.

    The same beginning may be asked for again, so that a begin that did not reach every process can be
    repeated.
    """
    rules.check_walkable(walkable)
    statement = insert(offset).values(id=1, seconds=-seconds_ago).on_conflict_do_nothing()
    if not await unit.execute(statement):
        if await unit.scalar(select(offset.c.seconds)) != -seconds_ago:
            raise Conflict("CLOCK_STARTED")
        return -seconds_ago
    unit.audit("clock.begin", unit.tenant_id, seconds=-seconds_ago)
    return -seconds_ago


async def advance(unit: UnitOfWork, seconds: int, *, walkable: bool) -> int:
    """Walk forward; the new offset in seconds."""
    row = await unit.first(select(offset).with_for_update())
    rules.check_walkable(walkable)
    target = rules.after(row.seconds if row else 0, seconds)
    await unit.execute(update(offset).values(seconds=target))
    unit.audit("clock.advance", unit.tenant_id, seconds=seconds)
    return target
