"""What a building decides about opinions."""

from dataclasses import dataclass
from datetime import datetime

from chassis.versions import Versions
from ticket.opinions import rules
from ticket.opinions.tables import settings


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; version 0 stands for the defaults."""

    version: int = 0
    theme_threshold: int = rules.THEME_THRESHOLD
    answer_threshold: int = rules.ANSWER_THRESHOLD
    created_at: datetime | None = None


SETTINGS = Versions(settings, Settings)
