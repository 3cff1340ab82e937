"""Periodic work of transfers: letters that run out, and rosters of sources."""

from functools import partial
from typing import Final

from sqlalchemy import ColumnElement, select

from chassis import days
from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from membership.transfers import commands
from membership.transfers.rules import State
from membership.transfers.tables import transfers

BATCH: Final = 200


def expire_letters() -> Job:
    """Ends transfers whose letter ran out before it was received; the source goes on managing."""
    return Job("transfers-expire", 60, _expire)


def leave_rosters() -> Job:
    """Takes members off the roster of a source that takes part, once the target has received them."""
    return Job("transfers-leave", 20, _leave)


async def _expire(units: Units) -> int:
    done, after = 0, ""
    while rows := await units.run(units.job_context("transfers-expire"), partial(_run_out, after=after)):
        for row in rows:
            context = units.job_context("transfers-expire", row.tenant_id)
            done += await units.run(context, partial(commands.expire, transfer_id=row.id))
        after = rows[-1].id
    return done


async def _leave(units: Units) -> int:
    done, after = 0, ""
    while rows := await units.run(units.job_context("transfers-leave"), partial(_received, after=after)):
        for row in rows:
            # Each is safe to repeat: killed in between, the second look finds nobody to take off.
            source = units.job_context("transfers-leave", row.source_id)
            await units.run(source, partial(commands.leave, person_id=row.person_id))
            target = units.job_context("transfers-leave", row.tenant_id)
            done += await units.run(target, partial(commands.left, transfer_id=row.id))
        after = rows[-1].id
    return done


async def _run_out(unit: UnitOfWork, after: str) -> list[Row]:
    t = transfers.c
    return await _due(unit, after, (t.state == State.RELEASED) & (t.valid_until < days.day_of(unit.now)))


async def _received(unit: UnitOfWork, after: str) -> list[Row]:
    t = transfers.c
    return await _due(unit, after, (t.state == State.DONE) & t.source_id.is_not(None) & t.left_at.is_(None))


async def _due(unit: UnitOfWork, after: str, what: ColumnElement[bool]) -> list[Row]:
    t = transfers.c
    statement = select(t.tenant_id, t.id, t.source_id, t.person_id).where(what).order_by(t.id).limit(BATCH)
    return list(await unit.fetch(statement.where(t.id > after) if after else statement))
