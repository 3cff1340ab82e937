"""What a building decides about its guests."""

from chassis.versions import Versions
from membership.guests.rules import Settings
from membership.guests.tables import settings

SETTINGS = Versions(settings, Settings)
