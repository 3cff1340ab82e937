"""What a building decides about the development of members."""

from chassis.versions import Versions
from membership.development import plans
from membership.development.plans import Plan
from membership.development.rules import Settings
from membership.development.tables import settings

SETTINGS = Versions(settings, Settings)


def plan_of(held: Settings) -> Plan:
    """The steps with the figures that hold."""
    return tuple(plans.read(row) for row in held.steps) if held.version else plans.starter()
