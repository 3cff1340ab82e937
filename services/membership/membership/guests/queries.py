"""Reads of guests: by the office, by the person, and in figures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, func, select, true

from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.guests.rules import Quarter, State
from membership.guests.tables import attendances, guests


def visible(context: Context) -> ColumnElement[bool]:
    """B: every guest."""
    return true() if context.mode in ("job", "consumer") or context.has("B") else false()


def here(reader: Reader) -> ColumnElement[bool]:
    """The guests that the caller may see for the building."""
    return (guests.c.tenant_id == reader.tenant_id) & visible(reader.context)


def own(reader: Reader) -> ColumnElement[bool]:
    """The caller's own in the tenant."""
    g = guests.c
    return (g.tenant_id == reader.tenant_id) & (g.person_id == (reader.context.caller.person_id or None))


async def one(reader: Reader, where: ColumnElement[bool], guest_id: str, *, lock: bool = False) -> Row:
    """One among those of the caller's; GUEST_NOT_FOUND for any other."""
    statement = select(guests).where(where, guests.c.id == guest_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("GUEST_NOT_FOUND")
    return found


async def page(
    reader: Reader, *, states: Iterable[str], after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """The guests, the latest first, `size` + 1 at most."""
    statement = select(guests).where(here(reader))
    if wanted := tuple(states):
        statement = statement.where(guests.c.state.in_(wanted))
    if after:
        statement = statement.where(guests.c.id < after[0])
    return await reader.fetch(statement.order_by(guests.c.id.desc()).limit(size + 1))


async def all_mine(reader: Reader) -> Sequence[Row]:
    """The caller's, the latest first."""
    return await reader.fetch(select(guests).where(own(reader)).order_by(guests.c.id.desc()))


async def counting(reader: Reader, people: Iterable[str]) -> Mapping[str, Row]:
    """Those of some people who are guests now, by person."""
    g = guests.c
    found = await reader.fetch(
        select(g.id, g.person_id, g.from_on, g.until_on).where(
            g.tenant_id == reader.tenant_id, g.person_id.in_(set(people)), g.state == State.ADMITTED
        )
    )
    return {row.person_id: row for row in found}


async def counted(reader: Reader, quarter: Quarter) -> tuple[Row, int, int]:
    """People and enterprises now, attendances in a quarter, and how many wait for an answer."""
    g, a = guests.c, attendances.c
    now = await reader.one(
        select(
            func.count().label("people"), func.count(g.enterprise_key.distinct()).label("enterprises")
        ).where(here(reader), g.state == State.ADMITTED)
    )
    came = select(func.count()).where(
        a.tenant_id == reader.tenant_id,
        a.attended_on.between(quarter.first, quarter.last),
        visible(reader.context),
    )
    asked = select(func.count()).where(here(reader), g.state == State.ASKED)
    return now, int(await reader.scalar(came)), int(await reader.scalar(asked))
