"""Reads of honours: by the branch, by the nominee, on the wall, and what a plaque says."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, false, or_, select, true

from chassis import days
from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.honours.rules import ASKED, FOR_MEMBERS, OPEN, State
from membership.honours.tables import honours
from membership.orgs import queries as orgs

ONESELF: Final = "honours.use"
"""The permission that everybody of the building has, over what is their own and what is on the wall."""


def visible(context: Context) -> ColumnElement[bool]:
    """B and T: every honour."""
    return true() if context.mode in ("job", "consumer") or context.has("BT") else false()


def here(reader: Reader) -> ColumnElement[bool]:
    """The honours that the caller may see for the building."""
    return (honours.c.tenant_id == reader.tenant_id) & visible(reader.context)


def own(reader: Reader) -> ColumnElement[bool]:
    """The caller's own, once the branch has approved."""
    h = honours.c
    person = reader.context.caller.person_id or None
    asked = h.state.in_(ASKED) & h.decider.is_not(None)
    return (h.tenant_id == reader.tenant_id) & (h.person_id == person) & asked


def on_display(today: date) -> ColumnElement[bool]:
    """What is public: a term that is over counts as such before anybody has noticed."""
    return (honours.c.state == State.DISPLAYED) & (honours.c.until_on >= today)


async def one(reader: Reader, where: ColumnElement[bool], honour_id: str, *, lock: bool = False) -> Row:
    """One among those of the caller's; HONOUR_NOT_FOUND for any other."""
    statement = select(honours).where(where, honours.c.id == honour_id)
    return _found(await reader.first(statement.with_for_update() if lock else statement), "HONOUR_NOT_FOUND")


def _found(row: Row | None, reason: str) -> Row:
    if row is None:
        raise NotFound(reason)
    return row


async def page(
    reader: Reader,
    where: ColumnElement[bool],
    *,
    states: Iterable[str] = (),
    kind: str = "",
    floor: str = "",
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Honours of the caller's, newest first, `size` + 1 at most."""
    h = honours.c
    statement = select(honours).where(where)
    if wanted := tuple(states):
        statement = statement.where(h.state.in_(wanted))
    for column, value in ((h.kind, kind), (h.floor, floor)):
        if value:
            statement = statement.where(column == value)
    if after:
        statement = statement.where(h.id < after[0])
    return await reader.fetch(statement.order_by(h.id.desc()).limit(size + 1))


async def wall(reader: Reader, floor: str) -> Sequence[Row]:
    """What is on display, from the top floor down; a building has some dozens."""
    h = honours.c
    statement = select(honours).where(h.tenant_id == reader.tenant_id, on_display(days.day_of(reader.now)))
    if floor:
        statement = statement.where(or_(h.floor == floor, h.floor == ""))
    return await reader.fetch(statement.order_by(h.floor_order.desc(), h.kind, h.from_on, h.id))


async def plaque(reader: Reader, tenant_id: str, code: str) -> tuple[Row, Row]:
    """What the plaque with a code says, whoever asks, and its building; HONOUR_PLAQUE_NOT_FOUND. Names its
    columns: the public may read no others."""
    h = honours.c
    said = (h.kind, h.shown_as, h.floor, h.place, h.stars, h.citation, h.from_on, h.until_on, h.number)
    public = on_display(days.day_of(reader.now))
    statement = select(*said).where(h.tenant_id == tenant_id, h.code == code, public)
    found = _found(await reader.first(statement), "HONOUR_PLAQUE_NOT_FOUND")
    return found, _found(await orgs.tenant(reader, tenant_id), "HONOUR_PLAQUE_NOT_FOUND")


async def for_plaques(reader: Reader, wanted: Collection[str]) -> Sequence[Row]:
    """What is on display; of some honours only, where any are named."""
    h = honours.c
    statement = select(honours).where(here(reader), on_display(days.day_of(reader.now)))
    if wanted:
        statement = statement.where(h.id.in_(wanted))
    return await reader.fetch(statement.order_by(h.floor_order.desc(), h.number))


async def open_of_member(reader: Reader, person_id: str) -> Sequence[Row]:
    """The open honours that somebody has as a member of the party, locked."""
    h = honours.c
    statement = select(honours).where(
        h.tenant_id == reader.tenant_id,
        h.person_id == person_id,
        h.kind.in_(FOR_MEMBERS),
        h.state.in_(OPEN),
    )
    return await reader.fetch(statement.order_by(h.id).with_for_update())
