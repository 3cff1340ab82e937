"""Periodic work of the roster: the days on which members joined come round."""

from functools import partial
from typing import Final

from sqlalchemy import extract, or_, select, tuple_

from chassis import days
from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from membership.members import commands, rules
from membership.members.rules import Body, State
from membership.members.tables import members

BATCH: Final = 1000
_NAME: Final = "members-birthdays"


def wish_well() -> Job:
    """Wishes party members well on the day on which they joined, where it is known and they can read it."""
    return Job(_NAME, 900, _wish)


async def _wish(units: Units) -> int:
    done, after = 0, ""
    while rows := await units.run(units.job_context(_NAME), partial(_today, after=after)):
        for row in rows:
            context = units.job_context(_NAME, row.tenant_id)
            done += await units.run(context, partial(commands.wish_well, member_id=row.id))
        after = rows[-1].id
    return done


async def _today(unit: UnitOfWork, after: str) -> list[Row]:
    m, today = members.c, days.day_of(unit.now)
    day_of = tuple_(extract("month", m.joined_on), extract("day", m.joined_on))
    statement = select(m.tenant_id, m.id).where(
        m.body == Body.PARTY,
        m.state == State.ACTIVE,
        m.account.is_not(None),
        m.joined_on < today,
        day_of.in_(rules.anniversaries(today)),
        or_(m.wished_on.is_(None), m.wished_on < today),
    )
    if after:
        statement = statement.where(m.id > after)
    return list(await unit.fetch(statement.order_by(m.id).limit(BATCH)))
