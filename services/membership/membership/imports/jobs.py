"""Periodic work on imports."""

from typing import Final

from chassis.jobs import Job
from chassis.units import UnitOfWork, Units
from membership.imports import commands, queries
from membership.imports.storage import Storage

RUN: Final = "imports-run"
FORGET: Final = "imports-forget"


def run_imports() -> Job:
    """Carries on every running import, chunk by chunk; one that was killed goes on where it was."""
    return Job(RUN, 1, _run)


def forget_workbooks(storage: Storage) -> Job:
    """Removes workbooks that are not needed any more: their other columns may hold personal data."""

    async def forget(units: Units) -> int:
        spent = await units.run(units.job_context(FORGET), queries.with_spent_file)
        for found in spent:
            await storage.remove(found.file["key"])

            async def noted(unit: UnitOfWork, import_id: str = found.id) -> None:
                await commands.forget_file(unit, import_id)

            await units.run(units.job_context(FORGET, found.tenant_id), noted)
        return len(spent)

    return Job(FORGET, 60, forget)


async def _run(units: Units) -> int:
    done = 0
    for found in await units.run(units.job_context(RUN), queries.running):
        context = units.job_context(RUN, found.tenant_id)

        async def chunk(unit: UnitOfWork, import_id: str = found.id) -> int:
            return await commands.import_chunk(unit, import_id)

        while did := await units.run(context, chunk):
            done += did
    return done
