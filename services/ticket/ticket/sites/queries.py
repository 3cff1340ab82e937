"""Reads of places. Each states the tenant."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from chassis.errors import FieldError, Invalid, NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader
from ticket.sites.tables import sites


async def site(reader: Reader, site_id: str, *, lock: bool = False) -> Row:
    """One place of the tenant; SITE_NOT_FOUND for anything else."""
    own = (sites.c.tenant_id == reader.tenant_id) & (sites.c.id == site_id)
    found = await reader.first(
        select(sites).where(own).with_for_update() if lock else select(sites).where(own)
    )
    if found is None:
        raise NotFound("SITE_NOT_FOUND")
    return found


async def in_use(reader: Reader, site_id: str) -> Row:
    """A place that is in use; SITE_NOT_FOUND and SITE_NOT_IN_USE name the field `site_id`."""
    found = await reader.first(
        select(sites).where(sites.c.tenant_id == reader.tenant_id, sites.c.id == site_id)
    )
    if found is None:
        raise Invalid("SITE_NOT_FOUND", fields=[FieldError("site_id", "SITE_NOT_FOUND")])
    if not found.live:
        raise Invalid("SITE_NOT_IN_USE", fields=[FieldError("site_id", "SITE_NOT_IN_USE")])
    return found


async def all_in_use(reader: Reader) -> Sequence[Row]:
    """Every place in use, by name."""
    s = sites.c
    return await reader.fetch(
        select(sites).where(s.tenant_id == reader.tenant_id, s.live.is_(True)).order_by(s.name)
    )


async def page(reader: Reader, after: Sequence[Any] | None, size: int, *, retired: bool) -> Sequence[Row]:
    """Places by name, `size` + 1 at most."""
    s = sites.c
    statement = select(sites).where(s.tenant_id == reader.tenant_id)
    if not retired:
        statement = statement.where(s.live.is_(True))
    if after:
        statement = statement.where(beyond((s.name,), after))
    return await reader.fetch(statement.order_by(s.name).limit(size + 1))
