"""The catalogue's words on the wire, and its events."""

from typing import Any, Final

from sqlalchemy import Row

from louyu.ticket.v1 import catalogue_pb2 as pb
from ticket.catalogue.rules import Affairs, Station

AFFAIRS: Final = {
    Affairs.PARTY: pb.AFFAIRS_PARTY,
    Affairs.GOVERNMENT: pb.AFFAIRS_GOVERNMENT,
    Affairs.SOCIAL: pb.AFFAIRS_SOCIAL,
    Affairs.BUSINESS: pb.AFFAIRS_BUSINESS,
    Affairs.LEGAL: pb.AFFAIRS_LEGAL,
}
STATIONS: Final = {
    Station.NONE: pb.STATION_UNSPECIFIED,
    Station.PARTY_MASS: pb.STATION_PARTY_MASS,
    Station.ENTERPRISE: pb.STATION_ENTERPRISE,
    Station.WORKERS: pb.STATION_WORKERS,
    Station.COMMUNITY: pb.STATION_COMMUNITY,
}


def published(item: Row[Any]) -> pb.ServiceItemPublished:
    """The item as other services may know it."""
    return pb.ServiceItemPublished(
        service_item_id=item.id,
        code=item.code,
        name_zh=item.name_zh,
        name_en=item.name_en,
        affairs=AFFAIRS[item.affairs],
        station=STATIONS[item.station],
        live=item.live,
        synthetic=item.synthetic,
    )
