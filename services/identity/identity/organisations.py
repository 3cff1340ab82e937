"""What kinds of organisations there are and where they stand: words that every capability here speaks."""

from enum import StrEnum
from typing import Final

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


KINDS: Final = {kind: pb.TenantKind.Value(f"TENANT_KIND_{kind.name}") for kind in Kind}
STATES: Final = {state: pb.TenantState.Value(f"TENANT_STATE_{state.name}") for state in State}
CLOSED: Final = frozenset({State.SUSPENDED, State.ARCHIVED})
"""Nobody acts in the name of an organisation in one of these states."""
