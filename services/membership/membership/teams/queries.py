"""Reads of teams and duties."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from chassis import days
from chassis.errors import NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader
from membership.teams.rules import State
from membership.teams.tables import duties, members, teams


async def team(reader: Reader, team_id: str, *, lock: bool = False) -> Row:
    """One team; TEAM_NOT_FOUND."""
    t = teams.c
    statement = select(teams).where(t.tenant_id == reader.tenant_id, t.id == team_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("TEAM_NOT_FOUND")
    return found


async def page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Teams that stand, by name, `size` + 1 at most."""
    t = teams.c
    statement = select(teams).where(t.tenant_id == reader.tenant_id, t.dissolved.is_(False))
    if after:
        statement = statement.where(beyond((t.name, t.id), after))
    return await reader.fetch(statement.order_by(t.name, t.id).limit(size + 1))


async def members_of(reader: Reader, found: Collection[str]) -> Mapping[str, Sequence[Row]]:
    """Who is in these teams, by team; who leads comes first."""
    m = members.c
    rows = await reader.fetch(
        select(members)
        .where(m.tenant_id == reader.tenant_id, m.team_id.in_(found), m.left_on.is_(None))
        .order_by(m.leads.desc(), m.id)
    )
    by_team: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_team[row.team_id].append(row)
    return by_team


async def counts(reader: Reader, found: Collection[str], since: date) -> Mapping[str, Row]:
    """By team: the duties that fell due from a day to today, those confirmed, and those done in time."""
    d = duties.c
    confirmed = d.state == State.CONFIRMED
    in_time = func.timezone(str(days.ZONE), d.done_at) < d.due_on + 1
    statement = (
        select(
            d.team_id,
            func.count().label("due"),
            func.count().filter(confirmed).label("confirmed"),
            func.count().filter(and_(confirmed, in_time)).label("in_time"),
        )
        .where(
            d.tenant_id == reader.tenant_id,
            d.team_id.in_(found),
            d.due_on.between(since, days.day_of(reader.now)),
            d.state != State.CANCELLED,
        )
        .group_by(d.team_id)
    )
    return {row.team_id: row for row in await reader.fetch(statement)}


async def duty(reader: Reader, duty_id: str, *, lock: bool = False) -> Row:
    """One duty with the name of its team: the office's any, everybody else's only those with a part of
    theirs. DUTY_NOT_FOUND."""
    d = duties.c
    statement = _named().where(d.tenant_id == reader.tenant_id, d.id == duty_id)
    if not reader.context.has("B"):
        statement = statement.where(_with_a_part(reader))
    found = await reader.first(statement.with_for_update(of=duties) if lock else statement)
    if found is None:
        raise NotFound("DUTY_NOT_FOUND")
    return found


def _named() -> Select[Any]:
    d, t = duties.c, teams.c
    joined = duties.outerjoin(teams, and_(t.tenant_id == d.tenant_id, t.id == d.team_id))
    return select(duties, t.name.label("team_name")).select_from(joined)


def _with_a_part(reader: Reader) -> Any:
    d, person = duties.c, reader.context.caller.person_id or None
    return or_(d.lead_id == person, d.executor_id == person, d.supervisor_id == person)


async def duty_page(
    reader: Reader, *, state: str, team_id: str, own: bool, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Duties, newest first, `size` + 1 at most; with `own` those in which the caller has a part."""
    d = duties.c
    statement = _named().where(d.tenant_id == reader.tenant_id)
    if own:
        statement = statement.where(_with_a_part(reader))
    if state:
        statement = statement.where(d.state == state)
    if team_id:
        statement = statement.where(d.team_id == team_id)
    if after:
        statement = statement.where(d.id < after[0])
    return await reader.fetch(statement.order_by(d.id.desc()).limit(size + 1))
