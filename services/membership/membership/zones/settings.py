"""What a building decides about its zones and teams."""

from chassis.versions import Versions
from membership.zones.rules import Settings
from membership.zones.tables import settings

SETTINGS = Versions(settings, Settings)
