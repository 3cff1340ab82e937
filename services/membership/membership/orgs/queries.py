"""Reads of organisations: in the building, over the tenants below, and as the party that a record names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true

from chassis import tables as chassis_tables
from chassis.context import Context
from chassis.errors import NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader
from membership.orgs import rules
from membership.orgs.rules import IN_FORCE, Kind, State
from membership.orgs.tables import orgs

_DEEPEST = 8


def visible(context: Context) -> ColumnElement[bool]:
    """B, and those above: everything · the others: what is in force."""
    if context.mode in ("job", "consumer") or context.has("BDST"):
        return true()
    return orgs.c.state.in_(IN_FORCE)


def party(reader: Reader) -> ColumnElement[bool]:
    """What the caller's tenant applied for, or decides on."""
    return or_(orgs.c.applicant_id == reader.tenant_id, orgs.c.approver_id == reader.tenant_id)


async def get(reader: Reader, org_id: str, *, lock: bool = False) -> Row:
    """One organisation of the building; ORG_NOT_FOUND for anything else."""
    own = (orgs.c.tenant_id == reader.tenant_id) & visible(reader.context)
    return await _one(reader, org_id, own, lock=lock)


async def application(reader: Reader, org_id: str, *, lock: bool = False) -> Row:
    """One organisation that names the caller's tenant; ORG_NOT_FOUND for anything else."""
    return await _one(reader, org_id, party(reader), lock=lock)


async def _one(reader: Reader, org_id: str, mine: ColumnElement[bool], *, lock: bool) -> Row:
    statement = select(orgs).where(orgs.c.id == org_id, mine)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("ORG_NOT_FOUND")
    return found


async def active(reader: Reader, org_id: str, *, lock: bool = False) -> Row:
    """An organisation in whose name something can be done; ORG_NOT_ACTIVE before it is active and after."""
    found = await get(reader, org_id, lock=lock)
    rules.check_active(State(found.state), found.name)
    return found


async def line_above(reader: Reader, parent: Row | None) -> list[str]:
    """The ids from an organisation up to the top of its tenant, its own first."""
    line: list[str] = []
    above = parent
    while above is not None and len(line) < _DEEPEST:
        line.append(above.id)
        above = await get(reader, above.parent_id) if above.parent_id else None
    return line


async def page(
    reader: Reader,
    *,
    states: Iterable[str],
    kind: str,
    floor: str,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """The building's organisations, oldest first, `size` + 1 at most."""
    c = orgs.c
    statement = select(orgs).where(
        c.tenant_id == reader.tenant_id,
        visible(reader.context),
        c.state.in_(tuple(states) or IN_FORCE),
    )
    for column, value in ((c.kind, kind), (c.floor, floor)):
        if value:
            statement = statement.where(column == value)
    if after:
        statement = statement.where(c.id > after[0])
    return await reader.fetch(statement.order_by(c.id).limit(size + 1))


async def tree(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """What is in force in the caller's tenant and below, tenant by tenant, `size` + 1 at most."""
    c = orgs.c
    statement = select(orgs).where(c.tenant_id.in_(reader.context.span), c.state.in_(IN_FORCE))
    if after:
        statement = statement.where(beyond((c.tenant_id, c.id), after))
    return await reader.fetch(statement.order_by(c.tenant_id, c.id).limit(size + 1))


async def applications(
    reader: Reader, *, states: Iterable[str], to_decide: bool, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """What the caller's tenant applied for or decides on, newest first, `size` + 1 at most."""
    c = orgs.c
    statement = select(orgs).where(party(reader), c.kind != Kind.GROUP)
    if wanted := tuple(states):
        statement = statement.where(c.state.in_(wanted))
    if to_decide:
        statement = statement.where(c.approver_id == reader.tenant_id, c.state == State.APPLIED)
    if after:
        statement = statement.where(c.id < after[0])
    return await reader.fetch(statement.order_by(c.id.desc()).limit(size + 1))


async def children(reader: Reader, parent: Row) -> int:
    """How many organisations in force stand directly under one."""
    c = orgs.c
    below = select(func.count()).where(
        c.tenant_id == parent.tenant_id, c.parent_id == parent.id, c.state.in_(IN_FORCE)
    )
    return int(await reader.scalar(below))


async def in_force(reader: Reader) -> Sequence[Row]:
    """Every approved and active organisation of the building; there are some dozens."""
    return await in_force_of(reader, (reader.tenant_id,))


async def in_force_of(reader: Reader, tenants: Sequence[str]) -> Sequence[Row]:
    """Every approved and active organisation of some tenants."""
    c = orgs.c
    theirs = (c.tenant_id.in_(tenants), c.state.in_(IN_FORCE))
    return await reader.fetch(select(orgs).where(*theirs).order_by(c.id))


async def names(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """Names of the building's organisations by id."""
    wanted = set(ids)
    if not wanted:
        return {}
    c = orgs.c
    found = await reader.fetch(select(c.id, c.name).where(c.tenant_id == reader.tenant_id, c.id.in_(wanted)))
    return {row.id: row.name for row in found}


async def tenants(reader: Reader, rows: Iterable[Row]) -> Mapping[str, Row]:
    """The tenants that organisations name, by id."""
    return await named(
        reader, (tenant for row in rows for tenant in (row.tenant_id, row.applicant_id, row.approver_id))
    )


async def named(reader: Reader, ids: Iterable[str | None]) -> Mapping[str, Row]:
    """Tenants by id, as the local list knows them."""
    t = chassis_tables.tenants.c
    wanted = {one for one in ids if one}
    found = await reader.fetch(select(chassis_tables.tenants).where(t.tenant_id.in_(wanted)))
    return {row.tenant_id: row for row in found}


async def tenant(reader: Reader, tenant_id: str) -> Row | None:
    """An active tenant as the local list knows it."""
    t = chassis_tables.tenants.c
    known = select(chassis_tables.tenants).where(t.tenant_id == tenant_id, t.state == "active")
    return await reader.first(known)


async def only_district(reader: Reader) -> str:
    """The district, where there is exactly one; empty otherwise."""
    t = chassis_tables.tenants.c
    found = await reader.fetch(select(t.tenant_id).where(t.kind == "district", t.state == "active"))
    return str(found[0].tenant_id) if len(found) == 1 else ""
