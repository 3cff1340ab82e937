"""Reads of the network: the building's floors put together with its groups, liaisons and enterprises."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, false, select, true

from chassis import days
from chassis import tables as chassis_tables
from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.network import rules
from membership.network.tables import areas, checklists, floors, liaisons
from membership.orgs import queries as orgs


@dataclass(frozen=True, slots=True)
class Storey:
    """A floor with everything on it; `liaisons` by area."""

    row: Row
    groups: Sequence[Row]
    areas: Sequence[Row]
    liaisons: Mapping[str, Row]

    def plain(self, today: date) -> rules.Floor:
        """As the rules see it."""
        return rules.Floor(
            self.row.floor,
            self.row.occupied,
            len(self.groups),
            [rules.Area(area.id, area.name, self._is_manned(area.id, today)) for area in self.areas],
        )

    def _is_manned(self, area_id: str, today: date) -> bool:
        liaison = self.liaisons.get(area_id)
        return liaison is not None and rules.is_manned(liaison.term_from, liaison.term_until, today)


def visible(context: Context, floor: ColumnElement[str]) -> ColumnElement[bool]:
    """B and those above: every floor · F: the own ones."""
    if context.mode in ("job", "consumer") or context.has("BDST"):
        return true()
    bound = context.ids("F")
    return floor.in_(bound) if bound else false()


def named(context: Context) -> bool:
    """Whether the caller may see who a liaison is: the district and sub-districts see that there is one."""
    return context.has("BTF")


async def building(reader: Reader) -> list[Storey]:
    """The floors that the caller may see, from the top down."""
    f, a = floors.c, areas.c
    mine = (f.tenant_id == reader.tenant_id, visible(reader.context, f.floor))
    rows = await reader.fetch(select(floors).where(*mine).order_by(f.floor_order.desc()))
    opened = (a.tenant_id == reader.tenant_id, a.closed.is_(False))
    open_areas = await reader.fetch(select(areas).where(*opened).order_by(a.name))
    groups = [org for org in await orgs.in_force(reader) if org.floor]
    return _together(rows, groups, open_areas, await _current(reader, (reader.tenant_id,)))


def _together(
    rows: Sequence[Row], groups: Sequence[Row], open_areas: Sequence[Row], current: Mapping[str, Row]
) -> list[Storey]:
    groups_of: dict[tuple[str, str], list[Row]] = defaultdict(list)
    areas_of: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for group in groups:
        groups_of[group.tenant_id, group.floor].append(group)
    for area in open_areas:
        areas_of[area.tenant_id, area.floor].append(area)
    return [
        Storey(row, groups_of[row.tenant_id, row.floor], areas_of[row.tenant_id, row.floor], current)
        for row in rows
    ]


async def _current(reader: Reader, tenants: Sequence[str]) -> Mapping[str, Row]:
    """Who is liaison of which area."""
    c = liaisons.c
    held = select(liaisons).where(c.tenant_id.in_(tenants), c.ended_on.is_(None))
    return {row.area_id: row for row in await reader.fetch(held)}


async def floor(reader: Reader, floor_id: str) -> Row:
    """One floor, locked; FLOOR_NOT_FOUND."""
    f = floors.c
    own = (f.tenant_id == reader.tenant_id, f.id == floor_id, visible(reader.context, f.floor))
    return await _one(reader, select(floors).where(*own).with_for_update(), "FLOOR_NOT_FOUND")


async def recorded_floor(reader: Reader, name: str) -> Row:
    """One floor by its name; FLOOR_NOT_FOUND."""
    f = floors.c
    known = select(floors).where(f.tenant_id == reader.tenant_id, f.floor == name)
    return await _one(reader, known, "FLOOR_NOT_FOUND")


async def area(reader: Reader, area_id: str) -> Row:
    """One area, locked; AREA_NOT_FOUND."""
    a = areas.c
    own = (a.tenant_id == reader.tenant_id, a.id == area_id, visible(reader.context, a.floor))
    return await _one(reader, select(areas).where(*own).with_for_update(), "AREA_NOT_FOUND")


async def _one(reader: Reader, statement: Any, reason: str) -> Row:
    found = await reader.first(statement)
    if found is None:
        raise NotFound(reason)
    return found


async def liaison(reader: Reader, area_id: str) -> Row | None:
    """Who is liaison of an area."""
    c = liaisons.c
    held = select(liaisons).where(c.tenant_id == reader.tenant_id, c.area_id == area_id, c.ended_on.is_(None))
    return await reader.first(held)


async def liaisons_by_area(reader: Reader) -> dict[str, str]:
    """The person who is liaison of each area of the building that has one."""
    held = await _current(reader, (reader.tenant_id,))
    return {area_id: str(row.person_id) for area_id, row in held.items()}


async def areas_of(reader: Reader, person_id: str) -> Sequence[str]:
    """The areas whose liaison somebody is now."""
    c = liaisons.c
    held = select(c.area_id).where(
        c.tenant_id == reader.tenant_id, c.person_id == (person_id or None), c.ended_on.is_(None)
    )
    return [row.area_id for row in await reader.fetch(held)]


async def areas_on(reader: Reader, found: Sequence[str]) -> Sequence[str]:
    """The areas on these floors."""
    a = areas.c
    on = select(a.id).where(a.tenant_id == reader.tenant_id, a.floor.in_(found))
    return [row.id for row in await reader.fetch(on)]


async def liaison_page(
    reader: Reader, *, area_id: str, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Liaisons with `floor` and `area_name`, of the floors that the caller may see, newest first, `size` + 1
    at most."""
    c, a = liaisons.c, areas.c
    joined = liaisons.join(areas, and_(a.tenant_id == c.tenant_id, a.id == c.area_id))
    statement = (
        select(liaisons, a.floor, a.name.label("area_name"))
        .select_from(joined)
        .where(c.tenant_id == reader.tenant_id, visible(reader.context, a.floor))
    )
    if area_id:
        statement = statement.where(c.area_id == area_id)
    if after:
        statement = statement.where(c.id < after[0])
    return await reader.fetch(statement.order_by(c.id.desc()).limit(size + 1))


async def checklist(reader: Reader) -> tuple[list[rules.Item], Row | None]:
    """The items of the building's checklist, and under which initiative it was opened."""
    today = days.day_of(reader.now)
    plain = [storey.plain(today) for storey in await building(reader)]
    opened = await reader.first(select(checklists).where(checklists.c.tenant_id == reader.tenant_id))
    has_branch = any(is_branch(org) for org in await orgs.in_force(reader))
    return rules.checklist(has_branch, plain), opened


def is_branch(org: Row) -> bool:
    """Whether an organisation is an active branch of the building itself, not of one of its enterprises."""
    return org.kind == "branch" and org.activated_at is not None and org.enterprise_id is None


async def opened(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The checklists that were opened below, with names of tenants, `size` + 1 at most."""
    c, t = checklists.c, chassis_tables.tenants.c
    joined = checklists.join(chassis_tables.tenants, t.tenant_id == c.tenant_id)
    statement = (
        select(checklists, t.name_zh, t.name_en)
        .select_from(joined)
        .where(c.tenant_id.in_(reader.context.span))
    )
    if after:
        statement = statement.where(c.tenant_id > after[0])
    return await reader.fetch(statement.order_by(c.tenant_id).limit(size + 1))


async def percents(reader: Reader, tenants: Sequence[str]) -> dict[str, int]:
    """How far each of these tenants is."""
    if not tenants:
        return {}
    today = days.day_of(reader.now)
    f, a = floors.c, areas.c
    rows = await reader.fetch(select(floors).where(f.tenant_id.in_(tenants)).order_by(f.floor_order))
    open_areas = await reader.fetch(select(areas).where(a.tenant_id.in_(tenants), a.closed.is_(False)))
    known = await orgs.in_force_of(reader, tenants)
    groups = [org for org in known if org.floor]
    storeys = _together(rows, groups, open_areas, await _current(reader, tenants))
    found: dict[str, int] = {}
    for tenant in tenants:
        plain = [storey.plain(today) for storey in storeys if storey.row.tenant_id == tenant]
        has_branch = any(is_branch(org) for org in known if org.tenant_id == tenant)
        found[tenant] = rules.percent(rules.checklist(has_branch, plain))
    return found
