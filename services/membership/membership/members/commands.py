"""What is done with the roster: one function a verb, each in the caller's unit of work."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update

from chassis import days
from chassis.errors import Conflict, Forbidden, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership import assent
from membership.enterprises import queries as enterprises
from membership.members import events, queries, rules
from membership.members.rules import Body, Ending, Kind, Side, State, Verb
from membership.members.settings import SETTINGS
from membership.members.tables import members, moves
from membership.orgs import queries as orgs


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member belongs and works; empty texts for nothing."""

    org_id: str
    group_id: str
    employer_id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody as put forward for the roster."""

    person_id: str
    account: str
    display: str
    body: str
    stage: str
    place: Place
    joined_on: str
    told_on: str
    told_how: str
    synthetic: bool


async def enrol(unit: UnitOfWork, entry: Entry) -> Row:
    """Put somebody forward. MEMBER_EXISTS, ORG_OF_ANOTHER_BODY, GROUP_OF_ANOTHER_ORG."""
    body = Body(entry.body)
    floor = await _check_place(unit, body, entry.place)
    told_on = days.past("told_on", entry.told_on, unit.now) if entry.told_on else None
    assent.check_telling(told_on, entry.told_how)
    row = await _insert(
        unit,
        person_id=entry.person_id,
        account=entry.account or None,
        display=entry.display,
        body=body,
        kind=Kind.OWN,
        stage=rules.stage_of(body, entry.stage),
        **_columns(entry.place, floor),
        joined_on=_joined(unit, entry.joined_on),
        state=State.PROPOSED,
        told_on=told_on,
        told_how=entry.told_how,
        synthetic=entry.synthetic,
    )
    unit.audit("members.enrol", row.id, body=str(body))
    events.proposed(unit, row)
    return row


async def admit_floating(unit: UnitOfWork, asked: Row, place: Place) -> Row:
    """Put somebody on the roster on the strength of a verified affiliation. MEMBER_EXISTS."""
    told = {"told_on": asked.told_on, "told_how": asked.told_how}
    return await _admit(unit, asked, place, kind=Kind.FLOATING, affiliation_id=asked.id, **told)


async def admit_own(unit: UnitOfWork, asked: Row, place: Place) -> Row:
    """Put somebody on the roster on the strength of a transfer that was received. MEMBER_EXISTS."""
    return await _admit(unit, asked, place, kind=Kind.OWN)


async def _admit(unit: UnitOfWork, asked: Row, place: Place, **values: Any) -> Row:
    floor = await check_party_place(unit, place)
    row = await _insert(
        unit,
        person_id=asked.person_id,
        account=asked.account,
        display=asked.display,
        body=Body.PARTY,
        stage=rules.stage_of(Body.PARTY, ""),
        **_columns(place, floor),
        joined_on=asked.joined_on,
        state=State.ACTIVE,
        confirmed_at=asked.confirmed_at,
        activated_at=unit.now,
        synthetic=asked.synthetic,
        **values,
    )
    await _enter(unit, row, days.day_of(unit.now))
    events.activated(unit, row)
    return row


async def confirm(unit: UnitOfWork, member_id: str) -> Row:
    """The person confirms; the membership counts."""
    row = await queries.mine(unit, member_id, lock=True)
    state = _check(row, Verb.CONFIRM, Side.PERSON)
    return await _activate(unit, row, state, confirmed_at=unit.now, account=unit.context.caller.account_id)


async def activate(unit: UnitOfWork, member_id: str) -> Row:
    """The days of notice are over. NOT_CONFIRMED, NOTICE_RUNNING; nobody lets themselves count."""
    row = await queries.get(unit, member_id, lock=True)
    state = _check(row, Verb.ACTIVATE, Side.OFFICE)
    check_not_oneself(unit, row)
    held = await SETTINGS.current(unit)
    assent.check(row, days.day_of(unit.now), held.notice_days)
    return await _activate(unit, row, state)


async def _activate(unit: UnitOfWork, row: Row, state: State, **values: Any) -> Row:
    row = await _write(unit, row, state=state, activated_at=unit.now, **values)
    await _enter(unit, row, days.day_of(unit.now))
    unit.audit("members.activate", row.id, confirmed=row.confirmed_at is not None)
    events.activated(unit, row)
    return row


async def object_to(unit: UnitOfWork, member_id: str) -> Row:
    """The person objects; the membership never counts."""
    row = await queries.mine(unit, member_id, lock=True)
    row = await _write(unit, row, state=_check(row, Verb.OBJECT, Side.PERSON))
    unit.audit("members.object", row.id)
    events.declined(unit, row)
    return row


async def notify(unit: UnitOfWork, member_id: str, told_on: str, told_how: str) -> Row:
    """The person was told outside of Louyu."""
    row = await queries.get(unit, member_id, lock=True)
    _check(row, Verb.NOTIFY, Side.OFFICE)
    day = days.past("told_on", told_on, unit.now)
    row = await _write(unit, row, told_on=day, told_how=told_how)
    unit.audit("members.notify", row.id, how=told_how)
    return row


async def move(unit: UnitOfWork, member_id: str, etag: str, changes: dict[str, str], from_on: str) -> Row:
    """The member works or belongs elsewhere; what was before is kept."""
    row = await queries.get(unit, member_id, lock=True)
    if etag != str(row.version):
        raise Stale
    _check(row, Verb.MOVE, Side.OFFICE)
    day = days.past("from_on", from_on, unit.now)
    rules.check_last_day(days.day_of(row.activated_at), day)
    if changes.get("org_id", row.org_id) != row.org_id:
        # Groups are parts of an organisation: whoever leaves it leaves the group.
        changes = {"group_id": "", **changes}
    now = {"org_id": row.org_id, "group_id": row.group_id or "", "employer_id": row.employer_id or ""}
    place = Place(**{**now, **changes})
    floor = await _check_place(unit, Body(row.body), place)
    row = await _write(unit, row, **_columns(place, floor))
    await _leave(unit, row, day)
    await _enter(unit, row, day)
    unit.audit("members.move", row.id, fields=",".join(sorted(changes)))
    events.moved(unit, row)
    return row


async def end(unit: UnitOfWork, member_id: str, etag: str, ending: str, ended_on: str) -> Row:
    """Take somebody off the roster."""
    row = await queries.get(unit, member_id, lock=True)
    if etag != str(row.version):
        raise Stale
    _check(row, Verb.END, Side.OFFICE)
    return await dismiss(unit, row, ending, days.past("ended_on", ended_on, unit.now))


async def dismiss(unit: UnitOfWork, row: Row, ending: str, day: date) -> Row:
    """End a locked membership, on the strength of whatever record says so. `ending` is one of
    `rules.Ending`."""
    row = await _write(unit, row, state=State.ENDED, ending=Ending(ending), ended_on=day)
    await _leave(unit, row, day)
    unit.audit("members.end", row.id, ending=ending)
    events.ended(unit, row)
    return row


async def set_days(unit: UnitOfWork, etag: str, notice: int, pending_home: int, group: int) -> None:
    """Set the days anew, as the next version."""
    held = await SETTINGS.current(unit)
    await SETTINGS.begin(unit, etag, **rules.changed(held, notice, pending_home, group))


async def check_relation_elsewhere(unit: UnitOfWork, person_id: str) -> None:
    """Whose relation is here already, or is about to be, needs no transfer. MEMBER_EXISTS."""
    found = await queries.open_party(unit, person_id)
    if found is not None and found.kind == Kind.OWN:
        raise Conflict("MEMBER_EXISTS")


async def check_party_place(unit: UnitOfWork, place: Place) -> str:
    """The floor of a place for a party member; refuses what is no place for one."""
    return await _check_place(unit, Body.PARTY, place)


async def _check_place(unit: UnitOfWork, body: Body, place: Place) -> str:
    """The floor of a place whose organisation is active and the body's, whose group is the organisation's,
    and whose enterprise is in the building."""
    org = await orgs.active(unit, place.org_id)
    rules.check_org(body, org.kind)
    floor = ""
    if place.employer_id:
        floor = str((await enterprises.here(unit, place.employer_id)).floor)
    if place.group_id:
        group = await orgs.active(unit, place.group_id)
        rules.check_group(body, org.id, group.kind, group.parent_id)
        floor = str(group.floor)
    return floor


def check_not_oneself(unit: UnitOfWork, row: Row) -> None:
    """Nobody decides on their own record; persons are compared, not accounts."""
    if unit.context.caller.person_id == row.person_id:
        raise Forbidden("OWN_RECORD")


def _check(row: Row, verb: Verb, side: Side) -> State:
    return rules.move(State(row.state), Kind(row.kind), verb, side)


def _joined(unit: UnitOfWork, text: str) -> date | None:
    return days.past("joined_on", text, unit.now) if text else None


def _columns(place: Place, floor: str) -> dict[str, Any]:
    return {
        "org_id": place.org_id,
        "group_id": place.group_id or None,
        "employer_id": place.employer_id or None,
        "floor": floor,
    }


async def _insert(unit: UnitOfWork, **values: Any) -> Row:
    statement = insert(members).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=unit.context.caller.actor,
        **values,
    )
    try:
        return await unit.one(statement.returning(members))
    except UniqueViolationError as error:
        raise Conflict("MEMBER_EXISTS") from error


async def _write(unit: UnitOfWork, row: Row, **values: Any) -> Row:
    m = members.c
    return await unit.one(
        update(members)
        .where(m.tenant_id == row.tenant_id, m.id == row.id)
        .values(version=m.version + 1, updated_at=unit.now, **values)
        .returning(members)
    )


async def _enter(unit: UnitOfWork, row: Row, day: date) -> None:
    await unit.execute(
        insert(moves).values(
            tenant_id=row.tenant_id,
            id=new_id(),
            member_id=row.id,
            org_id=row.org_id,
            group_id=row.group_id,
            employer_id=row.employer_id,
            from_on=day,
        )
    )


async def _leave(unit: UnitOfWork, row: Row, day: date) -> None:
    v = moves.c
    await unit.execute(
        update(moves)
        .where(v.tenant_id == row.tenant_id, v.member_id == row.id, v.until_on.is_(None))
        .values(until_on=day)
    )
