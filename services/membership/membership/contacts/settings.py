"""What a building decides about its contacts."""

from chassis.versions import Versions
from membership.contacts.rules import Settings
from membership.contacts.tables import settings

SETTINGS = Versions(settings, Settings)
