"""Reads of reporting to communities: in the organisation, by the member, and as the community."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, false, func, select, true

from chassis import tables as chassis_tables
from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.community_checkins.rules import UNDONE, Kind, Service, State
from membership.community_checkins.tables import checkins, services, servings

_COMMUNITY: Final = "community"
_MATCHES: Final = 50


def visible(context: Context) -> ColumnElement[bool]:
    """B: everything of the organisation."""
    return true() if context.mode in ("job", "consumer") or context.has("B") else false()


def reach(reader: Reader, table: Table) -> ColumnElement[bool]:
    """The rows that the caller may see: the organisation's own, or those that name the caller's community."""
    if reader.context.mode == "party":
        return table.c.community_id == reader.tenant_id
    return (table.c.tenant_id == reader.tenant_id) & visible(reader.context)


def own(reader: Reader) -> ColumnElement[bool]:
    """The caller's own in the tenant."""
    c = checkins.c
    return (c.tenant_id == reader.tenant_id) & (c.person_id == (reader.context.caller.person_id or None))


async def _one(reader: Reader, table: Table, where: ColumnElement[bool], row_id: str, *, lock: bool) -> Row:
    statement = select(table).where(where, table.c.id == row_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("CHECKIN_NOT_FOUND" if table is checkins else "COMMUNITY_SERVICE_NOT_FOUND")
    return found


async def checkin(reader: Reader, checkin_id: str, *, lock: bool = False) -> Row:
    """One that the caller may see; CHECKIN_NOT_FOUND."""
    return await _one(reader, checkins, reach(reader, checkins), checkin_id, lock=lock)


async def mine(reader: Reader, checkin_id: str, *, lock: bool = False) -> Row:
    """One of the caller's own; CHECKIN_NOT_FOUND."""
    return await _one(reader, checkins, own(reader), checkin_id, lock=lock)


async def service(reader: Reader, service_id: str, *, lock: bool = False) -> Row:
    """One that the caller may see; COMMUNITY_SERVICE_NOT_FOUND."""
    return await _one(reader, services, reach(reader, services), service_id, lock=lock)


async def page(
    reader: Reader, kind: str, states: Iterable[str], after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Check-ins, the latest first, `size` + 1 at most."""
    statement = select(checkins).where(reach(reader, checkins))
    if kind:
        statement = statement.where(checkins.c.kind == kind)
    return await _page(reader, checkins, statement, states, after, size)


async def service_page(
    reader: Reader, states: Iterable[str], after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Services, the latest first, `size` + 1 at most."""
    statement = select(services).where(reach(reader, services))
    return await _page(reader, services, statement, states, after, size)


async def _page(
    reader: Reader,
    table: Table,
    statement: Any,
    states: Iterable[str],
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    if wanted := tuple(states):
        statement = statement.where(table.c.state.in_(wanted))
    if after:
        statement = statement.where(table.c.id < after[0])
    return await reader.fetch(statement.order_by(table.c.id.desc()).limit(size + 1))


async def all_mine(reader: Reader) -> Sequence[Row]:
    """The caller's, the latest first."""
    return await reader.fetch(select(checkins).where(own(reader)).order_by(checkins.c.id.desc()))


async def confirmed_of(reader: Reader, community_id: str, ids: Iterable[str]) -> Mapping[str, Row]:
    """Those members of the tenant, among some check-ins, whom a community confirmed."""
    c = checkins.c
    found = await reader.fetch(
        select(checkins).where(
            c.tenant_id == reader.tenant_id,
            c.id.in_(set(ids)),
            c.community_id == community_id,
            c.kind == Kind.MEMBER,
            c.state == State.CONFIRMED,
        )
    )
    return {row.id: row for row in found}


async def undone(reader: Reader, row: Row) -> int:
    """How many services of an organisation's check-in are not over."""
    s = services.c
    return int(
        await reader.scalar(
            select(func.count()).where(
                s.tenant_id == row.tenant_id, s.checkin_id == row.id, s.state.in_(UNDONE)
            )
        )
    )


async def served(reader: Reader, rows: Iterable[Row]) -> Mapping[str, Sequence[Row]]:
    """Who served in services, with the first letter of the name, by service."""
    wanted = {row.id for row in rows}
    if not wanted:
        return {}
    v, c = servings.c, checkins.c
    found = await reader.fetch(
        select(v.service_id, v.checkin_id, v.minutes, c.display, c.person_id)
        .join(checkins, (c.tenant_id == v.tenant_id) & (c.id == v.checkin_id))
        .where(v.service_id.in_(wanted), reach(reader, servings))
        .order_by(v.service_id, v.checkin_id)
    )
    by_service: dict[str, list[Row]] = {}
    for row in found:
        by_service.setdefault(row.service_id, []).append(row)
    return by_service


async def minutes(reader: Reader, ids: Iterable[str], first: date, last: date) -> Mapping[str, int]:
    """Minutes that communities confirmed for days of a period, by check-in of the tenant's members."""
    wanted = set(ids)
    if not wanted:
        return {}
    v, s = servings.c, services.c
    found = await reader.fetch(
        select(v.checkin_id, func.sum(v.minutes).label("minutes"))
        .join(services, (s.tenant_id == v.tenant_id) & (s.id == v.service_id))
        .where(
            v.tenant_id == reader.tenant_id,
            v.checkin_id.in_(wanted),
            s.state == Service.CONFIRMED,
            s.held_on.between(first, last),
        )
        .group_by(v.checkin_id)
    )
    return {row.checkin_id: row.minutes for row in found}


@dataclass(frozen=True, slots=True)
class Counted:
    """A year of an organisation's reporting to communities."""

    confirmed: Mapping[str, int]
    """Check-ins that communities confirmed, by kind."""
    groups: Sequence[Row]
    """Confirmed services and people helped, by group."""
    members: Sequence[int]
    """Minutes of each member who served, over all communities."""
    unconfirmed: int


async def counted(reader: Reader, first: date, last: date) -> Counted:
    """The figures of a period. A person who reported to two communities is one member."""
    c, s, v = checkins.c, services.c, servings.c
    who = func.coalesce(c.person_id, c.org_id)
    confirmed = await reader.fetch(
        select(c.kind, func.count(who.distinct()).label("count"))
        .where(reach(reader, checkins), c.state == State.CONFIRMED)
        .group_by(c.kind)
    )
    groups = await reader.fetch(
        select(s.beneficiaries, func.count().label("services"), func.sum(s.helped).label("helped"))
        .where(reach(reader, services), s.state == Service.CONFIRMED, s.held_on.between(first, last))
        .group_by(s.beneficiaries)
        .order_by(s.beneficiaries)
    )
    per_person = await reader.fetch(
        select(func.coalesce(c.person_id, c.id).label("who"), func.sum(v.minutes).label("minutes"))
        .join(services, (s.tenant_id == v.tenant_id) & (s.id == v.service_id))
        .join(checkins, (c.tenant_id == v.tenant_id) & (c.id == v.checkin_id))
        .where(reach(reader, servings), s.state == Service.CONFIRMED, s.held_on.between(first, last))
        .group_by(func.coalesce(c.person_id, c.id))
    )
    waiting = select(func.count()).where(reach(reader, services), s.state == Service.REPORTED)
    return Counted(
        {row.kind: row.count for row in confirmed},
        groups,
        [row.minutes for row in per_person],
        int(await reader.scalar(waiting)),
    )


async def communities(reader: Reader, words: str) -> Sequence[Row]:
    """Communities that take part, by name."""
    t = chassis_tables.tenants.c
    statement = select(chassis_tables.tenants).where(t.kind == _COMMUNITY, t.state == "active")
    for word in words.split():
        statement = statement.where(t.name_zh.icontains(word, autoescape=True))
    return await reader.fetch(statement.order_by(t.name_zh, t.tenant_id).limit(_MATCHES))


async def is_community(reader: Reader, tenant_id: str) -> bool:
    """Whether a tenant is a community that takes part."""
    t = chassis_tables.tenants.c
    known = select(t.tenant_id).where(t.tenant_id == tenant_id, t.kind == _COMMUNITY, t.state == "active")
    return await reader.first(known) is not None


async def names(reader: Reader, rows: Iterable[Row]) -> Mapping[str, str]:
    """The names of the tenants that rows are of and name, by id."""
    wanted = {tenant for row in rows for tenant in (row.tenant_id, row.community_id)}
    t = chassis_tables.tenants.c
    found = await reader.fetch(select(t.tenant_id, t.name_zh).where(t.tenant_id.in_(wanted)))
    return {row.tenant_id: row.name_zh for row in found}
