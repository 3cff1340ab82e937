"""What an organisation expects of members who reported to communities."""

from chassis.versions import Versions
from membership.community_checkins.rules import Settings
from membership.community_checkins.tables import settings

SETTINGS = Versions(settings, Settings)
