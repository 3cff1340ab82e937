"""Periodic work of development: days that come or have passed are called to mind."""

from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import select, update

from chassis import days
from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from membership.development import events, queries, rules
from membership.development.plans import By
from membership.development.rules import Level, State
from membership.development.settings import SETTINGS
from membership.development.tables import applications

BATCH: Final = 200
LONGEST_NOTICE: Final = timedelta(days=60)
"""No building reminds earlier than the contract lets it."""
_NAME: Final = "development-remind"


def remind() -> Job:
    """Brings steps and reviews before whoever they belong to, and later before the superior."""
    return Job(_NAME, 600, _remind)


async def _remind(units: Units) -> int:
    done, after = 0, ""
    while rows := await units.run(units.job_context(_NAME), partial(_near, after=after)):
        for row in rows:
            context = units.job_context(_NAME, row.tenant_id)
            done += await units.run(context, partial(_tell, application_id=row.id))
        after = rows[-1].id
    return done


async def _near(unit: UnitOfWork, after: str) -> list[Row]:
    a = applications.c
    until = days.day_of(unit.now) + LONGEST_NOTICE
    near = (a.state == State.OPEN, a.level < Level.SUPERIOR, a.deadline <= until)
    statement = select(a.tenant_id, a.id).where(*near).order_by(a.id).limit(BATCH)
    return list(await unit.fetch(statement.where(a.id > after) if after else statement))


async def _tell(unit: UnitOfWork, application_id: str) -> int:
    """Tell once for each level; 1 where somebody was told, 0 where nobody had to be."""
    row = await queries.one(unit, queries.here(unit), application_id, lock=True)
    step, today = queries.next_step(row), days.day_of(unit.now)
    if row.state != State.OPEN or step is None:
        return 0
    now = rules.level(row.deadline, today, await SETTINGS.current(unit))
    if now <= row.level:
        return 0
    if now is Level.SUPERIOR or step.by is By.SUPERIOR:
        events.escalated(unit, row, step)
    else:
        events.reminded(unit, row, step, overdue=today > row.deadline)
    a = applications.c
    await unit.execute(
        update(applications)
        .where(a.tenant_id == row.tenant_id, a.id == row.id)
        .values(level=now, version=a.version + 1, updated_at=unit.now)
    )
    return 1
