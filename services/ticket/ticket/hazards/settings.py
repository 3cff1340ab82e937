"""What an organisation decides about its hazards."""

from dataclasses import dataclass
from datetime import datetime

from chassis.versions import Versions
from ticket.hazards import rules
from ticket.hazards.tables import settings


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; version 0 stands for the defaults."""

    version: int = 0
    deadline_days: int = rules.DEADLINE_DAYS
    recurrence_days: int = rules.RECURRENCE_DAYS
    inspections_per_week: int = rules.INSPECTIONS_PER_WEEK
    desk: str = rules.DESK
    created_at: datetime | None = None


SETTINGS = Versions(settings, Settings)
