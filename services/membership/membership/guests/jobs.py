"""Periodic work of guests: last days that have passed."""

from functools import partial
from typing import Final

from sqlalchemy import select

from chassis import days
from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from membership.guests import commands
from membership.guests.rules import State
from membership.guests.tables import guests

BATCH: Final = 200
_NAME: Final = "guests-expire"


def expire_guests() -> Job:
    """Ends what is over."""
    return Job(_NAME, 60, _expire)


async def _expire(units: Units) -> int:
    done, after = 0, ""
    while rows := await units.run(units.job_context(_NAME), partial(_due, after=after)):
        for row in rows:
            context = units.job_context(_NAME, row.tenant_id)
            done += await units.run(context, partial(commands.expire, guest_id=row.id))
        after = rows[-1].id
    return done


async def _due(unit: UnitOfWork, after: str) -> list[Row]:
    g = guests.c
    statement = select(g.tenant_id, g.id).where(g.state == State.ADMITTED, g.until_on < days.day_of(unit.now))
    if after:
        statement = statement.where(g.id > after)
    return list(await unit.fetch(statement.order_by(g.id).limit(BATCH)))
