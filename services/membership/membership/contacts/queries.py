"""Reads of contacts: whom somebody is to contact, entries by whom and about whom, figures."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from chassis import days
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.contacts import rules
from membership.contacts.rules import COUNTED, Need, State
from membership.contacts.tables import contacts, links
from membership.network import queries as network

_LINK: Sequence[Any] = (
    links.c.kind,
    links.c.area_id,
    links.c.area_name,
    links.c.carer_id,
    links.c.carer_display,
    links.c.person_id,
    links.c.display,
    links.c.enterprise_id,
    links.c.enterprise_name,
    links.c.ended,
)


async def link(reader: Reader, link_id: str, *, lock: bool = False) -> Row:
    """Who is to be contacted; CONTACT_LINK_NOT_FOUND."""
    statement = select(links).where(links.c.tenant_id == reader.tenant_id, links.c.id == link_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("CONTACT_LINK_NOT_FOUND")
    return found


async def contactor(reader: Reader, row: Row) -> str:
    """The person who is to contact somebody now; empty where the area is vacant."""
    if row.kind == rules.Kind.CARE:
        return str(row.carer_id or "")
    held = await network.liaison(reader, row.area_id)
    return str(held.person_id) if held else ""


async def link_page(
    reader: Reader, *, kind: str, own: bool, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Who is to be contacted, newest first, `size` + 1 at most; with `own` by the caller."""
    c = links.c
    today = (
        select(contacts.c.id)
        .where(
            contacts.c.tenant_id == c.tenant_id,
            contacts.c.link_id == c.id,
            contacts.c.contact_on == days.day_of(reader.now),
        )
        .exists()
    )
    statement = select(links, today.label("contacted_today")).where(
        c.tenant_id == reader.tenant_id, c.ended.is_(False)
    )
    if own:
        person = reader.context.caller.person_id
        areas = await network.areas_of(reader, person)
        statement = statement.where(or_(c.carer_id == (person or None), c.area_id.in_(areas)))
    if kind:
        statement = statement.where(c.kind == kind)
    if after:
        statement = statement.where(c.id < after[0])
    return await reader.fetch(statement.order_by(c.id.desc()).limit(size + 1))


def _entries(reader: Reader) -> Select[Any]:
    c = contacts.c
    joined = contacts.join(links, and_(links.c.tenant_id == c.tenant_id, links.c.id == c.link_id))
    return select(contacts, *_LINK).select_from(joined).where(c.tenant_id == reader.tenant_id)


async def _visible(reader: Reader) -> ColumnElement[bool]:
    """B and T: every entry · F: those of the areas on the own floors."""
    if reader.context.has("BT"):
        return true()
    bound = reader.context.ids("F")
    return links.c.area_id.in_(await network.areas_on(reader, bound)) if bound else false()


async def entry(reader: Reader, contact_id: str, *, about_me: bool = False) -> Row:
    """One entry, locked; with `about_me` only one about the caller. CONTACT_NOT_FOUND."""
    statement = _entries(reader).where(contacts.c.id == contact_id)
    if about_me:
        statement = statement.where(links.c.person_id == (reader.context.caller.person_id or None))
    found = await reader.first(statement.with_for_update(of=contacts))
    if found is None:
        raise NotFound("CONTACT_NOT_FOUND")
    return found


async def page(reader: Reader, *, state: str, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The entries that the caller may see, newest first, `size` + 1 at most."""
    statement = _entries(reader).where(await _visible(reader))
    if state:
        statement = statement.where(contacts.c.state == state)
    return await _latest(reader, statement, after, size)


async def written(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The caller's own entries."""
    person = reader.context.caller.person_id or None
    return await _latest(reader, _entries(reader).where(contacts.c.author == person), after, size)


async def about(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The entries about the caller."""
    person = reader.context.caller.person_id or None
    return await _latest(reader, _entries(reader).where(links.c.person_id == person), after, size)


async def _latest(
    reader: Reader, statement: Select[Any], after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    if after:
        statement = statement.where(contacts.c.id < after[0])
    return await reader.fetch(statement.order_by(contacts.c.id.desc()).limit(size + 1))


async def counts(reader: Reader, since: date) -> Row:
    """What was contacted since a day, in the areas that the caller may see."""
    c = contacts.c
    joined = contacts.join(links, and_(links.c.tenant_id == c.tenant_id, links.c.id == c.link_id))
    raised = c.need != Need.NONE
    statement = (
        select(
            func.count().label("contacts"),
            func.count(c.contact_on.distinct()).label("days"),
            func.count().filter(c.late).label("late"),
            func.count().filter(raised).label("needs"),
            func.count().filter(c.ticket_id.is_not(None)).label("tickets"),
        )
        .select_from(joined)
        .where(c.tenant_id == reader.tenant_id, *_counted(since), await _visible(reader))
    )
    return await reader.one(statement)


def _counted(since: date) -> tuple[ColumnElement[bool], ...]:
    return (contacts.c.contact_on >= since, contacts.c.state.in_(COUNTED))


async def by_need(reader: Reader, since: date) -> dict[Need, int]:
    """Needs of the whole building by kind since a day."""
    c = contacts.c
    statement = (
        select(c.need, func.count().label("count"))
        .where(c.tenant_id == reader.tenant_id, *_counted(since), c.need != Need.NONE)
        .group_by(c.need)
    )
    return {Need(row.need): row.count for row in await reader.fetch(statement)}


async def by_area(reader: Reader, since: date) -> Sequence[Row]:
    """Areas with somebody to contact, and on how many days since one somebody was."""
    c = contacts.c
    counted = and_(c.tenant_id == links.c.tenant_id, c.link_id == links.c.id, *_counted(since))
    statement = (
        select(
            links.c.area_id,
            func.max(links.c.area_name).label("area_name"),
            func.count(c.contact_on.distinct()).label("days"),
            func.max(c.contact_on).label("last"),
        )
        .select_from(links.outerjoin(contacts, counted))
        .where(
            links.c.tenant_id == reader.tenant_id,
            links.c.area_id.is_not(None),
            links.c.ended.is_(False),
            await _visible(reader),
        )
        .group_by(links.c.area_id)
        .order_by(func.max(links.c.area_name))
    )
    return await reader.fetch(statement)


def state_of(row: Row) -> State:
    """An entry's state as the rules see it."""
    return State(row.state)
