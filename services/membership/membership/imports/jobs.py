"""Periodic work on imports."""

from chassis.jobs import Job
from chassis.units import UnitOfWork, Units
from membership.imports import commands, queries

NAME = "imports-run"


def run_imports() -> Job:
    """Carries on every running import, chunk by chunk; one that was killed goes on where it was."""
    return Job(NAME, 1, _run)


async def _run(units: Units) -> int:
    done = 0
    for found in await units.run(units.job_context(NAME), queries.running):
        context = units.job_context(NAME, found.tenant_id)

        async def chunk(unit: UnitOfWork, import_id: str = found.id) -> int:
            return await commands.import_chunk(unit, import_id)

        while did := await units.run(context, chunk):
            done += did
    return done
