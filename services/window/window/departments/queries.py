"""Reads of departments. The own record, and the records of every live or suspended department, which are
public within the district."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from chassis.errors import NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.tables import tenants
from chassis.tenants import active
from chassis.units import Reader
from window.departments.rules import LISTED, State
from window.departments.tables import departments


def _known(reader: Reader) -> ColumnElement[bool]:
    c = departments.c
    return or_(c.tenant_id == reader.tenant_id, c.state.in_(LISTED))


async def department(reader: Reader, department_id: str) -> Row:
    """The own department or a listed one; DEPARTMENT_NOT_FOUND for anything else."""
    c = departments.c
    found = await reader.first(select(departments).where(c.id == department_id, _known(reader)))
    if found is None:
        raise NotFound("DEPARTMENT_NOT_FOUND")
    return found


async def own(reader: Reader, department_id: str, *, lock: bool = False) -> Row:
    """The caller's own department; DEPARTMENT_NOT_FOUND for anything else."""
    c = departments.c
    statement = select(departments).where(c.tenant_id == reader.tenant_id, c.id == department_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("DEPARTMENT_NOT_FOUND")
    return found


async def application(reader: Reader, department_id: str) -> Row:
    """A department that named the caller's district as its approver, locked; NotFound otherwise."""
    c = departments.c
    statement = select(departments).where(c.approver_id == reader.tenant_id, c.id == department_id)
    found = await reader.first(statement.with_for_update())
    if found is None:
        raise NotFound("DEPARTMENT_NOT_FOUND")
    return found


async def page(reader: Reader, words: str, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The own and every listed department by code, `size` + 1 at most. A district has some dozens, so
    words are looked for by scanning them."""
    c = departments.c
    statement = select(departments).where(_known(reader))
    for word in words.split():
        columns = (
            c.name_zh,
            c.name_en,
            c.modern_name_zh,
            c.modern_name_en,
            func.array_to_string(c.aliases, " "),
        )
        statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if after:
        statement = statement.where(beyond((c.code, c.id), after))
    return await reader.fetch(statement.order_by(c.code, c.id).limit(size + 1))


async def applications(reader: Reader, state: str, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The departments that named the caller's district, by code, `size` + 1 at most."""
    c = departments.c
    statement = select(departments).where(c.approver_id == reader.tenant_id)
    if state:
        statement = statement.where(c.state == state)
    if after:
        statement = statement.where(beyond((c.code, c.id), after))
    return await reader.fetch(statement.order_by(c.code, c.id).limit(size + 1))


async def listed(reader: Reader, ids: Iterable[str] | None = None) -> dict[str, Row]:
    """Live and suspended departments by id; all of them, or those named."""
    c = departments.c
    statement = select(departments).where(c.state.in_(LISTED))
    if ids is not None:
        statement = statement.where(c.id.in_(set(ids)))
    return {row.id: row for row in await reader.fetch(statement)}


async def live(reader: Reader) -> dict[str, Row]:
    """Live departments by id."""
    return {key: row for key, row in (await listed(reader)).items() if is_live(row)}


def is_live(row: Row | None) -> bool:
    """Whether a department takes new cases."""
    return row is not None and row.state == State.LIVE


async def only_district(reader: Reader) -> str | None:
    """The district, where there is exactly one."""
    found = await active(reader, "district")
    return str(found[0].tenant_id) if len(found) == 1 else None


async def kind_of_tenant(reader: Reader, tenant_id: str) -> str | None:
    """The kind of an active tenant; None for one that is not known or not active."""
    t = tenants.c
    kind: str | None = await reader.scalar(
        select(t.kind).where(t.tenant_id == tenant_id, t.state == "active")
    )
    return kind
