"""What a building decides about reminders and working days."""

from chassis.calendar import BusinessCalendar
from chassis.units import Reader
from chassis.versions import Versions
from membership.cadence.periods import Works
from membership.cadence.rules import Settings
from membership.cadence.tables import settings

SETTINGS = Versions(settings, Settings)


async def works(reader: Reader) -> Works:
    """Which days the building works: as the state says, but for the days it decided otherwise."""
    held = await SETTINGS.current(reader)
    overrides = dict.fromkeys(held.days_off, False) | dict.fromkeys(held.days_worked, True)
    return BusinessCalendar(overrides=overrides).works_on
