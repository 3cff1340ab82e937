"""Periodic work of honours: terms that are over."""

from functools import partial
from typing import Final

from sqlalchemy import select

from chassis import days
from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from membership.honours import commands
from membership.honours.rules import TRANSITIONS, Verb
from membership.honours.tables import honours

BATCH: Final = 200
_NAME: Final = "honours-expire"


def expire_honours() -> Job:
    """Ends honours whose term is over, and those to which nobody consented in time."""
    return Job(_NAME, 60, _expire)


async def _expire(units: Units) -> int:
    done, after = 0, ""
    while rows := await units.run(units.job_context(_NAME), partial(_due, after=after)):
        for row in rows:
            context = units.job_context(_NAME, row.tenant_id)
            done += await units.run(context, partial(commands.expire, honour_id=row.id))
        after = rows[-1].id
    return done


async def _due(unit: UnitOfWork, after: str) -> list[Row]:
    h = honours.c
    statement = select(h.tenant_id, h.id).where(
        h.state.in_(tuple(TRANSITIONS[Verb.EXPIRE][1])), h.until_on < days.day_of(unit.now)
    )
    if after:
        statement = statement.where(h.id > after)
    return list(await unit.fetch(statement.order_by(h.id).limit(BATCH)))
