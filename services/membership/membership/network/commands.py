"""What is done with the network: one function a verb, each in the caller's unit of work."""

from collections.abc import Iterable

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import days
from chassis.errors import Conflict, FieldError, Invalid, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.network import events, queries, rules
from membership.network.tables import areas, checklists, floors, liaisons
from membership.orgs import queries as orgs
from membership.texts import clean, floor_order


async def add_floors(unit: UnitOfWork, names: Iterable[str]) -> None:
    """Record floors; those that are known stay as they are."""
    for name in dict.fromkeys(names):
        statement = upsert(floors).values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            floor=name,
            floor_order=floor_order(name),
            occupied=True,
        )
        await unit.execute(statement.on_conflict_do_nothing(index_elements=["tenant_id", "floor"]))
    unit.audit("network.floors", unit.tenant_id)


async def set_occupied(unit: UnitOfWork, floor_id: str, etag: str, occupied: bool | None) -> Row:
    """Say whether a floor is occupied; None leaves it."""
    row = await queries.floor(unit, floor_id)
    if etag != str(row.version):
        raise Stale
    if occupied is None:
        return row
    f = floors.c
    unit.audit("network.floor", row.id, occupied=occupied)
    return await unit.one(
        update(floors)
        .where(f.tenant_id == unit.tenant_id, f.id == row.id)
        .values(version=f.version + 1, updated_at=unit.now, occupied=occupied)
        .returning(floors)
    )


async def open_area(unit: UnitOfWork, floor: str, name: str, *, synthetic: bool) -> Row:
    """Divide a recorded floor. AREA_EXISTS."""
    await queries.recorded_floor(unit, floor)
    statement = insert(areas).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=unit.context.caller.actor,
        synthetic=synthetic,
        floor=floor,
        name=clean(name=name)["name"],
        closed=False,
    )
    try:
        row = await unit.one(statement.returning(areas))
    except UniqueViolationError as error:
        raise Conflict("AREA_EXISTS", params={"floor": floor, "name": name}) from error
    unit.audit("network.area", row.id)
    unit.emit(events.area_opened(row), aggregate_id=row.id)
    return row


async def close_area(unit: UnitOfWork, area_id: str) -> Row:
    """Close a vacant area. AREA_HAS_LIAISON."""
    area = await queries.area(unit, area_id)
    rules.check_open(area.closed)
    if await queries.liaison(unit, area.id):
        raise Conflict("AREA_HAS_LIAISON")
    area = await _touch(unit, area, closed=True)
    unit.audit("network.close", area.id)
    unit.emit(events.area_closed(area), aggregate_id=area.id)
    return area


async def appoint(
    unit: UnitOfWork, area_id: str, person_id: str, display: str, term_from: str, term_until: str
) -> Row:
    """Make somebody liaison of a vacant area. AREA_HAS_LIAISON. One whose term is over gives way."""
    area = await queries.area(unit, area_id)
    rules.check_open(area.closed)
    first = days.past("term_from", term_from, unit.now)
    last = days.parse("term_until", term_until)
    rules.check_term(first, last)
    before = await queries.liaison(unit, area.id)
    if before is not None:
        if rules.is_manned(before.term_from, before.term_until, days.day_of(unit.now)):
            raise Conflict("AREA_HAS_LIAISON")
        await _end(unit, before, before.term_until)
    liaison = await unit.one(
        insert(liaisons)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            area_id=area.id,
            person_id=person_id,
            display=display,
            term_from=first,
            term_until=last,
            created_at=unit.now,
        )
        .returning(liaisons)
    )
    unit.audit("network.appoint", area.id)
    unit.emit(events.liaison_appointed(area, liaison), aggregate_id=area.id)
    return await _touch(unit, area)


async def vacate(unit: UnitOfWork, area_id: str, ended_on: str) -> Row:
    """The liaison stops; the area is a gap from now on. AREA_IS_VACANT."""
    area = await queries.area(unit, area_id)
    held = await queries.liaison(unit, area.id)
    if held is None:
        raise Conflict("AREA_IS_VACANT")
    last = days.past("ended_on", ended_on, unit.now)
    if last < held.term_from:
        raise Invalid("TERM_ENDS_FIRST", fields=[FieldError("ended_on", "TERM_ENDS_FIRST")])
    held = await _end(unit, held, last)
    unit.audit("network.vacate", area.id)
    unit.emit(events.area_vacated(area, held), aggregate_id=area.id)
    return await _touch(unit, area)


async def open_checklist(unit: UnitOfWork, building: str, initiative: str) -> Row:
    """Open the checklist of a tenant below. PLACE_NOT_BELOW, CHECKLIST_EXISTS."""
    place = await orgs.tenant(unit, building)
    if place is None or unit.tenant_id not in (place.region_id, place.superior_id):
        raise Invalid("PLACE_NOT_BELOW", fields=[FieldError("building", "PLACE_NOT_BELOW")])
    statement = insert(checklists).values(
        tenant_id=building,
        opener_id=unit.tenant_id,
        initiative=clean(initiative=initiative)["initiative"],
        opened_at=unit.now,
    )
    try:
        row = await unit.one(statement.returning(checklists))
    except UniqueViolationError as error:
        raise Conflict("CHECKLIST_EXISTS", params={"name": place.name_zh}) from error
    unit.audit("network.checklist", building)
    return row


async def _end(unit: UnitOfWork, held: Row, last: object) -> Row:
    c = liaisons.c
    return await unit.one(
        update(liaisons)
        .where(c.tenant_id == unit.tenant_id, c.id == held.id)
        .values(ended_on=last)
        .returning(liaisons)
    )


async def _touch(unit: UnitOfWork, area: Row, **values: bool) -> Row:
    a = areas.c
    return await unit.one(
        update(areas)
        .where(a.tenant_id == unit.tenant_id, a.id == area.id)
        .values(version=a.version + 1, updated_at=unit.now, **values)
        .returning(areas)
    )
