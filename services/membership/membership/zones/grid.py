"""What is done with the grid itself: places come and go."""

import uuid

from asyncpg import UniqueViolationError
from sqlalchemy import insert

from chassis.errors import Conflict
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.texts import clean, floor_order
from membership.zones import events, queries
from membership.zones.rules import State
from membership.zones.tables import locations, zones

_OUTSIDE = -100
"""Places without a floor stand below the lowest one."""


async def add(unit: UnitOfWork, floor: str, name: str, site_id: str, *, synthetic: bool) -> Row:
    """Add a place to the grid. ZONE_LOCATION_EXISTS."""
    number = await unit.number("plaque")
    statement = insert(locations).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=unit.context.caller.actor,
        synthetic=synthetic,
        floor=floor,
        floor_order=floor_order(floor) if floor else _OUTSIDE,
        name=clean(name=name)["name"],
        site_id=site_id or None,
        plaque_number=f"Z-{number:04d}",
        # Whoever has seen one plaque's code can guess no other's.
        code=str(uuid.uuid4()),
        closed=False,
    )
    try:
        row = await unit.one(statement.returning(locations))
    except UniqueViolationError as error:
        raise Conflict("ZONE_LOCATION_EXISTS", params={"name": name}) from error
    unit.audit("zones.location", row.id)
    events.location_changed(unit, row)
    return row


async def close(unit: UnitOfWork, location_id: str) -> Row:
    """Take a place off the grid. LOCATION_HAS_ZONE while somebody answers for it; claims are withdrawn."""
    place = await queries.location(unit, location_id, lock=True)
    if await queries.in_force(unit, place.id):
        raise Conflict("LOCATION_HAS_ZONE", params={"name": place.name})
    for claim in await queries.claims(unit, place.id):
        unit.change(zones, claim, {"state": State.WITHDRAWN})
        events.zone_withdrawn(unit, claim, place)
    place = unit.change(locations, place, {"closed": True})
    unit.audit("zones.close", place.id)
    events.location_changed(unit, place)
    return place
