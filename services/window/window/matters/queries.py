"""Reads of matters: the own drafts, and the published versions of everybody, which are public."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from chassis.errors import NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader
from window.departments import queries as departments
from window.matters.tables import matters, versions


async def matter(reader: Reader, matter_id: str, *, lock: bool = False) -> Row:
    """An own matter as it is being edited; MATTER_NOT_FOUND for anything else."""
    statement = select(matters).where(matters.c.tenant_id == reader.tenant_id, matters.c.id == matter_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("MATTER_NOT_FOUND")
    return found


async def page(reader: Reader, state: str, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The own matters by code, `size` + 1 at most."""
    c = matters.c
    statement = select(matters).where(c.tenant_id == reader.tenant_id)
    if state:
        statement = statement.where(c.state == state)
    if after:
        statement = statement.where(beyond((c.code, c.id), after))
    return await reader.fetch(statement.order_by(c.code, c.id).limit(size + 1))


async def published_page(
    reader: Reader, words: str, department_id: str, after: Sequence[Any] | None, size: int
) -> tuple[Sequence[Row], dict[str, Row]]:
    """The versions in force of every live department (by department and code, `size` + 1 at most), and
    the departments they belong to."""
    known = await departments.live(reader)
    wanted = set(known) & {department_id} if department_id else set(known)
    c = versions.c
    statement = select(versions).where(c.tenant_id.in_(wanted), c.in_force)
    for word in words.split():
        columns = (c.name_zh, c.name_en, c.summary_zh, c.summary_en)
        statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if after:
        statement = statement.where(beyond((c.tenant_id, c.code, c.matter_id), after))
    ordered = statement.order_by(c.tenant_id, c.code, c.matter_id).limit(size + 1)
    return await reader.fetch(ordered), known


async def in_force(reader: Reader, matter_ids: Iterable[str]) -> dict[str, Row]:
    """The versions in force of some matters, by matter; a retired one has none."""
    statement = select(versions).where(versions.c.matter_id.in_(set(matter_ids)), versions.c.in_force)
    return {row.matter_id: row for row in await reader.fetch(statement)}


async def newest(reader: Reader, matter_ids: Iterable[str]) -> dict[str, Row]:
    """The newest published version of some matters, in force or not, by matter."""
    c = versions.c
    statement = (
        select(versions)
        .where(c.matter_id.in_(set(matter_ids)))
        .order_by(c.matter_id, c.version.desc())
        .ext(distinct_on(c.matter_id))
    )
    return {row.matter_id: row for row in await reader.fetch(statement)}


async def published_by(reader: Reader, department_id: str) -> list[tuple[str, int, int]]:
    """(code, promised days, number of materials) of what a department has in force."""
    c = versions.c
    rows = await reader.fetch(
        select(c.code, c.promised_days, func.jsonb_array_length(c.materials).label("materials"))
        .where(c.tenant_id == department_id, c.in_force)
        .order_by(c.code)
    )
    return [(row.code, row.promised_days, row.materials) for row in rows]
