"""What a building decides about its roster and its affiliations."""

from chassis.versions import Versions
from membership.members.rules import Settings
from membership.members.tables import settings

SETTINGS = Versions(settings, Settings)
