"""What is done with teams: one function a verb, each in the caller's unit of work."""

from collections.abc import Mapping

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update

from chassis import days
from chassis.errors import Conflict, NotFound
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.teams import events, queries, rules
from membership.teams.tables import members, teams
from membership.texts import clean


async def form(unit: UnitOfWork, name: str, people: Mapping[str, str], *, synthetic: bool) -> Row:
    """Form a team; the first of its people leads. TEAM_EXISTS."""
    statement = insert(teams).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=unit.context.caller.actor,
        synthetic=synthetic,
        name=clean(name=name)["name"],
        dissolved=False,
    )
    try:
        row = await unit.one(statement.returning(teams))
    except UniqueViolationError as error:
        raise Conflict("TEAM_EXISTS", params={"name": name}) from error
    for number, (person_id, display) in enumerate(people.items()):
        await _put(unit, row.id, person_id, display, leads=number == 0)
    unit.audit("teams.form", row.id, members=len(people))
    await events.team_changed(unit, row)
    return row


async def join(unit: UnitOfWork, team_id: str, person_id: str, display: str, *, leads: bool) -> Row:
    """Put somebody into a team. TEAM_MEMBER_EXISTS. A team has one who leads: the one before stays in it."""
    row = await _standing(unit, team_id)
    m = members.c
    if leads:
        former = update(members).where(
            m.tenant_id == unit.tenant_id, m.team_id == row.id, m.left_on.is_(None), m.leads.is_(True)
        )
        await unit.execute(former.values(leads=False))
    await _put(unit, row.id, person_id, display, leads=leads)
    unit.audit("teams.join", row.id)
    await events.team_changed(unit, row)
    return row


async def _put(unit: UnitOfWork, team_id: str, person_id: str, display: str, *, leads: bool) -> None:
    entry = insert(members).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        team_id=team_id,
        person_id=person_id,
        display=display,
        leads=leads,
        from_on=days.day_of(unit.now),
    )
    try:
        await unit.execute(entry)
    except UniqueViolationError as error:
        raise Conflict("TEAM_MEMBER_EXISTS", params={"name": display}) from error


async def leave(unit: UnitOfWork, team_id: str, person_id: str) -> Row:
    """Take somebody out of a team. TEAM_MEMBER_NOT_FOUND."""
    row = await _standing(unit, team_id)
    if not await _take_out(unit, row.id, person_id):
        raise NotFound("TEAM_MEMBER_NOT_FOUND")
    unit.audit("teams.leave", row.id)
    await events.team_changed(unit, row)
    return row


async def dissolve(unit: UnitOfWork, team_id: str) -> Row:
    """Dissolve a team; its members leave it."""
    row = await _standing(unit, team_id)
    await _take_out(unit, row.id)
    row = unit.change(teams, row, {"dissolved": True})
    unit.audit("teams.dissolve", row.id)
    await events.team_changed(unit, row)
    return row


async def _standing(unit: UnitOfWork, team_id: str) -> Row:
    row = await queries.team(unit, team_id, lock=True)
    rules.check_standing(row.dissolved)
    return row


async def _take_out(unit: UnitOfWork, team_id: str, person_id: str = "") -> int:
    m = members.c
    gone = update(members).where(m.tenant_id == unit.tenant_id, m.team_id == team_id, m.left_on.is_(None))
    if person_id:
        gone = gone.where(m.person_id == person_id)
    return await unit.execute(gone.values(left_on=days.day_of(unit.now), leads=False))
