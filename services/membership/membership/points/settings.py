"""What a building decides about its points."""

from chassis.versions import Versions
from membership.points.rules import Settings
from membership.points.tables import settings

SETTINGS = Versions(settings, Settings)
