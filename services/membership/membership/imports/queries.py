"""Reads of imports."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.imports.tables import imports, mappings, rows


async def get(reader: Reader, import_id: str, *, lock: bool = False) -> Row:
    """One import of the tenant; IMPORT_NOT_FOUND for anything else."""
    statement = select(imports).where(imports.c.tenant_id == reader.tenant_id, imports.c.id == import_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("IMPORT_NOT_FOUND")
    return found


async def page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Imports, newest first, `size` + 1 at most."""
    statement = select(imports).where(imports.c.tenant_id == reader.tenant_id)
    if after:
        statement = statement.where(imports.c.id < after[0])
    return await reader.fetch(statement.order_by(imports.c.id.desc()).limit(size + 1))


async def page_of_rows(
    reader: Reader, import_id: str, *, wrong_only: bool, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Rows in the order of the workbook, `size` + 1 at most."""
    statement = select(rows).where(rows.c.tenant_id == reader.tenant_id, rows.c.import_id == import_id)
    if wrong_only:
        statement = statement.where(or_(rows.c.expected == "rejected", rows.c.outcome == "rejected"))
    if after:
        statement = statement.where(rows.c.position > int(after[0]))
    return await reader.fetch(statement.order_by(rows.c.position).limit(size + 1))


async def waiting_rows(reader: Reader, import_id: str, limit: int) -> Sequence[Row]:
    """The next rows that were not imported yet."""
    return await reader.fetch(
        select(rows)
        .where(
            rows.c.tenant_id == reader.tenant_id,
            rows.c.import_id == import_id,
            rows.c.outcome == "",
        )
        .order_by(rows.c.position)
        .limit(limit)
    )


async def running(reader: Reader) -> Sequence[Row]:
    """(tenant_id, id) of every running import, of all tenants: for the job."""
    return await reader.fetch(
        select(imports.c.tenant_id, imports.c.id).where(imports.c.state == "running").order_by(imports.c.id)
    )


async def with_spent_file(reader: Reader) -> Sequence[Row]:
    """(tenant_id, id, file) of imports that need their workbook no more, of all tenants: for the job."""
    i = imports.c
    return await reader.fetch(
        select(i.tenant_id, i.id, i.file)
        .where(~i.file_removed, i.state.in_(("done", "discarded")))
        .order_by(i.id)
        .limit(100)
    )


async def remembered(reader: Reader, kind: str) -> dict[str, str]:
    """What this tenant chose for headings before."""
    found = await reader.fetch(
        select(mappings.c.title, mappings.c.field).where(
            mappings.c.tenant_id == reader.tenant_id, mappings.c.kind == kind
        )
    )
    return {row.title: row.field for row in found}
