"""Reads of affiliations: in the building, by the member, and as the home organisation that a record names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, select, true

from chassis import days
from chassis import tables as chassis_tables
from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.affiliations.rules import COUNTING, KNOWN_TO_HOME, OPEN, Attended, State
from membership.affiliations.tables import affiliations, attendances

_HOMES = ("home_organisation", "superior")
_MATCHES = 50


def visible(context: Context) -> ColumnElement[bool]:
    """B and T: the whole register · F: the members of a floor, and those whom the caller registered."""
    a = affiliations.c
    if context.mode in ("job", "consumer") or context.has("BT"):
        return true()
    if not context.has("F"):
        return false()
    return a.floor.in_(context.ids("F")) | (a.declared_by == (context.caller.person_id or None))


def own(reader: Reader) -> ColumnElement[bool]:
    """The caller's own affiliations in the tenant."""
    a = affiliations.c
    return (a.tenant_id == reader.tenant_id) & (a.person_id == (reader.context.caller.person_id or None))


def party(reader: Reader) -> ColumnElement[bool]:
    """Those that name the caller's tenant as their home organisation, once its word was asked for."""
    a = affiliations.c
    return (a.home_id == reader.tenant_id) & a.state.in_(KNOWN_TO_HOME) & a.verified_at.is_not(None)


async def get(reader: Reader, affiliation_id: str, *, lock: bool = False) -> Row:
    """One of the building's; AFFILIATION_NOT_FOUND for anything that the caller may not see."""
    here = (affiliations.c.tenant_id == reader.tenant_id) & visible(reader.context)
    return await _one(reader, here, affiliation_id, lock=lock)


async def mine(reader: Reader, affiliation_id: str, *, lock: bool = False) -> Row:
    """One of the caller's own."""
    return await _one(reader, own(reader), affiliation_id, lock=lock)


async def at_home(reader: Reader, affiliation_id: str, *, lock: bool = False) -> Row:
    """One that names the caller's tenant."""
    return await _one(reader, party(reader), affiliation_id, lock=lock)


async def _one(reader: Reader, where: ColumnElement[bool], affiliation_id: str, *, lock: bool) -> Row:
    statement = select(affiliations).where(where, affiliations.c.id == affiliation_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("AFFILIATION_NOT_FOUND")
    return found


async def page(
    reader: Reader, *, states: Iterable[str], overdue: bool, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """The floating register, oldest first, `size` + 1 at most."""
    a = affiliations.c
    statement = select(affiliations).where(
        a.tenant_id == reader.tenant_id, visible(reader.context), a.state.in_(tuple(states) or OPEN)
    )
    if overdue:
        late = a.home_due_on < days.day_of(reader.now)
        statement = statement.where(a.state == State.PENDING_HOME, late)
    if after:
        statement = statement.where(a.id > after[0])
    return await reader.fetch(statement.order_by(a.id).limit(size + 1))


async def all_mine(reader: Reader) -> Sequence[Row]:
    """The caller's affiliations, the latest first."""
    return await reader.fetch(select(affiliations).where(own(reader)).order_by(affiliations.c.id.desc()))


async def home_page(
    reader: Reader, *, states: Iterable[str], after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """What names the caller's tenant, newest first, `size` + 1 at most."""
    a = affiliations.c
    statement = select(affiliations).where(party(reader))
    if wanted := tuple(states):
        statement = statement.where(a.state.in_(wanted))
    if after:
        statement = statement.where(a.id < after[0])
    return await reader.fetch(statement.order_by(a.id.desc()).limit(size + 1))


async def counting(reader: Reader, people: Iterable[str]) -> Mapping[str, Row]:
    """Those whose attendance counts for both sides now, by person."""
    a = affiliations.c
    found = await reader.fetch(
        select(a.id, a.person_id, a.home_id, a.verified_at).where(
            a.tenant_id == reader.tenant_id, a.person_id.in_(set(people)), a.state.in_(COUNTING)
        )
    )
    return {row.person_id: row for row in found}


async def open_of(reader: Reader, person_id: str, *, lock: bool = False) -> Row | None:
    """Somebody's affiliation in the building that has not ended."""
    a = affiliations.c
    statement = select(affiliations).where(
        a.tenant_id == reader.tenant_id, a.person_id == person_id, a.state.in_(OPEN)
    )
    return await reader.first(statement.with_for_update() if lock else statement)


async def attended(reader: Reader, affiliation: Row) -> list[Attended]:
    """What the member attended since the building verified."""
    t = attendances.c
    found = await reader.fetch(
        select(t.attended_on, t.kind).where(
            t.tenant_id == affiliation.tenant_id, t.affiliation_id == affiliation.id
        )
    )
    return [Attended(row.attended_on, row.kind) for row in found]


async def tenants(reader: Reader, rows: Iterable[Row]) -> Mapping[str, Row]:
    """The tenants that affiliations name, by id."""
    wanted = {tenant for row in rows for tenant in (row.tenant_id, row.home_id) if tenant}
    t = chassis_tables.tenants.c
    found = await reader.fetch(select(chassis_tables.tenants).where(t.tenant_id.in_(wanted)))
    return {row.tenant_id: row for row in found}


async def homes(reader: Reader, words: str) -> Sequence[Row]:
    """Home organisations that take part, by name."""
    t = chassis_tables.tenants.c
    statement = select(chassis_tables.tenants).where(t.kind.in_(_HOMES), t.state == "active")
    for word in words.split():
        statement = statement.where(t.name_zh.icontains(word, autoescape=True))
    return await reader.fetch(statement.order_by(t.name_zh, t.tenant_id).limit(_MATCHES))


async def is_home(reader: Reader, tenant_id: str) -> bool:
    """Whether a tenant can be somebody's home organisation."""
    t = chassis_tables.tenants.c
    known = select(t.tenant_id).where(t.tenant_id == tenant_id, t.kind.in_(_HOMES), t.state == "active")
    return await reader.first(known) is not None
