"""Periodic work of the appraisal: days for an appeal that are over."""

from functools import partial
from typing import Final

from sqlalchemy import select

from chassis import days
from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from membership.appraisal import commands
from membership.appraisal.rules import State
from membership.appraisal.tables import appraisals

BATCH: Final = 200
_NAME: Final = "appraisal-lapse"


def lapse_appeals() -> Job:
    """Makes final what nobody appealed against in time."""
    return Job(_NAME, 60, _lapse)


async def _lapse(units: Units) -> int:
    done, after = 0, ""
    while rows := await units.run(units.job_context(_NAME), partial(_due, after=after)):
        for row in rows:
            context = units.job_context(_NAME, row.tenant_id)
            done += await units.run(context, partial(commands.lapse, appraisal_id=row.id))
        after = rows[-1].id
    return done


async def _due(unit: UnitOfWork, after: str) -> list[Row]:
    a = appraisals.c
    statement = select(a.tenant_id, a.id).where(
        a.state == State.SHOWN, a.appeal_until < days.day_of(unit.now)
    )
    if after:
        statement = statement.where(a.id > after)
    return list(await unit.fetch(statement.order_by(a.id).limit(BATCH)))
