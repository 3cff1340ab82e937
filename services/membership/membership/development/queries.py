"""Reads of applications: by the branch, by the person, and by the superior that a record names."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, false, func, select, true

from chassis import days
from chassis.context import Context
from chassis.errors import NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader
from membership.development import plans
from membership.development.plans import By, Standing, Step
from membership.development.rules import WAITING, Past, Point, State
from membership.development.tables import applications, mentors, reviews, steps


def visible(context: Context) -> ColumnElement[bool]:
    """B: every application to the building's branches."""
    return true() if context.mode in ("job", "consumer") or context.has("B") else false()


def here(reader: Reader) -> ColumnElement[bool]:
    """The applications that the caller may see for the building."""
    return (applications.c.tenant_id == reader.tenant_id) & visible(reader.context)


def own(reader: Reader) -> ColumnElement[bool]:
    """The caller's own applications in the tenant."""
    a = applications.c
    return (a.tenant_id == reader.tenant_id) & (a.person_id == (reader.context.caller.person_id or None))


def below(reader: Reader) -> ColumnElement[bool]:
    """Those that name the caller's tenant as their superior, once the person has applied."""
    a = applications.c
    return (a.superior_id == reader.tenant_id) & a.confirmed_at.is_not(None)


def at_superior() -> ColumnElement[bool]:
    """Those that wait for the superior."""
    return (applications.c.state == State.OPEN) & (applications.c.next_by == By.SUPERIOR)


async def one(reader: Reader, where: ColumnElement[bool], application_id: str, *, lock: bool = False) -> Row:
    """One among those of the caller's; APPLICATION_NOT_FOUND for any other."""
    statement = select(applications).where(where, applications.c.id == application_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("APPLICATION_NOT_FOUND")
    return found


async def page(
    reader: Reader,
    where: ColumnElement[bool],
    *,
    states: Iterable[str] = WAITING,
    only: dict[str, str] | None = None,
    overdue: bool = False,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Applications of the caller's, those whose day comes first at the top, `size` + 1 at most; `only` is by
    column."""
    a = applications.c
    statement = select(applications).where(where, a.state.in_(tuple(states)))
    for column, value in (only or {}).items():
        if value:
            statement = statement.where(a[column] == value)
    if overdue:
        statement = statement.where(a.state == State.OPEN, a.deadline < days.day_of(reader.now))
    if after:
        statement = statement.where(beyond((a.deadline, a.id), (date.fromisoformat(after[0]), after[1])))
    return await reader.fetch(statement.order_by(a.deadline, a.id).limit(size + 1))


async def all_mine(reader: Reader) -> Sequence[Row]:
    """The caller's applications, the latest first."""
    return await reader.fetch(select(applications).where(own(reader)).order_by(applications.c.id.desc()))


async def mentored(reader: Reader) -> Sequence[Row]:
    """Open applications whose person the caller mentors now, with since when."""
    a, m = applications.c, mentors.c
    joined = applications.join(mentors, (m.tenant_id == a.tenant_id) & (m.application_id == a.id))
    mine = (m.tenant_id == reader.tenant_id, m.person_id == (reader.context.caller.person_id or None))
    statement = (
        select(applications, m.step, m.from_on)
        .select_from(joined)
        .where(*mine, m.until_on.is_(None), a.state == State.OPEN)
        .order_by(func.coalesce(a.review_on, plans.NEVER), a.id)
    )
    # Who introduces somebody is named by a later step, and is no mentor.
    return [row for row in await reader.fetch(statement) if _is_mentors(row)]


def _is_mentors(row: Row) -> bool:
    step = mentor_step(row)
    return step is not None and step.code == row.step


async def counted(reader: Reader) -> Sequence[Row]:
    """Open and recorded applications by stage: how many, how many overdue, how many at the superior."""
    a = applications.c
    late = a.deadline < days.day_of(reader.now)
    counts = (
        func.count().label("open"),
        func.count().filter(late).label("overdue"),
        func.count().filter(a.next_by == By.SUPERIOR).label("at_superior"),
    )
    return await reader.fetch(
        select(a.state, a.stage, *counts).where(here(reader), a.state.in_(WAITING)).group_by(a.state, a.stage)
    )


async def done_of(reader: Reader, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The steps of some applications that are done, in order, by application."""
    found: dict[str, list[Row]] = {row.id: [] for row in rows}
    if rows:
        s = steps.c
        mine = (s.tenant_id.in_({row.tenant_id for row in rows}), s.application_id.in_(found))
        for step in await reader.fetch(select(steps).where(*mine).order_by(s.number)):
            found[step.application_id].append(step)
    return found


async def reviewed(reader: Reader, row: Row) -> Sequence[Row]:
    """The reviews of an application, the latest first."""
    r = reviews.c
    mine = (r.tenant_id == row.tenant_id, r.application_id == row.id)
    return await reader.fetch(select(reviews).where(*mine).order_by(r.id.desc()))


async def last_review(reader: Reader, row: Row) -> date | None:
    """The day of the last review of an application."""
    r = reviews.c
    mine = (r.tenant_id == row.tenant_id, r.application_id == row.id)
    found: date | None = await reader.scalar(select(func.max(r.held_on)).where(*mine))
    return found


async def mentors_of(reader: Reader, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Who is named with a step of some applications now, by application."""
    found: dict[str, list[Row]] = {row.id: [] for row in rows}
    if rows:
        m = mentors.c
        named = (m.tenant_id.in_({row.tenant_id for row in rows}), m.application_id.in_(found))
        for one_of in await reader.fetch(select(mentors).where(*named, m.until_on.is_(None)).order_by(m.id)):
            found[one_of.application_id].append(one_of)
    return found


async def recorders(reader: Reader, row: Row) -> set[str]:
    """The persons who recorded anything of an application for the branch."""
    s, r = steps.c, reviews.c
    plan = row.plan
    by_superior = [each["code"] for each in plan if each["by"] == By.SUPERIOR]
    branch = select(s.recorded_by).where(
        s.tenant_id == row.tenant_id, s.application_id == row.id, s.code.not_in(by_superior)
    )
    review = select(r.recorded_by).where(r.tenant_id == row.tenant_id, r.application_id == row.id)
    return {found.recorded_by for found in await reader.fetch(branch.union(review))}


def next_step(row: Row) -> Step | None:
    """The step that comes next; None once all are done."""
    return plans.read(row.plan[row.done_steps]) if row.done_steps < len(row.plan) else None


def mentor_step(row: Row) -> Step | None:
    """The step by which mentors were named, once it is done: the first one that names people."""
    named = (each for each in row.plan[: row.done_steps] if each.get("people_most"))
    found = next(named, None)
    return plans.read(found) if found else None


def point(row: Row) -> Point:
    """Where an application stands, as the rules see it."""
    return Point(
        state=State(row.state),
        step=next_step(row),
        standing=Standing(row.standing),
        extended_months=row.extended_months,
        mentored=mentor_step(row) is not None,
    )


def past(row: Row) -> Past:
    """What an application has behind it."""
    return Past(row.done_steps, row.since_on, row.earliest_on, row.reviews)
