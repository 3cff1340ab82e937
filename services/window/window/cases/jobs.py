"""Periodic work on cases."""

from typing import Final

from chassis.jobs import Job
from chassis.units import Reader, UnitOfWork, Units
from window.cases import commands, queries
from window.departments import queries as departments

NAME: Final = "cases-relay"
BATCH: Final = 200


def relay_pending() -> Job:
    """Hands queued cases to departments whose system can be reached again."""
    return Job(NAME, 2, _relay)


async def _relay(units: Units) -> int:
    done, after = 0, ""
    everywhere = units.job_context(NAME)
    while True:

        async def find(reader: Reader, last: str = after) -> list[tuple[str, str, bool]]:
            rows = await queries.pending(reader, last, BATCH)
            known = await departments.listed(reader, {row.department_id for row in rows})
            reachable = {key for key, row in known.items() if row.online and departments.is_live(row)}
            return [(row.tenant_id, row.id, row.department_id in reachable) for row in rows]

        found = await units.run(everywhere, find)
        for tenant_id, case_id, is_back in found:
            if is_back:

                async def hand_over(unit: UnitOfWork, pending: str = case_id) -> bool:
                    return await commands.relay(unit, pending)

                done += await units.run(units.job_context(NAME, tenant_id), hand_over)
        if len(found) < BATCH:
            return done
        after = found[-1][1]
