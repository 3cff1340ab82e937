"""Reads of zones: the grid, claims, the roll, accidents, settings, and what a plaque says."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, select, true

from chassis import days
from chassis import tables as chassis_tables
from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.zones import rules
from membership.zones.rules import CLAIMS, IN_FORCE, Settings, State
from membership.zones.settings import SETTINGS
from membership.zones.tables import accidents, holders, locations, settings, zones

_NAMES = (locations.c.floor, locations.c.name, locations.c.plaque_number, locations.c.site_id)


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the grid, the zone in force on it, and who wants it."""

    row: Row
    zone: Row | None
    claims: Sequence[Row]


def visible(context: Context) -> ColumnElement[bool]:
    """B and T: every place · F: the own floors · O: every place."""
    if context.mode in ("job", "consumer") or context.has("BTO"):
        return true()
    bound = context.ids("F")
    return locations.c.floor.in_(bound) if bound else false()


def sees_all(context: Context) -> bool:
    """Whether the caller sees who wants what; the others see zones in force, and their own."""
    return context.has("BTF")


async def grid(reader: Reader) -> list[Place]:
    """The places that the caller may see, from the top floor down."""
    c, z = locations.c, zones.c
    places = select(locations).where(
        c.tenant_id == reader.tenant_id, c.closed.is_(False), visible(reader.context)
    )
    rows = await reader.fetch(places.order_by(c.floor_order.desc(), c.name, c.id))
    current = await reader.fetch(
        _named().where(z.tenant_id == reader.tenant_id, z.state.in_((*IN_FORCE, *CLAIMS))).order_by(z.id)
    )
    person = reader.context.caller.person_id
    held = {row.location_id: row for row in current if row.state in IN_FORCE}
    claims: dict[str, list[Row]] = defaultdict(list)
    for row in current:
        if row.state in CLAIMS and (sees_all(reader.context) or row.person_id == person):
            claims[row.location_id].append(row)
    return [Place(row, held.get(row.id), claims[row.id]) for row in rows]


async def sites_on(reader: Reader, floor: str) -> Sequence[str]:
    """The sites that places on a floor are parts of."""
    c = locations.c
    own = (c.tenant_id == reader.tenant_id, c.floor == floor, c.closed.is_(False), c.site_id.is_not(None))
    return [row.site_id for row in await reader.fetch(select(c.site_id).where(*own).distinct())]


def _named() -> Select[Any]:
    z = zones.c
    joined = zones.join(
        locations, and_(locations.c.tenant_id == z.tenant_id, locations.c.id == z.location_id)
    )
    floor, name, number, site = _NAMES
    wanted = (floor, name.label("location_name"), number, site)
    return select(zones, *wanted).select_from(joined)


async def location(reader: Reader, location_id: str, *, lock: bool = False) -> Row:
    """One place; ZONE_LOCATION_NOT_FOUND."""
    c = locations.c
    own = (c.tenant_id == reader.tenant_id, c.id == location_id, visible(reader.context))
    statement = select(locations).where(*own)
    return _found(
        await reader.first(statement.with_for_update() if lock else statement), "ZONE_LOCATION_NOT_FOUND"
    )


async def zone(reader: Reader, zone_id: str, *, lock: bool = False, own: bool = False) -> Row:
    """One zone with the names of its place; ZONE_NOT_FOUND."""
    z = zones.c
    statement = _named().where(z.tenant_id == reader.tenant_id, z.id == zone_id)
    if own:
        statement = statement.where(z.person_id == (reader.context.caller.person_id or None))
    return _found(
        await reader.first(statement.with_for_update(of=zones) if lock else statement), "ZONE_NOT_FOUND"
    )


def _found(row: Row | None, reason: str) -> Row:
    if row is None:
        raise NotFound(reason)
    return row


async def in_force(reader: Reader, location_id: str) -> Row | None:
    """The zone in force at a place."""
    z = zones.c
    held = _named().where(
        z.tenant_id == reader.tenant_id, z.location_id == location_id, z.state.in_(IN_FORCE)
    )
    return await reader.first(held)


async def claims(reader: Reader, location_id: str, person_id: str = "") -> Sequence[Row]:
    """Who wants a place, locked."""
    z = zones.c
    wanted = select(zones).where(
        z.tenant_id == reader.tenant_id, z.location_id == location_id, z.state.in_(CLAIMS)
    )
    if person_id:
        wanted = wanted.where(z.person_id == person_id)
    return await reader.fetch(wanted.order_by(z.id).with_for_update())


async def page(
    reader: Reader,
    *,
    state: str,
    location_id: str,
    own: bool,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Zones, newest first, `size` + 1 at most; with `own` only those of the caller."""
    z = zones.c
    statement = _named().where(z.tenant_id == reader.tenant_id)
    if own:
        statement = statement.where(z.person_id == (reader.context.caller.person_id or None))
    if state:
        statement = statement.where(z.state == state)
    if location_id:
        statement = statement.where(z.location_id == location_id)
    if after:
        statement = statement.where(z.id < after[0])
    return await reader.fetch(statement.order_by(z.id.desc()).limit(size + 1))


async def roll(reader: Reader, after: Sequence[Any] | None = None, size: int = 0) -> Sequence[Row]:
    """Who is to have a zone, in the order in which they came; everyone when no size is given."""
    c = holders.c
    statement = select(holders).where(c.tenant_id == reader.tenant_id).order_by(c.id)
    if after:
        statement = statement.where(c.id > after[0])
    return await reader.fetch(statement.limit(size + 1) if size else statement)


async def holder(reader: Reader, holder_id: str) -> Row:
    """One entry of the roll, locked; ZONE_HOLDER_NOT_FOUND."""
    c = holders.c
    wanted = select(holders).where(c.tenant_id == reader.tenant_id, c.id == holder_id)
    return _found(await reader.first(wanted.with_for_update()), "ZONE_HOLDER_NOT_FOUND")


async def held_by(reader: Reader, people: Collection[str]) -> Mapping[str, Sequence[Row]]:
    """The zones in force of each of these people."""
    z = zones.c
    rows = await reader.fetch(
        _named().where(z.tenant_id == reader.tenant_id, z.person_id.in_(people), z.state.in_(IN_FORCE))
    )
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(row)
    return found


async def accident_days(reader: Reader, sites: Iterable[str | None]) -> Mapping[str, Sequence[date]]:
    """The last day with an accident at each of these sites."""
    a = accidents.c
    wanted = {site for site in sites if site}
    if not wanted:
        return {}
    last = (
        select(a.site_id, func.max(a.occurred_on).label("last"))
        .where(a.tenant_id == reader.tenant_id, a.site_id.in_(wanted))
        .group_by(a.site_id)
    )
    return {row.site_id: (row.last,) for row in await reader.fetch(last)}


def free_days(
    site_id: str | None, since: date | None, last: Mapping[str, Sequence[date]], today: date
) -> int | None:
    """Days without an accident at a site since a day; None where there is no site, or no such day."""
    if not site_id or since is None:
        return None
    return rules.days_without(since, last.get(site_id, ()), today)


async def figures(reader: Reader) -> Settings:
    """The settings of zones and teams in force."""
    return await SETTINGS.current(reader)


async def plaque(reader: Reader, tenant_id: str, code: str) -> Row:
    """What the plaque with a code says, whoever asks; PLAQUE_NOT_FOUND. Names its columns: the public may
    read no others."""
    c, z, t = locations.c, zones.c, chassis_tables.tenants.c
    current = and_(z.tenant_id == c.tenant_id, z.location_id == c.id, z.state.in_(IN_FORCE))
    joined = locations.join(chassis_tables.tenants, t.tenant_id == c.tenant_id).outerjoin(zones, current)
    statement = (
        select(
            c.plaque_number,
            c.floor,
            c.name,
            c.site_id,
            z.shown_as,
            z.from_on,
            t.name_zh,
            t.name_en,
        )
        .select_from(joined)
        .where(c.tenant_id == tenant_id, c.code == code, c.closed.is_(False), t.state == "active")
    )
    return _found(await reader.first(statement), "PLAQUE_NOT_FOUND")


async def plaque_facts(reader: Reader, tenant_id: str, found: Row) -> tuple[str, int | None]:
    """The relay number and the days without an accident on a plaque, whoever asks."""
    s, a = settings.c, accidents.c
    newest = select(s.relay_phone).where(s.tenant_id == tenant_id).order_by(s.version.desc()).limit(1)
    phone = await reader.scalar(newest)
    last: Mapping[str, Sequence[date]] = {}
    if found.site_id:
        days_of = select(func.max(a.occurred_on)).where(a.tenant_id == tenant_id, a.site_id == found.site_id)
        day = await reader.scalar(days_of)
        last = {found.site_id: (day,)} if day else {}
    return phone or "", free_days(found.site_id, found.from_on, last, days.day_of(reader.now))


async def for_plaques(reader: Reader, wanted: Collection[str]) -> Sequence[Row]:
    """Zones in force with what their plaques need; those of some places only, where any are named."""
    z, c = zones.c, locations.c
    statement = _named().add_columns(c.code).where(z.tenant_id == reader.tenant_id, z.state.in_(IN_FORCE))
    if wanted:
        statement = statement.where(c.id.in_(wanted))
    return await reader.fetch(statement.order_by(c.floor_order.desc(), c.name))


async def building_name(reader: Reader) -> str:
    """The building's Chinese name."""
    t = chassis_tables.tenants.c
    return str(await reader.scalar(select(t.name_zh).where(t.tenant_id == reader.tenant_id)) or "")


def state_of(row: Row) -> State:
    """A zone's state as the rules see it."""
    return State(row.state)
