"""The events of the network, and how its words are written in the contract."""

from typing import Final

from chassis import days
from chassis.statements import Row
from chassis.words import Words
from louyu.membership.v1 import network_pb2 as pb

GAP: Final = Words(pb.GapKind)
ITEM: Final = Words(pb.ChecklistItemKind)
COVERAGE: Final = Words(pb.CoverageKind)


def area_opened(area: Row) -> pb.AreaOpened:
    """A floor was divided."""
    return pb.AreaOpened(area_id=area.id, floor=area.floor)


def area_closed(area: Row) -> pb.AreaClosed:
    """An area is no more."""
    return pb.AreaClosed(area_id=area.id, floor=area.floor)


def liaison_appointed(area: Row, liaison: Row) -> pb.LiaisonAppointed:
    """Somebody became liaison."""
    return pb.LiaisonAppointed(
        area_id=area.id,
        floor=area.floor,
        person_id=liaison.person_id,
        term_from=days.written(liaison.term_from),
        term_until=days.written(liaison.term_until),
    )


def area_vacated(area: Row, liaison: Row) -> pb.AreaVacated:
    """An area lost its liaison."""
    return pb.AreaVacated(
        area_id=area.id,
        floor=area.floor,
        person_id=liaison.person_id,
        ended_on=days.written(liaison.ended_on),
    )
