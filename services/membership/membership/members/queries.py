"""Reads of the roster."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, case, false, select, true

from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.members.rules import OPEN, Body, Kind, Settings, Stage, State
from membership.members.settings import SETTINGS
from membership.members.tables import members, moves

ONESELF: Final = "members.use"
"""The permission that everybody of the building has, over what is their own."""


def visible(context: Context) -> ColumnElement[bool]:
    """B and T: the whole roster · F: the members of a floor."""
    if context.mode in ("job", "consumer") or context.has("BT"):
        return true()
    floors = context.ids("F")
    return members.c.floor.in_(floors) & members.c.state.in_(OPEN) if floors else false()


def own(reader: Reader) -> ColumnElement[bool]:
    """The caller's own memberships in the tenant."""
    m = members.c
    return (m.tenant_id == reader.tenant_id) & (m.person_id == (reader.context.caller.person_id or None))


async def get(reader: Reader, member_id: str, *, lock: bool = False) -> Row:
    """One membership; MEMBER_NOT_FOUND for anything that the caller may not see."""
    return await _one(
        reader, (members.c.tenant_id == reader.tenant_id) & visible(reader.context), member_id, lock=lock
    )


async def mine(reader: Reader, member_id: str, *, lock: bool = False) -> Row:
    """One of the caller's own; MEMBER_NOT_FOUND for anybody else's."""
    return await _one(reader, own(reader), member_id, lock=lock)


async def _one(reader: Reader, where: ColumnElement[bool], member_id: str, *, lock: bool) -> Row:
    statement = select(members).where(where, members.c.id == member_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("MEMBER_NOT_FOUND")
    return found


async def page(
    reader: Reader,
    *,
    states: Iterable[str],
    only: dict[str, str],
    without_group: bool,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """The roster, oldest entry first, `size` + 1 at most; `only` is by column."""
    m = members.c
    statement = select(members).where(
        m.tenant_id == reader.tenant_id,
        visible(reader.context),
        m.state.in_(tuple(states) or OPEN),
    )
    for column, value in only.items():
        if value:
            statement = statement.where(m[column] == value)
    if without_group:
        statement = statement.where(m.body == Body.PARTY, m.group_id.is_(None))
    if after:
        statement = statement.where(m.id > after[0])
    return await reader.fetch(statement.order_by(m.id).limit(size + 1))


async def all_mine(reader: Reader) -> Sequence[Row]:
    """The caller's memberships, those that wait for a word first."""
    m = members.c
    waiting = case((m.state == State.PROPOSED, 0), (m.state == State.ACTIVE, 1), else_=2)
    return await reader.fetch(select(members).where(own(reader)).order_by(waiting, m.id.desc()))


async def open_party(reader: Reader, person_id: str) -> Row | None:
    """Somebody's party membership in the tenant, on the roster or put forward."""
    m = members.c
    return await reader.first(
        select(members).where(
            m.tenant_id == reader.tenant_id,
            m.person_id == person_id,
            m.body == Body.PARTY,
            m.state.in_(OPEN),
        )
    )


async def counted_party(reader: Reader, person_id: str) -> Row | None:
    """Somebody's party membership in the tenant, if it counts."""
    found = await open_party(reader, person_id)
    return found if found is not None and found.state == State.ACTIVE else None


async def on_party_roster(reader: Reader, person_id: str) -> bool:
    """Whether somebody is a member of the party in the tenant, and counts."""
    return await counted_party(reader, person_id) is not None


async def full_party(reader: Reader, people: Iterable[str]) -> set[str]:
    """Those of some people who are full members of the party in the tenant."""
    m = members.c
    found = await reader.fetch(
        select(m.person_id).where(
            m.tenant_id == reader.tenant_id,
            m.person_id.in_(set(people)),
            m.body == Body.PARTY,
            m.stage == Stage.FULL,
            m.state == State.ACTIVE,
        )
    )
    return {row.person_id for row in found}


async def party_roster(reader: Reader, org_id: str, *, own: bool = False) -> Sequence[Row]:
    """The members of the party who count in an organisation, in the order in which they came; with `own` only
    those whose relation is there."""
    m = members.c
    statement = select(members).where(
        m.tenant_id == reader.tenant_id,
        m.org_id == org_id,
        m.body == Body.PARTY,
        m.state == State.ACTIVE,
    )
    if own:
        statement = statement.where(m.kind == Kind.OWN)
    return await reader.fetch(statement.order_by(m.id))


async def of_affiliation(reader: Reader, affiliation_id: str, *, lock: bool = False) -> Row | None:
    """The membership that an affiliation gives in the building."""
    m = members.c
    statement = select(members).where(
        m.tenant_id == reader.tenant_id, m.affiliation_id == affiliation_id, m.state.in_(OPEN)
    )
    return await reader.first(statement.with_for_update() if lock else statement)


async def by_affiliation(reader: Reader, ids: Iterable[str]) -> dict[str, Row]:
    """The memberships that affiliations gave, by affiliation."""
    wanted = set(ids)
    if not wanted:
        return {}
    m = members.c
    found = await reader.fetch(
        select(m.id, m.affiliation_id, m.group_id).where(
            m.tenant_id == reader.tenant_id, m.affiliation_id.in_(wanted)
        )
    )
    return {row.affiliation_id: row for row in found}


async def history(reader: Reader, member_id: str) -> Sequence[Row]:
    """Where a member was, the latest first."""
    v = moves.c
    return await reader.fetch(
        select(moves).where(v.tenant_id == reader.tenant_id, v.member_id == member_id).order_by(v.id.desc())
    )


async def counted(reader: Reader) -> Sequence[Row]:
    """Every open membership with what the figures need; a building has some thousands."""
    m = members.c
    return await reader.fetch(
        select(m.person_id, m.body, m.kind, m.org_id, m.group_id, m.employer_id, m.state).where(
            m.tenant_id == reader.tenant_id, m.state.in_(OPEN)
        )
    )


async def in_force(reader: Reader) -> Settings:
    """The days that hold; the defaults where the building set none."""
    return await SETTINGS.current(reader)
