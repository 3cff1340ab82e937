"""Periodic work on requests."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from ticket.requests import commands
from ticket.requests.rules import State
from ticket.requests.tables import tickets

BATCH: Final = 200
SHORTEST_DAYS: Final = 1
"""No building waits less before a ticket closes by itself."""


def auto_close() -> Job:
    """Closes resolved tickets that nobody confirmed within the building's waiting days."""
    return Job("requests-auto-close", 60, _close_due)


async def _close_due(units: Units) -> int:
    everywhere = units.job_context("requests-auto-close")
    done, after = 0, ""
    while rows := await units.run(everywhere, lambda unit, last=after: _resolved(unit, last)):  # type: ignore[misc]
        for row in rows:
            context = units.job_context("requests-auto-close", row.tenant_id)
            done += await units.run(
                context,
                lambda unit, ticket_id=row.id: commands.close_by_itself(unit, ticket_id),  # type: ignore[misc]
            )
        after = rows[-1].id
    return done


async def _resolved(unit: UnitOfWork, after: str) -> list[Row]:
    t = tickets.c
    statement = (
        select(t.tenant_id, t.id)
        .where(t.state == State.RESOLVED)
        .where(t.resolved_at <= unit.now - timedelta(days=SHORTEST_DAYS))
        .order_by(t.id)
        .limit(BATCH)
    )
    return list(await unit.fetch(statement.where(t.id > after) if after else statement))
