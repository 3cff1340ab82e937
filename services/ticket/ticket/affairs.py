"""How the district sorts services: five affairs, four stations, two degrees of sensitivity.

Both capabilities speak these words; their values in the contract stand beside them.
"""

from enum import StrEnum
from typing import Final

from chassis.words import Words
from louyu.options.v1 import access_pb2
from louyu.ticket.v1 import catalogue_pb2 as pb


class Affairs(StrEnum):
    """The five affairs 五务; every service belongs to exactly one (document 1, 五务进楼宇)."""

    PARTY = "party"
    GOVERNMENT = "government"
    SOCIAL = "social"
    BUSINESS = "business"
    LEGAL = "legal"


class Station(StrEnum):
    """The four stations 站点 of document 1; NONE where a building has no stations."""

    NONE = ""
    PARTY_MASS = "party_mass"
    ENTERPRISE = "enterprise"
    WORKERS = "workers"
    COMMUNITY = "community"


class Sensitivity(StrEnum):
    """P1: the building's staff see the ticket. P3: the case team only, with a reason."""

    P1 = "p1"
    P3 = "p3"


AFFAIRS: Final = Words(pb.Affairs)
STATION: Final = Words(pb.Station)
SENSITIVITY: Final = Words(access_pb2.Sensitivity)
