"""Reads of desks."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from identity.desks.tables import desks, members


async def desk(reader: Reader, desk_id: str) -> Row:
    """One desk of the tenant; DESK_NOT_FOUND for anything else."""
    found = await reader.first(
        select(desks).where(desks.c.tenant_id == reader.tenant_id, desks.c.id == desk_id)
    )
    if found is None:
        raise NotFound("DESK_NOT_FOUND")
    return found


async def by_code(reader: Reader, tenant_id: str, code: str) -> Row:
    """A desk by its code; DESK_NOT_FOUND where the tenant has none."""
    found = await reader.first(select(desks).where(desks.c.tenant_id == tenant_id, desks.c.code == code))
    if found is None:
        raise NotFound("DESK_NOT_FOUND")
    return found


async def page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The tenant's desks by code; one more than `size` where there are more."""
    statement = select(desks).where(desks.c.tenant_id == reader.tenant_id)
    if after:
        statement = statement.where(desks.c.code > after[0])
    return await reader.fetch(statement.order_by(desks.c.code).limit(size + 1))


async def members_of(reader: Reader, tenant_id: str, desk_ids: Sequence[str]) -> Mapping[str, list[str]]:
    """The accounts behind desks, in the order they joined."""
    rows = await reader.fetch(
        select(members.c.desk_id, members.c.account_id)
        .where(members.c.tenant_id == tenant_id, members.c.desk_id.in_(desk_ids))
        .order_by(members.c.created_at, members.c.account_id)
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.desk_id, []).append(row.account_id)
    return found
