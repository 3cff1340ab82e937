"""What a building decides about its reports."""

from chassis.versions import Versions
from membership.reports.rules import Settings
from membership.reports.tables import settings

SETTINGS = Versions(settings, Settings)
