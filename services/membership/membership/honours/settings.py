"""What a building decides about its honours."""

from chassis.versions import Versions
from membership.honours.rules import Settings
from membership.honours.tables import settings

SETTINGS = Versions(settings, Settings)
