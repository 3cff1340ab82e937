"""Reads of finds and claims. Each states the tenant and what the caller may see."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from ticket.finds import access
from ticket.finds.rules import OPEN, Standing
from ticket.finds.tables import claims, finds


async def find(reader: Reader, find_id: str, *, lock: bool = False) -> Row:
    """One find the caller may see; FIND_NOT_FOUND for anything else."""
    own = (finds.c.tenant_id == reader.tenant_id) & (finds.c.id == find_id)
    statement = select(finds).where(own, access.visible(reader.context))
    found = await reader.first(statement.with_for_update(of=finds) if lock else statement)
    if found is None:
        raise NotFound("FIND_NOT_FOUND")
    return found


async def page_of_finds(
    reader: Reader, *, kind: str, states: tuple[str, ...], after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Finds the caller may see, newest first, `size` + 1 at most."""
    f = finds.c
    statement = select(finds).where(f.tenant_id == reader.tenant_id, access.visible(reader.context))
    if kind:
        statement = statement.where(f.kind == kind)
    if states:
        statement = statement.where(f.state.in_(states))
    if after:
        statement = statement.where(f.id < after[0])
    return await reader.fetch(statement.order_by(f.id.desc()).limit(size + 1))


async def waiting(reader: Reader, rows: Sequence[Row]) -> dict[str, int]:
    """How many claims to each of these finds wait to be verified."""
    c = claims.c
    found = await reader.fetch(
        select(c.find_id, func.count().label("count"))
        .where(c.tenant_id == reader.tenant_id, c.find_id.in_([row.id for row in rows]))
        .where(c.state == Standing.CLAIMED)
        .group_by(c.find_id)
    )
    return {row.find_id: row.count for row in found}


async def claimed(reader: Reader, rows: Sequence[Row]) -> set[str]:
    """Which of these finds the caller has an open claim to."""
    c = claims.c
    found = await reader.fetch(
        select(c.find_id).where(
            c.tenant_id == reader.tenant_id,
            c.find_id.in_([row.id for row in rows]),
            c.state.in_(sorted(OPEN)),
            ~c.at_station,
            access.own_claims(reader.context),
        )
    )
    return {row.find_id for row in found}


async def claim(reader: Reader, claim_id: str, *, lock: bool = False) -> Row:
    """One claim the caller may see; FIND_CLAIM_NOT_FOUND for anything else."""
    statement = _seen(reader).where(claims.c.id == claim_id)
    found = await reader.first(statement.with_for_update(of=claims) if lock else statement)
    if found is None:
        raise NotFound("FIND_CLAIM_NOT_FOUND")
    return found


async def page_of_claims(
    reader: Reader, *, find_id: str, mine: bool, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Claims the caller may see, newest first, `size` + 1 at most."""
    c = claims.c
    statement = _seen(reader)
    if find_id:
        statement = statement.where(c.find_id == find_id)
    if mine:
        statement = statement.where(access.own_claims(reader.context))
    if after:
        statement = statement.where(c.id < after[0])
    return await reader.fetch(statement.order_by(c.id.desc()).limit(size + 1))


def _seen(reader: Reader) -> Select[Any]:
    c, f = claims.c, finds.c
    return (
        select(claims, f.title.label("find_title"), f.state.label("find_state"))
        .join(finds, (f.tenant_id == c.tenant_id) & (f.id == c.find_id))
        .where(c.tenant_id == reader.tenant_id, access.visible_claims(reader.context))
    )


async def open_to(reader: Reader, find_id: str) -> Sequence[Row]:
    """Every open claim to a find, locked."""
    c = claims.c
    return await reader.fetch(
        select(claims)
        .where(c.tenant_id == reader.tenant_id, c.find_id == find_id, c.state.in_(sorted(OPEN)))
        .order_by(c.id)
        .with_for_update()
    )
