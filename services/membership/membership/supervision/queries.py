"""Reads of supervision: in the building, and by the superior that the rows name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, false, func, select, true

from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.supervision.rules import Finding, Star
from membership.supervision.tables import findings, stars, supervisions


def visible(context: Context) -> ColumnElement[bool]:
    """B: everything of the building."""
    return true() if context.mode in ("job", "consumer") or context.has("B") else false()


def reach(reader: Reader, table: Table) -> ColumnElement[bool]:
    """The rows that the caller may see: the building's own, or those that name the caller's tenant."""
    if reader.context.mode == "party":
        return table.c.superior_id == reader.tenant_id
    return (table.c.tenant_id == reader.tenant_id) & visible(reader.context)


async def _one(reader: Reader, table: Table, row_id: str, reason: str, *, lock: bool) -> Row:
    statement = select(table).where(reach(reader, table), table.c.id == row_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound(reason)
    return found


async def supervision(reader: Reader, supervision_id: str, *, lock: bool = False) -> Row:
    """One that the caller may see; SUPERVISION_NOT_FOUND."""
    return await _one(reader, supervisions, supervision_id, "SUPERVISION_NOT_FOUND", lock=lock)


async def finding(reader: Reader, finding_id: str, *, lock: bool = False) -> Row:
    """One that the caller may see; FINDING_NOT_FOUND."""
    return await _one(reader, findings, finding_id, "FINDING_NOT_FOUND", lock=lock)


async def star(reader: Reader, star_id: str, *, lock: bool = False) -> Row:
    """One that the caller may see; STAR_NOT_FOUND."""
    return await _one(reader, stars, star_id, "STAR_NOT_FOUND", lock=lock)


async def _page(reader: Reader, table: Table, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    statement = select(table).where(reach(reader, table))
    if after:
        statement = statement.where(table.c.id < after[0])
    return await reader.fetch(statement.order_by(table.c.id.desc()).limit(size + 1))


async def page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Supervisions, newest first, `size` + 1 at most."""
    return await _page(reader, supervisions, after, size)


async def star_page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Applications for stars, newest first, `size` + 1 at most."""
    return await _page(reader, stars, after, size)


async def findings_of(reader: Reader, row: Row) -> Sequence[Row]:
    """The findings of a supervision, in the order in which they were issued."""
    f = findings.c
    own = (f.tenant_id == row.tenant_id, f.supervision_id == row.id)
    return await reader.fetch(select(findings).where(*own).order_by(f.id))


async def standing(reader: Reader, place_id: str) -> tuple[int, int]:
    """How many supervisions of a tenant the caller knows of, and how many findings that are not verified."""
    s, f = supervisions.c, findings.c
    held = await reader.scalar(
        select(func.count()).where(s.tenant_id == place_id, reach(reader, supervisions))
    )
    unverified = select(func.count()).where(
        f.tenant_id == place_id, reach(reader, findings), f.state != Finding.VERIFIED
    )
    return held, await reader.scalar(unverified)


async def lock_applications(reader: Reader, place_id: str) -> None:
    """Wait for whoever decides on the stars of a tenant: nothing is granted past a new finding."""
    s = stars.c
    asked = select(s.id).where(reach(reader, stars), s.tenant_id == place_id, s.state == Star.APPLIED)
    await reader.fetch(asked.order_by(s.id).with_for_update())
