"""Periodic work on contacts."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from chassis import days
from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from membership.contacts import commands
from membership.contacts.tables import contacts

SHORTEST_DAYS: Final = 7
"""No building forgets sooner than the contract lets it."""


def forget_contacts() -> Job:
    """Forgets the entries that are older than their buildings keep them."""
    return Job("contacts-forget", 3600, _forget_old)


async def _forget_old(units: Units) -> int:
    done = 0
    for row in await units.run(units.job_context("contacts-forget"), _with_old_entries):
        context = units.job_context("contacts-forget", row.tenant_id)
        done += await units.run(context, commands.forget)
    return done


async def _with_old_entries(unit: UnitOfWork) -> list[Row]:
    c = contacts.c
    before = days.day_of(unit.now) - timedelta(days=SHORTEST_DAYS)
    return list(await unit.fetch(select(c.tenant_id).where(c.contact_on < before).distinct()))
