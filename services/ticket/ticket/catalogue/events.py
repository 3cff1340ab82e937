"""The catalogue's words on the wire, and its events."""

from chassis.statements import Row
from louyu.ticket.v1 import catalogue_pb2 as pb
from ticket.affairs import AFFAIRS, STATION


def published(item: Row) -> pb.ServiceItemPublished:
    """The item as other services may know it."""
    return pb.ServiceItemPublished(
        service_item_id=item.id,
        code=item.code,
        name_zh=item.name_zh,
        name_en=item.name_en,
        affairs=AFFAIRS.number(item.affairs),
        station=STATION.number(item.station),
        live=item.live,
        synthetic=item.synthetic,
    )
