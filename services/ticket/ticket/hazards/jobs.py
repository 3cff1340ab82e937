"""Periodic work on hazards."""

from functools import partial
from typing import Final

from sqlalchemy import or_, select

from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from ticket.hazards import escalating, rules
from ticket.hazards.tables import hazards

BATCH: Final = 200
_NAME: Final = "hazards-overdue"


def overdue() -> Job:
    """Escalates hazards whose deadline passed before their owner was done."""
    return Job(_NAME, 60, _escalate_due)


async def _escalate_due(units: Units) -> int:
    done, after = 0, ""
    while rows := await units.run(units.job_context(_NAME), partial(_due, after=after)):
        for row in rows:
            context = units.job_context(_NAME, row.tenant_id)
            done += await units.run(context, partial(escalating.escalate, hazard_id=row.id))
        after = rows[-1].id
    return done


async def _due(unit: UnitOfWork, after: str) -> list[Row]:
    h = hazards.c
    statement = (
        select(h.tenant_id, h.id)
        .where(h.state.in_(sorted(rules.UNDONE)), h.deadline_at <= unit.now)
        .where(or_(h.overdue_at.is_(None), h.overdue_at < h.deadline_at))
        .order_by(h.id)
        .limit(BATCH)
    )
    return list(await unit.fetch(statement.where(h.id > after) if after else statement))
