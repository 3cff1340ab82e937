"""What is done with contacts: one function a verb, each in the caller's unit of work."""

from collections.abc import Mapping
from dataclasses import dataclass

from asyncpg import UniqueViolationError
from sqlalchemy import delete, insert

from chassis import days
from chassis.errors import Conflict
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.contacts import events, queries, rules
from membership.contacts.rules import Kind, Need, Settings, State
from membership.contacts.settings import SETTINGS
from membership.contacts.tables import contacts, links
from membership.enterprises import queries as enterprises
from membership.network import queries as network


@dataclass(frozen=True, slots=True)
class Sides:
    """Who is to contact whom; `names` has the first letters of the people in it."""

    kind: Kind
    area_id: str
    carer_id: str
    person_id: str
    enterprise_id: str
    names: Mapping[str, str]


async def open_link(unit: UnitOfWork, wanted: Sides, *, synthetic: bool) -> Row:
    """Say who is to be contacted. CONTACT_SIDES, CONTACT_LINK_EXISTS."""
    rules.check_sides(
        wanted.kind,
        area=wanted.area_id,
        carer=wanted.carer_id,
        person=wanted.person_id,
        enterprise=wanted.enterprise_id,
    )
    area = await network.area(unit, wanted.area_id) if wanted.area_id else None
    firm = await enterprises.get(unit, wanted.enterprise_id) if wanted.enterprise_id else None
    statement = insert(links).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=unit.context.caller.actor,
        synthetic=synthetic,
        kind=wanted.kind,
        area_id=area.id if area else None,
        area_name=f"{area.floor}F {area.name}" if area else "",
        carer_id=wanted.carer_id or None,
        carer_display=wanted.names.get(wanted.carer_id, ""),
        person_id=wanted.person_id or None,
        display=wanted.names.get(wanted.person_id, ""),
        enterprise_id=firm.id if firm else None,
        enterprise_name=firm.name if firm else "",
        ended=False,
    )
    try:
        row = await unit.one(statement.returning(links))
    except UniqueViolationError as error:
        raise Conflict("CONTACT_LINK_EXISTS") from error
    unit.audit("contacts.open", row.id, kind=str(wanted.kind))
    events.link_changed(unit, row)
    return row


async def end_link(unit: UnitOfWork, link_id: str) -> Row:
    """Nobody is to contact them any more."""
    row = await queries.link(unit, link_id, lock=True)
    if row.ended:
        raise Conflict("CONTACT_LINK_ENDED")
    row = unit.change(links, row, {"ended": True})
    unit.audit("contacts.end", row.id)
    events.link_changed(unit, row)
    return row


async def log(
    unit: UnitOfWork, link_id: str, topic: str, need: str, contact_date: str, *, synthetic: bool
) -> Row:
    """Record a contact. NOT_YOUR_CONTACT, CONTACT_TOO_LATE, CONTACT_EXISTS."""
    held = await queries.link(unit, link_id)
    if held.ended:
        raise Conflict("CONTACT_LINK_ENDED")
    caller = unit.context.caller
    rules.check_contacts(caller.person_id, await queries.contactor(unit, held))
    figures = await SETTINGS.current(unit)
    day = days.past("contact_date", contact_date, unit.now)
    contact_id = new_id()
    statement = insert(contacts).values(
        tenant_id=unit.tenant_id,
        id=contact_id,
        created_at=unit.now,
        updated_at=unit.now,
        created_by=caller.actor,
        synthetic=synthetic,
        link_id=held.id,
        author=caller.person_id,
        contact_on=day,
        topic=topic,
        need=need,
        late=rules.is_late(day, days.day_of(unit.now), figures),
        state=State.RECORDED,
        objection="",
    )
    try:
        await unit.execute(statement)
    except UniqueViolationError as error:
        raise Conflict("CONTACT_EXISTS") from error
    row = await queries.entry(unit, contact_id)
    unit.audit("contacts.log", row.id)
    events.logged(unit, row)
    return row


async def object_to(unit: UnitOfWork, contact_id: str, objection: str) -> Row:
    """The person whom an entry is about objects to it."""
    row = await queries.entry(unit, contact_id, about_me=True)
    state = rules.object_to(State(row.state))
    row = unit.change(contacts, row, {"state": state, "objection": objection})
    unit.audit("contacts.object", row.id, objection=objection)
    events.disputed(unit, row.id, state)
    return row


async def decide(unit: UnitOfWork, contact_id: str, *, remove: bool) -> Row:
    """The branch keeps an entry or removes it, with everything that it said. CONTACT_IS_OWN."""
    row = await queries.entry(unit, contact_id)
    state = rules.decide(State(row.state), row.author, unit.context.caller.person_id, remove=remove)
    if remove:
        c = contacts.c
        await unit.execute(delete(contacts).where(c.tenant_id == unit.tenant_id, c.id == row.id))
    else:
        row = unit.change(contacts, row, {"state": state})
    unit.audit("contacts.decide", row.id, state=str(state))
    events.disputed(unit, row.id, state)
    return row


async def tie(unit: UnitOfWork, contact_id: str, ticket_id: str) -> Row:
    """The person's need became a ticket of theirs."""
    row = await queries.entry(unit, contact_id, about_me=True)
    rules.check_need(Need(row.need), row.ticket_id)
    row = unit.change(contacts, row, {"ticket_id": ticket_id})
    unit.audit("contacts.tie", row.id, ticket=ticket_id)
    events.tied(unit, row)
    return row


async def forget(unit: UnitOfWork) -> int:
    """Forget the entries that are older than the building keeps them."""
    figures = await SETTINGS.current(unit)
    c = contacts.c
    before = rules.forgotten_before(days.day_of(unit.now), figures)
    return await unit.execute(delete(contacts).where(c.tenant_id == unit.tenant_id, c.contact_on < before))


async def set_figures(unit: UnitOfWork, etag: str, **given: int | None) -> Settings:
    """Set the figures anew, as the next version; None leaves one as it is."""
    present = await SETTINGS.current(unit)
    decided = {name: getattr(present, name) if value is None else value for name, value in given.items()}
    return await SETTINGS.begin(unit, etag, **decided)
