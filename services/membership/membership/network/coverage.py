"""What is counted over the network, over gRPC: coverage and checklists."""

from typing import Any

from grpc.aio import ServicerContext

from chassis import days
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import network_pb2 as pb
from membership.enterprises import queries as enterprises
from membership.network import commands, queries, rules
from membership.network.events import COVERAGE, ITEM
from membership.network.rules import CoverageKind
from membership.orgs import queries as orgs
from membership.people import People

_Call = ServicerContext[Any, Any]


class Counted:
    """The part of louyu.membership.v1.NetworkService that counts."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def GetCoverage(self, request: pb.GetCoverageRequest, context: _Call) -> pb.Coverage:
        return await self._units.query(_coverage)

    async def ListUncovered(
        self, request: pb.ListUncoveredRequest, context: _Call
    ) -> pb.ListUncoveredResponse:
        size = page_size(request.page_size)
        kind = CoverageKind(COVERAGE.word(request.kind))

        async def work(reader: Reader) -> pb.ListUncoveredResponse:
            after = self._pages.decode(request)
            if kind is CoverageKind.ORGANISATION:
                owners = await _with_orgs(reader)
                rows = await enterprises.unorganised(reader, owners, after, size)
            else:
                rows = await enterprises.elsewhere(reader, await _worked_floors(reader), after, size)
            last = rows[size - 1] if len(rows) > size else None
            more = self._pages.encode(request, [last.floor_order, last.sort_key, last.id]) if last else ""
            found = [
                pb.UncoveredEnterprise(enterprise_id=row.id, name=row.name, floor=row.floor)
                for row in rows[:size]
            ]
            return pb.ListUncoveredResponse(enterprises=found, next_page_token=more)

        return await self._units.query(work)

    async def GetChecklist(self, request: pb.GetChecklistRequest, context: _Call) -> pb.Checklist:
        async def work(reader: Reader) -> pb.Checklist:
            items, opened = await queries.checklist(reader)
            place = await orgs.tenant(reader, reader.tenant_id)
            return pb.Checklist(
                building=reader.tenant_id,
                name_zh=place.name_zh if place else "",
                name_en=place.name_en if place else "",
                initiative=opened.initiative if opened else "",
                percent=rules.percent(items),
                items=[
                    pb.ChecklistItem(kind=ITEM.number(item.kind), floor=item.floor, done=item.done)
                    for item in items
                ],
                open_time=opened.opened_at if opened else None,
            )

        return await self._units.query(work)

    async def OpenChecklist(self, request: pb.OpenChecklistRequest, context: _Call) -> pb.OpenedChecklist:
        async def work(unit: UnitOfWork) -> pb.OpenedChecklist:
            row = await commands.open_checklist(unit, request.building, request.initiative)
            return pb.OpenedChecklist(
                building=row.tenant_id, initiative=row.initiative, open_time=row.opened_at
            )

        return await self._units.command(request, pb.OpenedChecklist, work)

    async def ListChecklists(
        self, request: pb.ListChecklistsRequest, context: _Call
    ) -> pb.ListChecklistsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListChecklistsResponse:
            rows = await queries.opened(reader, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].tenant_id]) if len(rows) > size else ""
            how_far = await queries.percents(reader, [row.tenant_id for row in rows[:size]])
            found = [_brief(row, how_far[row.tenant_id]) for row in rows[:size]]
            return pb.ListChecklistsResponse(checklists=found, next_page_token=more)

        return await self._units.query(work)


def _brief(row: Row, percent: int) -> pb.Checklist:
    return pb.Checklist(
        building=row.tenant_id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        initiative=row.initiative,
        percent=percent,
        open_time=row.opened_at,
    )


async def _with_orgs(reader: Reader) -> list[str]:
    """The enterprises that have an active organisation of their own."""
    return [
        org.enterprise_id for org in await orgs.in_force(reader) if org.enterprise_id and org.activated_at
    ]


async def _worked_floors(reader: Reader) -> list[str]:
    """The floors on which a liaison works."""
    today = days.day_of(reader.now)
    plain = [storey.plain(today) for storey in await queries.building(reader)]
    return [floor.floor for floor in plain if floor.manned]


async def _coverage(reader: Reader) -> pb.Coverage:
    """Organisation and work, apart; an enterprise can be covered by one and not by the other."""
    worked = set(await _worked_floors(reader))
    floors = [
        pb.FloorCoverage(
            floor=row.floor,
            enterprises=row.total,
            organised=row.organised,
            worked=row.total if row.floor in worked else 0,
        )
        for row in await enterprises.organised(reader, await _with_orgs(reader))
    ]
    return pb.Coverage(
        enterprises=sum(floor.enterprises for floor in floors),
        organised=sum(floor.organised for floor in floors),
        worked=sum(floor.worked for floor in floors),
        floors=floors,
    )
