"""What time does to the calendar: enrolment closes, activities begin and end."""

from typing import Final

from sqlalchemy import select

from activity.calendar import commands
from activity.calendar.tables import activities as a
from chassis.jobs import Job
from chassis.units import Reader, UnitOfWork, Units

EVERY_S: Final = 5.0
BATCH: Final = 200


async def advance_due(units: Units) -> int:
    """Bring every activity whose time has come one step on; how many were brought on."""

    async def due(reader: Reader) -> list[tuple[str, str]]:
        rows = await reader.fetch(
            select(a.c.tenant_id, a.c.id)
            .where(a.c.next_step_at <= reader.now)
            .order_by(a.c.next_step_at)
            .limit(BATCH)
        )
        return [(row.tenant_id, row.id) for row in rows]

    done = 0
    name = "calendar-advance"
    for tenant_id, activity_id in await units.run(units.job_context(name), due):

        async def advance(unit: UnitOfWork, activity_id: str = activity_id) -> bool:
            return await commands.advance_activity(unit, activity_id)

        done += await units.run(units.job_context(name, tenant_id), advance)
    return done


JOBS: Final = [Job("calendar-advance", EVERY_S, advance_due)]
