"""The network in the contract's words."""

from datetime import date

from chassis import days
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import network_pb2 as pb
from membership.enterprises import queries as enterprises
from membership.network import queries, rules
from membership.network.events import GAP


async def network(reader: Reader) -> pb.Network:
    """The building floor by floor, and what is missing."""
    today = days.day_of(reader.now)
    storeys = await queries.building(reader)
    firms = {row.floor: row.total for row in await enterprises.organised(reader, [])}
    return pb.Network(
        floors=[
            _storey(storey, firms.get(storey.row.floor, 0), today, named=queries.named(reader.context))
            for storey in storeys
        ],
        gaps=[
            pb.Gap(
                kind=GAP.number(gap.kind),
                floor=gap.floor,
                area_id=gap.area.id if gap.area else "",
                area_name=gap.area.name if gap.area else "",
            )
            for gap in rules.gaps(storey.plain(today) for storey in storeys)
        ],
    )


def _storey(storey: queries.Storey, firms: int, today: date, *, named: bool) -> pb.Floor:
    found = floor(storey.row)
    found.enterprises = firms
    found.groups.extend(pb.FloorGroup(org_id=group.id, name=group.name) for group in storey.groups)
    found.areas.extend(area(one, storey.liaisons.get(one.id), today, named=named) for one in storey.areas)
    return found


def floor(row: Row) -> pb.Floor:
    """A floor by itself."""
    return pb.Floor(id=row.id, etag=str(row.version), floor=row.floor, occupied=row.occupied)


def area(row: Row, held: Row | None, today: date, *, named: bool = True) -> pb.Area:
    """An area with its liaison."""
    return pb.Area(
        id=row.id,
        etag=str(row.version),
        floor=row.floor,
        name=row.name,
        closed=row.closed,
        liaison=liaison(held, row.floor, row.name, today, named=named) if held else None,
    )


def liaison(row: Row, on_floor: str, area_name: str, today: date, *, named: bool = True) -> pb.Liaison:
    """Somebody's term in an area."""
    is_over = row.term_until is not None and row.term_until < today
    return pb.Liaison(
        id=row.id,
        area_id=row.area_id,
        area_name=area_name,
        floor=on_floor,
        person_id=row.person_id if named else "",
        display=row.display if named else "",
        term_from=days.written(row.term_from),
        term_until=days.written(row.term_until),
        term_over=row.ended_on is None and is_over,
        ended_on=days.written(row.ended_on),
    )
