"""Changes to places."""

from typing import Any

import asyncpg
from sqlalchemy import insert

from chassis.errors import Conflict, FieldError, Stale
from chassis.statements import NewRow, Row
from chassis.units import UnitOfWork
from ticket.sites import queries
from ticket.sites.tables import sites


async def add(unit: UnitOfWork, name: str, floor: str, whereabouts: str, *, synthetic: bool) -> Row:
    """Add a place; SITE_NAME_TAKEN where there is one of this name."""
    row: dict[str, Any] = {
        **unit.fresh(synthetic=synthetic),
        "name": name,
        "floor": floor,
        "whereabouts": whereabouts,
        "live": True,
    }
    try:
        async with unit.savepoint():
            await unit.execute(insert(sites), row)
    except asyncpg.UniqueViolationError as error:
        raise _taken() from error
    return NewRow(row)


async def change(unit: UnitOfWork, site_id: str, etag: str, **given: Any) -> Row:
    """Change what is given of a place, or take it out of use."""
    site = await queries.site(unit, site_id, lock=True)
    if etag != str(site.version):
        raise Stale
    changed = unit.change(sites, site, given)
    try:
        async with unit.savepoint():
            await unit.write()
    except asyncpg.UniqueViolationError as error:
        raise _taken() from error
    return changed


def _taken() -> Conflict:
    return Conflict("SITE_NAME_TAKEN", fields=[FieldError("name", "SITE_NAME_TAKEN")])
