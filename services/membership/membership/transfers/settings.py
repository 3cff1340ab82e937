"""What a building decides about transfers."""

from chassis.versions import Versions
from membership.transfers.rules import Settings
from membership.transfers.tables import settings

SETTINGS = Versions(settings, Settings)
