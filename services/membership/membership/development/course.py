"""How an application goes on: a step is done, what comes after it, and who is named with it.

Terms are counted by the state's calendar: it binds the branch and the superior alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import insert, update

from chassis import days
from chassis.calendar import BusinessCalendar
from chassis.errors import Conflict
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.development import events, plans, queries, rules
from membership.development.plans import NEVER, Step
from membership.development.rules import Done, State, Verb
from membership.development.tables import applications, mentors, steps
from membership.members import queries as members
from membership.texts import clean

_WORKS: Final = BusinessCalendar().works_on
_NOTHING_DUE: Final[Mapping[str, Any]] = {
    "earliest_on": None,
    "due_on": None,
    "review_on": None,
    "deadline": NEVER,
    "level": 0,
}


@dataclass(frozen=True, slots=True)
class Named:
    """A party member who is named with a step."""

    person_id: str
    display: str


@dataclass(frozen=True, slots=True)
class Said:
    """A step as it is said to be done."""

    step: str
    done_on: str
    document_no: str = ""
    people: Sequence[Named] = ()
    hours: int = 0


async def do(unit: UnitOfWork, row: Row, verb: Verb, said: Said) -> Row:
    """Do the next step: write it down, and work out what comes then."""
    step = rules.check_turn(verb, queries.point(row), said.step, row.done_steps + 1)
    day = days.past("done_on", said.done_on, unit.now)
    people = [one.person_id for one in said.people]
    rules.check_step(step, Done(step.code, day, people, said.hours), queries.past(row))
    if people:
        await name(unit, row, step, said.people, day)
    number = row.done_steps + 1
    await unit.execute(
        insert(steps).values(
            **part(row),
            number=number,
            previous=number - 1 or None,
            code=step.code,
            done_on=day,
            document_no=clean(document_no=said.document_no)["document_no"],
            hours=said.hours,
            recorded_by=unit.context.caller.person_id,
            recorded_at=unit.now,
        )
    )
    reached = {"standing": step.reaches} if step.reaches else {}
    then = coming(row, await days_done(unit, row), row.extended_months)
    row = await write(unit, row, done_steps=number, since_on=day, reviews=0, **reached, **then)
    unit.audit("development.step", row.id, step=step.code, number=number)
    events.advanced(unit, row, step, number)
    return row


async def days_done(unit: UnitOfWork, row: Row) -> Mapping[str, date]:
    """When each step was done, by its code, in order."""
    return {each.code: each.done_on for each in (await queries.done_of(unit, [row]))[row.id]}


def coming(row: Row, done: Mapping[str, date], extended_months: int) -> dict[str, Any]:
    """The columns that say what comes after the steps that are done."""
    plan = tuple(plans.read(each) for each in row.plan)
    joined, last = plans.joined_on(plan, done), max(done.values())
    if rules.at_end(plan, len(done)) is State.DONE:
        return {"state": State.DONE, "next_by": "", "ended_on": last, "joined_on": joined, **_NOTHING_DUE}
    step = plan[len(done)]
    found = plans.days_of(plan, done, extended_months, _WORKS)
    review_on = plans.review_due(step, last)
    return {
        "stage": step.stage,
        "next_by": step.by,
        "earliest_on": found.earliest,
        "due_on": found.due,
        "review_on": review_on,
        "joined_on": joined,
        **deadline(found.due, review_on),
    }


def deadline(due_on: date | None, review_on: date | None) -> dict[str, Any]:
    """The first of the days; whoever was told of the one before is told anew."""
    return {"deadline": min(day or NEVER for day in (due_on, review_on)), "level": 0}


async def name(unit: UnitOfWork, row: Row, step: Step, people: Sequence[Named], day: date) -> None:
    """Name party members with a step, in place of those named before. OWN_RECORD, NOT_A_FULL_MEMBER."""
    for one in people:
        rules.check_not_oneself(one.person_id, row.person_id)
    wanted = {one.person_id: one for one in people}
    if set(wanted) - await members.full_party(unit, wanted):
        raise Conflict("NOT_A_FULL_MEMBER")
    m = mentors.c
    held = (await queries.mentors_of(unit, [row]))[row.id]
    known = {each.person_id for each in held if each.step == step.code}
    await unit.execute(
        update(mentors)
        .where(
            m.tenant_id == row.tenant_id,
            m.application_id == row.id,
            m.step == step.code,
            m.until_on.is_(None),
            m.person_id.not_in(list(wanted)),
        )
        .values(until_on=day)
    )
    for one in people:
        if one.person_id not in known:
            values = {"id": new_id(), "step": step.code, "person_id": one.person_id, "display": one.display}
            await unit.execute(insert(mentors).values(**part(row), **values, from_on=day))


def part(row: Row) -> dict[str, Any]:
    """What every row of an application names."""
    return {"tenant_id": row.tenant_id, "application_id": row.id, "superior_id": row.superior_id}


async def close(unit: UnitOfWork, row: Row, state: State, **values: Any) -> Row:
    """An application comes to an end; nothing is due any more."""
    ended = days.day_of(unit.now)
    return await write(unit, row, state=state, next_by="", ended_on=ended, **_NOTHING_DUE, **values)


async def write(unit: UnitOfWork, row: Row, **values: Any) -> Row:
    """Change an application, one version on."""
    a = applications.c
    return await unit.one(
        update(applications)
        .where(a.tenant_id == row.tenant_id, a.id == row.id)
        .values(version=a.version + 1, updated_at=unit.now, **values)
        .returning(applications)
    )
