"""Reads of observations and incidents. Each states the tenant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from chassis.statements import Row
from chassis.units import Reader
from ticket.safety.rules import Kind
from ticket.safety.tables import incidents, observations


async def page_of_observations(
    reader: Reader, site_id: str, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Observations, newest first, `size` + 1 at most."""
    o = observations.c
    statement = select(observations).where(o.tenant_id == reader.tenant_id)
    if site_id:
        statement = statement.where(o.site_id == site_id)
    if after:
        statement = statement.where(o.id < after[0])
    return await reader.fetch(statement.order_by(o.id.desc()).limit(size + 1))


async def page_of_incidents(
    reader: Reader, site_id: str, kind: str, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Incidents, newest first, `size` + 1 at most."""
    i = incidents.c
    statement = select(incidents).where(i.tenant_id == reader.tenant_id)
    for column, value in ((i.site_id, site_id), (i.kind, kind)):
        if value:
            statement = statement.where(column == value)
    if after:
        statement = statement.where(i.id < after[0])
    return await reader.fetch(statement.order_by(i.id.desc()).limit(size + 1))


async def watched(reader: Reader, start: datetime) -> dict[str, tuple[int, int]]:
    """(acts, unsafe ones) of each place since a moment."""
    o = observations.c
    rows = await reader.fetch(
        select(o.site_id, func.sum(o.acts).label("acts"), func.sum(o.unsafe).label("unsafe"))
        .where(o.tenant_id == reader.tenant_id, o.observed_at >= start)
        .group_by(o.site_id)
    )
    return {row.site_id: (row.acts, row.unsafe) for row in rows}


async def happened(reader: Reader, start: datetime) -> dict[tuple[str, str], int]:
    """How many incidents each place had since a moment, by (place, kind)."""
    i = incidents.c
    rows = await reader.fetch(
        select(i.site_id, i.kind, func.count().label("found"))
        .where(i.tenant_id == reader.tenant_id, i.occurred_at >= start)
        .group_by(i.site_id, i.kind)
    )
    return {(row.site_id, row.kind): row.found for row in rows}


async def last_accidents(reader: Reader) -> dict[str, datetime]:
    """When each place last had an accident."""
    i = incidents.c
    rows = await reader.fetch(
        select(i.site_id, func.max(i.occurred_at).label("last"))
        .where(i.tenant_id == reader.tenant_id, i.kind == Kind.ACCIDENT)
        .group_by(i.site_id)
    )
    return {row.site_id: row.last for row in rows}
