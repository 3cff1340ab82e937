"""What a report counts: what the building has on record for its period, on its floor or all over."""

from collections.abc import Sequence

from chassis import days
from chassis.statements import Row
from chassis.units import Reader
from membership.cadence import queries as cadence
from membership.enterprises import queries as enterprises
from membership.network import queries as network
from membership.reports import queries
from membership.reports.rules import Fact
from membership.zones import queries as zones


async def counted(reader: Reader, report: Row) -> dict[str, int]:
    """The figures of a report by their names in the contract, up to today. A group's are those of its floor,
    but for activities, which are the whole building's."""
    first, last = report.start_on, min(report.until_on, days.day_of(reader.now))
    areas: Sequence[str] | None = None
    sites: Sequence[str] | None = None
    places: Sequence[str] | None = None
    if report.floor:
        areas = await network.areas_on(reader, [report.floor])
        sites = await zones.sites_on(reader, report.floor)
        places = [*sites, *await enterprises.on_floor(reader, report.floor)]
    kept = await cadence.on_record(reader, first, last, floor=report.floor, areas=areas, sites=sites)
    told = await queries.told(reader, first, last, places)
    return {
        **kept,
        "visits": told.get(Fact.VISIT, 0),
        "hazards_found": told.get(Fact.HAZARD_FOUND, 0),
        "hazards_closed": told.get(Fact.HAZARD_CLOSED, 0),
    }
