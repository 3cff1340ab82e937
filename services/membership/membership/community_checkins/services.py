"""What is done with services in communities: one function a step, each in the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, update

from chassis import days
from chassis.errors import Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.community_checkins import events, queries, rules
from membership.community_checkins.rules import Kind, Service, Serving, State, Step
from membership.community_checkins.tables import services, servings
from membership.texts import prose


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done for whom, and by when."""

    title: str
    group: str
    due_on: str
    synthetic: bool


async def plan(unit: UnitOfWork, checkin_id: str, task: Task) -> Row:
    """The organisation plans a service by itself: it has taken it up. CHECKIN_NOT_CONFIRMED, TASK_IN_PAST."""
    return await _insert(unit, await queries.checkin(unit, checkin_id, lock=True), task, Service.TAKEN)


async def ask(unit: UnitOfWork, checkin_id: str, task: Task) -> Row:
    """The community asks an organisation that reported. CHECKIN_NOT_CONFIRMED, TASK_IN_PAST."""
    return await _insert(unit, await queries.checkin(unit, checkin_id), task, Service.ASKED)


async def _insert(unit: UnitOfWork, checkin: Row, task: Task, state: Service) -> Row:
    rules.check_ready(Kind(checkin.kind), State(checkin.state))
    due_on = days.required("due_on", task.due_on)
    rules.check_due(due_on, days.day_of(unit.now))
    statement = insert(services).values(
        tenant_id=checkin.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=unit.context.caller.actor,
        synthetic=task.synthetic,
        community_id=checkin.community_id,
        checkin_id=checkin.id,
        org_name=checkin.org_name,
        **prose(title=task.title),
        beneficiaries=task.group,
        asked=state is Service.ASKED,
        due_on=due_on,
        state=state,
        helped=0,
        reason="",
    )
    row = await unit.one(statement.returning(services))
    unit.audit(f"community_services.{state}", row.id)
    events.moved(unit, row)
    return row


async def take(unit: UnitOfWork, service_id: str, etag: str) -> Row:
    """The organisation takes up what it was asked for."""
    row, state = await _office(unit, service_id, etag, Step.TAKE)
    return await _write(unit, row, Step.TAKE, state=state)


async def decline(unit: UnitOfWork, service_id: str, etag: str, reason: str) -> Row:
    """The organisation does not do it."""
    row, state = await _office(unit, service_id, etag, Step.DECLINE)
    return await _write(unit, row, Step.DECLINE, state=state, **prose(reason=reason))


async def report(
    unit: UnitOfWork, service_id: str, etag: str, held_on: str, helped: int, who: Sequence[Serving]
) -> Row:
    """The organisation says what was done. SERVED_OUTSIDE, SERVER_TWICE, SERVER_NOT_REPORTED."""
    row, state = await _office(unit, service_id, etag, Step.REPORT)
    checkin = await queries.checkin(unit, row.checkin_id)
    held = days.required("held_on", held_on)
    rules.check_held(held, checkin.confirmed_on, days.day_of(unit.now))
    known = await queries.confirmed_of(unit, row.community_id, (one.checkin_id for one in who))
    rules.check_servings(who, known)
    v = servings.c
    await unit.execute(delete(servings).where(v.tenant_id == row.tenant_id, v.service_id == row.id))
    await unit.execute_many(
        insert(servings),
        [
            {
                "tenant_id": row.tenant_id,
                "service_id": row.id,
                "checkin_id": one.checkin_id,
                "community_id": row.community_id,
                "minutes": one.minutes,
            }
            for one in who
        ],
    )
    said = {
        "held_on": held,
        "helped": helped,
        "reporter": unit.context.caller.person_id or None,
        "decider": None,
    }
    return await _write(unit, row, Step.REPORT, state=state, reason="", **said)


async def confirm(unit: UnitOfWork, service_id: str, etag: str) -> Row:
    """The community confirms that it was done. OWN_RECORD."""
    row, state = await _community(unit, service_id, etag, Step.CONFIRM)
    decided = {"decider": unit.context.caller.person_id or None, "confirmed_at": unit.now}
    return await _write(unit, row, Step.CONFIRM, state=state, **decided)


async def give_back(unit: UnitOfWork, service_id: str, etag: str, reason: str) -> Row:
    """It was not done as reported. OWN_RECORD."""
    row, state = await _community(unit, service_id, etag, Step.RETURN)
    decided = {"decider": unit.context.caller.person_id or None}
    return await _write(unit, row, Step.RETURN, state=state, **prose(reason=reason), **decided)


async def _office(unit: UnitOfWork, service_id: str, etag: str, step: Step) -> tuple[Row, Service]:
    row = await queries.service(unit, service_id, lock=True)
    if etag != str(row.version):
        raise Stale
    return row, rules.step(Service(row.state), step)


async def _community(unit: UnitOfWork, service_id: str, etag: str, step: Step) -> tuple[Row, Service]:
    """Lock one for a step of its community. What a party may not change it cannot lock, hence the look
    before: it says why."""
    for lock in (False, True):
        row = await queries.service(unit, service_id, lock=lock)
        if etag != str(row.version):
            raise Stale
        state = rules.step(Service(row.state), step)
        rules.check_not_oneself(unit.context.caller.person_id, row.reporter)
    return row, state


async def _write(unit: UnitOfWork, row: Row, step: Step, **values: Any) -> Row:
    s = services.c
    after = await unit.one(
        update(services)
        .where(s.tenant_id == row.tenant_id, s.id == row.id)
        .values(version=s.version + 1, updated_at=unit.now, **values)
        .returning(services)
    )
    unit.audit(f"community_services.{step}", row.id)
    served = (await queries.served(unit, [after])).get(after.id, ()) if step is Step.CONFIRM else ()
    events.moved(unit, after, served)
    return after
