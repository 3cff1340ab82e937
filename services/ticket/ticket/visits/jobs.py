"""Periodic work on visits."""

from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import select

from chassis.days import day_of
from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from ticket.visits import commands
from ticket.visits.tables import plans

BATCH: Final = 200
_NAME: Final = "visits-rounds"


def rounds() -> Job:
    """Ends the rounds whose last day has passed, and reminds of those they left out."""
    return Job(_NAME, 60, _end_due)


async def _end_due(units: Units) -> int:
    done, after = 0, ""
    while rows := await units.run(units.job_context(_NAME), partial(_due, after=after)):
        for row in rows:
            context = units.job_context(_NAME, row.tenant_id)
            done += await units.run(context, partial(commands.end_round, plan_id=row.id))
        after = rows[-1].id
    return done


async def _due(unit: UnitOfWork, after: str) -> list[Row]:
    p = plans.c
    yesterday = day_of(unit.now) - timedelta(days=1)
    statement = (
        select(p.tenant_id, p.id)
        .where(p.settled.is_(False), p.closed_at.is_(None), p.due_date <= yesterday)
        .order_by(p.id)
        .limit(BATCH)
    )
    return list(await unit.fetch(statement.where(p.id > after) if after else statement))
