"""Periodic work of the cadence: periods that begin, grace that is over, and who is to hear of it."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import select, union

from chassis import days
from chassis.jobs import Job
from chassis.units import UnitOfWork, Units
from membership.cadence import climb, generation, settlement
from membership.cadence.rules import UNMET, Level, State
from membership.cadence.tables import obligations, rules
from membership.people import People

AT_ONCE: Final = 3
LONGEST_NOTICE: Final = timedelta(days=30)
"""No building reminds earlier than the contract lets it."""


def keep_periods() -> Job:
    """Writes the obligations of periods that began, and closes those whose days of grace are over."""
    return Job("cadence-periods", 60, _keep)


def remind(people: People) -> Job:
    """Brings what is not fulfilled before those who are to hear of it, level by level."""
    return Job("cadence-remind", 600, partial(_remind, people))


async def _keep(units: Units) -> int:
    """A few buildings at a time: while the database writes for one, the next is thought about. One that fails
    keeps nobody else waiting; the log says which reasons there were."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(tenant_id: str) -> int:
        async with room:
            return await units.run(units.job_context("cadence-periods", tenant_id), _keep_one)

    behind = await units.run(units.job_context("cadence-periods"), _behind)
    done = await asyncio.gather(*map(one, behind), return_exceptions=True)
    failed = [each for each in done if isinstance(each, BaseException)]
    if failed:
        raise BaseExceptionGroup(f"{len(failed)} of {len(done)} buildings", failed)
    return sum(each for each in done if isinstance(each, int))


async def _keep_one(unit: UnitOfWork) -> int:
    return await generation.generate(unit) + await settlement.close(unit)


async def _remind(people: People, units: Units) -> int:
    done = 0
    for tenant_id in await units.run(units.job_context("cadence-remind"), _unmet):
        context = units.job_context("cadence-remind", tenant_id)
        # Identity is asked outside of the transaction that writes.
        steps = await units.run(context, climb.steps)
        accounts = {one: await people.account(one) for one in climb.people_in(steps)}
        done += await units.run(context, partial(climb.tell, found=steps, accounts=accounts))
    return done


async def _behind(unit: UnitOfWork) -> list[str]:
    today = days.day_of(unit.now)
    r, o = rules.c, obligations.c
    begun = select(r.tenant_id).where(r.next_on <= today)
    over = select(o.tenant_id).where(o.state == State.OPEN, o.closes_on < today)
    return [row.tenant_id for row in await unit.fetch(union(begun, over))]


async def _unmet(unit: UnitOfWork) -> list[str]:
    o = obligations.c
    until = days.day_of(unit.now) + LONGEST_NOTICE
    known = select(o.tenant_id).where(o.state.in_(UNMET), o.due_on <= until, o.level < Level.SUPERIOR)
    return [row.tenant_id for row in await unit.fetch(known.distinct())]
