"""Periodic work of the shop."""

from functools import partial
from typing import Final

from sqlalchemy import select

from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from membership.rewards import commands
from membership.rewards.rules import State
from membership.rewards.tables import redemptions

BATCH: Final = 200


def expire_redemptions() -> Job:
    """Gives back what nobody fetched in time."""
    return Job("rewards-expire", 60, _expire_due)


async def _expire_due(units: Units) -> int:
    done, after = 0, ""
    # Each is tried once a run: one that somebody holds just now must not keep the job spinning.
    while rows := await units.run(units.job_context("rewards-expire"), partial(_due, after=after)):
        for row in rows:
            context = units.job_context("rewards-expire", row.tenant_id)
            done += await units.run(context, partial(commands.expire, redemption_id=row.id))
        after = rows[-1].id
    return done


async def _due(unit: UnitOfWork, after: str) -> list[Row]:
    d = redemptions.c
    statement = (
        select(d.tenant_id, d.id)
        .where(d.state == State.RESERVED, d.expires_at <= unit.now)
        .order_by(d.id)
        .limit(BATCH)
    )
    return list(await unit.fetch(statement.where(d.id > after) if after else statement))
