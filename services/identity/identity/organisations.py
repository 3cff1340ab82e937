"""What kinds of organisations there are and where they stand: words that every capability here speaks."""

from enum import StrEnum
from typing import Final

from chassis.words import Words
from louyu.identity.v1 import tenants_pb2 as pb


class Kind(StrEnum):
    """What kind of organisation a tenant is."""

    BUILDING = "building"
    MULTI_SITE = "multi_site"
    SUPERIOR = "superior"
    SUBDISTRICT = "subdistrict"
    DISTRICT = "district"
    DEPARTMENT = "department"
    COMMUNITY = "community"
    HOME_ORGANISATION = "home_organisation"


class State(StrEnum):
    """Where a tenant stands."""

    PROVISIONING = "provisioning"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ARCHIVED = "archived"


KIND: Final = Words(pb.TenantKind)
STATE: Final = Words(pb.TenantState)
CLOSED: Final = frozenset({State.SUSPENDED, State.ARCHIVED})
"""Nobody acts in the name of an organisation in one of these states."""
