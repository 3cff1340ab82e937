"""Zones in the contract's words."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from chassis import days
from chassis.clocks import timestamp
from chassis.context import Context
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import zones_pb2 as pb
from membership.zones import queries, rules
from membership.zones.events import ENDING, STATE
from membership.zones.rules import IN_FORCE, Actor, Settings

Last = Mapping[str, Sequence[date]]


def actor(context: Context) -> Actor:
    """Which side the caller stands on: the letter B is the branch's."""
    branch = context.has("B")
    return Actor(context.caller.person_id, manages=branch, decides=branch)


async def zone_map(reader: Reader) -> pb.ZoneMap:
    """The grid, and how far it is covered."""
    places = await queries.grid(reader)
    last = await queries.accident_days(reader, (place.row.site_id for place in places))
    roll = await queries.roll(reader)
    held = await queries.held_by(reader, [row.person_id for row in roll])
    without = [row for row in roll if row.person_id not in held]
    managing = reader.context.has("B")
    return pb.ZoneMap(
        locations=[location(reader, place.row, place.zone, place.claims, last) for place in places],
        total=len(places),
        covered=sum(place.zone is not None for place in places),
        holders=len(roll),
        holding=len(roll) - len(without),
        without=[holder(row, ()) for row in without] if managing else [],
    )


def location(
    reader: Reader, row: Row, held: Row | None = None, claims: Sequence[Row] = (), last: Last | None = None
) -> pb.ZoneLocation:
    """A place with the zone in force and those who want it."""
    today = days.day_of(reader.now)
    known = last or {}
    return pb.ZoneLocation(
        id=row.id,
        floor=row.floor,
        name=row.name,
        site_id=row.site_id or "",
        plaque_number=row.plaque_number,
        code=row.code if reader.context.has("B") else "",
        closed=row.closed,
        zone=zone(reader, held, known) if held else None,
        claims=[zone(reader, claim, known) for claim in claims],
        accident_free_days=queries.free_days(row.site_id, days.day_of(row.created_at), known, today),
        plaque_outdated=rules.is_outdated(row.hung_for, held.id if held else None),
        synthetic=row.synthetic,
    )


def zone(reader: Reader, row: Row, last: Last) -> pb.Zone:
    """Somebody's responsibility; who it is only for those who manage zones, and for oneself."""
    context, today = reader.context, days.day_of(reader.now)
    own = bool(context.caller.person_id) and row.person_id == context.caller.person_id
    named = own or context.has("BT")
    since = row.from_on if row.state in IN_FORCE else None
    return pb.Zone(
        id=row.id,
        etag=str(row.version),
        location_id=row.location_id,
        floor=row.floor,
        location_name=row.location_name,
        plaque_number=row.plaque_number,
        person_id=row.person_id if named else "",
        display=row.display if named else "",
        shown_as=row.shown_as,
        state=STATE.number(row.state),
        reason=row.reason,
        from_date=days.written(row.from_on),
        hung_date=days.written(row.hung_on),
        end_date=days.written(row.ended_on),
        ending=ENDING.number(row.ending),
        accident_free_days=queries.free_days(row.site_id, since, last, today),
        verbs=[str(verb) for verb in rules.allowed(queries.state_of(row), row.person_id, actor(context))],
        create_time=row.created_at,
        synthetic=row.synthetic,
    )


async def one_zone(reader: Reader, row: Row) -> pb.Zone:
    """A zone by itself."""
    return zone(reader, row, await queries.accident_days(reader, (row.site_id,)))


def holder(row: Row, held: Collection[Row]) -> pb.ZoneHolder:
    """An entry of the roll."""
    return pb.ZoneHolder(
        id=row.id,
        person_id=row.person_id,
        display=row.display,
        zones=[one.location_name for one in held],
    )


def settings(held: Settings) -> pb.ZoneSettings:
    """The settings that hold, and where they come from."""
    return pb.ZoneSettings(
        etag=str(held.version),
        relay_phone=held.relay_phone,
        team_minimum=held.team_minimum,
        source="tenant" if held.version else "default",
        set_time=timestamp(held.created_at) if held.created_at else None,
    )
