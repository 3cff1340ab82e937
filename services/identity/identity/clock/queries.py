"""Reads of the clock."""

from sqlalchemy import select

from chassis.units import Reader
from identity.clock.tables import offset


async def seconds(reader: Reader) -> int:
    """Business time minus system time."""
    found = await reader.scalar(select(offset.c.seconds))
    return int(found) if found is not None else 0
