"""What a building decides about its requests."""

from dataclasses import dataclass
from datetime import datetime

from chassis.versions import Versions
from ticket.requests import rules
from ticket.requests.tables import settings


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; version 0 stands for the defaults."""

    version: int = 0
    auto_close_days: int = rules.AUTO_CLOSE_DAYS
    created_at: datetime | None = None


SETTINGS = Versions(settings, Settings)
