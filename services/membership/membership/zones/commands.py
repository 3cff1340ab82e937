"""What is done with zones: one function a verb, each in the caller's unit of work. Whoever brings a zone
into force or ends one locks its place first."""

from collections.abc import Mapping
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import days
from chassis.errors import Conflict, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.texts import clean, masked
from membership.zones import events, queries, rules
from membership.zones.rules import Settings, State, Verb
from membership.zones.settings import SETTINGS
from membership.zones.tables import holders, locations, zones


async def declare(unit: UnitOfWork, location_id: str, shown_as: str, *, synthetic: bool) -> Row:
    """The caller wants to answer for a place. ZONE_IS_YOURS where they do already, or wait for an answer."""
    caller = unit.context.caller
    place = await queries.location(unit, location_id, lock=True)
    name = clean(shown_as=shown_as)["shown_as"]
    rules.check_shown_as(name)
    held = await queries.in_force(unit, place.id)
    if held is not None and held.person_id == caller.person_id:
        raise Conflict("ZONE_IS_YOURS", params={"name": place.name})
    said = {"account": caller.account_id, "shown_as": name, "reason": ""}
    before = await queries.claims(unit, place.id, caller.person_id)
    if before:
        state = rules.move(State(before[0].state), Verb.DECLARE)
        return await _set(unit, before[0], place, state, "zones.declare", **said)
    return await _begin(
        unit,
        place,
        {"person_id": caller.person_id, "display": masked(name), "state": State.DECLARED, **said},
        synthetic=synthetic,
    )


async def propose(
    unit: UnitOfWork, location_id: str, person_id: str, display: str, *, synthetic: bool
) -> Row:
    """Propose a place to somebody. ZONE_IS_CLAIMED where they are asked already."""
    place = await queries.location(unit, location_id, lock=True)
    held = await queries.in_force(unit, place.id)
    if held is not None and held.person_id == person_id:
        raise Conflict("ZONE_IS_CLAIMED", params={"name": place.name})
    if await queries.claims(unit, place.id, person_id):
        raise Conflict("ZONE_IS_CLAIMED", params={"name": place.name})
    said = {"person_id": person_id, "display": display, "state": State.PROPOSED, "shown_as": "", "reason": ""}
    return await _begin(unit, place, said, synthetic=synthetic)


async def _begin(unit: UnitOfWork, place: Row, values: Mapping[str, Any], *, synthetic: bool) -> Row:
    await enrol(unit, {values["person_id"]: values["display"]})
    zone_id = new_id()
    await unit.execute(
        insert(zones).values(
            tenant_id=unit.tenant_id,
            id=zone_id,
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            synthetic=synthetic,
            location_id=place.id,
            decided_by="",
            ending="",
            **values,
        )
    )
    row = await queries.zone(unit, zone_id)
    unit.audit(f"zones.{row.state}", row.id, location=place.id)
    events.zone_changed(unit, row)
    return row


async def withdraw(unit: UnitOfWork, zone_id: str) -> Row:
    """The caller takes a declaration back, or declines a proposal."""
    row = await queries.zone(unit, zone_id, lock=True, own=True)
    return await _set(unit, row, None, rules.move(State(row.state), Verb.WITHDRAW), "zones.withdraw")


async def approve(unit: UnitOfWork, zone_id: str, etag: str) -> Row:
    """The branch approves: from today the member answers for the place. ZONE_IS_OWN, ZONE_OVERLAPS."""
    place, row = await _to_decide(unit, zone_id, etag)
    state = rules.move(State(row.state), Verb.APPROVE)
    held = await queries.in_force(unit, place.id)
    rules.check_free(held.shown_as if held else "")
    return await _set(
        unit, row, place, state, "zones.approve", from_on=days.day_of(unit.now), **_decision(unit)
    )


async def send_back(unit: UnitOfWork, zone_id: str, etag: str, reason: str) -> Row:
    """The branch returns a declaration. ZONE_IS_OWN."""
    place, row = await _to_decide(unit, zone_id, etag)
    state = rules.move(State(row.state), Verb.RETURN)
    words = clean(reason=reason)
    return await _set(unit, row, place, state, "zones.return", **words, **_decision(unit))


async def _to_decide(unit: UnitOfWork, zone_id: str, etag: str) -> tuple[Row, Row]:
    seen = await queries.zone(unit, zone_id)
    place = await queries.location(unit, seen.location_id, lock=True)
    row = await queries.zone(unit, zone_id, lock=True)
    rules.check_decides(row.person_id, unit.context.caller.person_id)
    if etag != str(row.version):
        raise Stale
    return place, row


def _decision(unit: UnitOfWork) -> dict[str, Any]:
    caller = unit.context.caller
    return {"decided_by": caller.actor, "decider": caller.person_id, "decided_at": unit.now}


async def hang(unit: UnitOfWork, zone_id: str, hung_date: str) -> Row:
    """The plaque hangs."""
    seen = await queries.zone(unit, zone_id)
    place = await queries.location(unit, seen.location_id, lock=True)
    row = await queries.zone(unit, zone_id, lock=True)
    state = rules.move(State(row.state), Verb.HANG)
    day = days.past("hung_date", hung_date, unit.now)
    unit.change(locations, place, {"hung_for": row.id})
    return await _set(unit, row, place, state, "zones.hang", hung_on=day)


async def end(unit: UnitOfWork, zone_id: str, ending: str) -> Row:
    """A zone ends today; its place is a gap until the next is approved."""
    row = await queries.zone(unit, zone_id, lock=True)
    state = rules.move(State(row.state), Verb.END)
    ended = {"ended_on": days.day_of(unit.now), "ending": ending}
    return await _set(unit, row, None, state, "zones.end", **ended)


async def _set(
    unit: UnitOfWork, row: Row, place: Row | None, state: State, action: str, **values: Any
) -> Row:
    z = zones.c
    changed = (
        update(zones)
        .where(z.tenant_id == unit.tenant_id, z.id == row.id)
        .values(version=z.version + 1, updated_at=unit.now, state=state, **values)
    )
    try:
        await unit.execute(changed)
    except UniqueViolationError as error:
        raise Conflict("ZONE_OVERLAPS", params={"holder": ""}) from error
    unit.audit(action, row.id)
    after = await queries.zone(unit, row.id)
    events.zone_changed(unit, after)
    return after


async def enrol(unit: UnitOfWork, people: Mapping[str, str]) -> None:
    """Put people on the roll; those who are on it stay as they are."""
    for person_id, display in people.items():
        entry = upsert(holders).values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            person_id=person_id,
            display=display,
            created_at=unit.now,
        )
        await unit.execute(entry.on_conflict_do_nothing(index_elements=["tenant_id", "person_id"]))


async def strike(unit: UnitOfWork, holder_id: str) -> Row:
    """Take somebody off the roll. HOLDER_HAS_ZONE."""
    row = await queries.holder(unit, holder_id)
    if await queries.held_by(unit, (row.person_id,)):
        raise Conflict("HOLDER_HAS_ZONE", params={"name": row.display})
    h = holders.c
    await unit.execute(holders.delete().where(h.tenant_id == unit.tenant_id, h.id == row.id))
    unit.audit("zones.strike", row.id)
    return row


async def set_figures(unit: UnitOfWork, etag: str, **given: str | int | None) -> Settings:
    """Set the figures anew, as the next version; None leaves one as it is."""
    present = await SETTINGS.current(unit)
    decided = {name: getattr(present, name) if value is None else value for name, value in given.items()}
    words = clean(relay_phone=str(decided["relay_phone"]))
    return await SETTINGS.begin(unit, etag, **{**decided, **words})
