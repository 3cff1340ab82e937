"""Leaderboard and export over gRPC: parse, call, convert. The other half of `rpc.Points`."""

from typing import Any

from grpc.aio import ServicerContext

from chassis.context import current
from chassis.errors import FieldError, Invalid
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import points_pb2 as pb
from louyu.membership.v1.points_pb2_grpc import PointsServiceServicer
from membership.points import queries, sharing
from membership.points.consents import Consents
from membership.points.events import BAND
from membership.points.settings import SETTINGS

Context = ServicerContext[Any, Any]


class Sharing(PointsServiceServicer):
    """What members choose to show."""

    def __init__(self, units: Units, pages: PageTokens, consents: Consents) -> None:
        self._units = units
        self._pages = pages
        self._consents = consents

    async def GetPointsLeaderboard(
        self, request: pb.GetPointsLeaderboardRequest, context: Context
    ) -> pb.PointsLeaderboard:
        return await self._units.query(_board)

    async def ShowMeOnPointsLeaderboard(
        self, request: pb.ShowMeOnPointsLeaderboardRequest, context: Context
    ) -> pb.PointsLeaderboard:
        name = request.shown_as.strip() if request.shown else ""
        if request.shown and not name:
            raise Invalid("NAME_MISSING", fields=[FieldError("shown_as", "NAME_MISSING")])

        async def work(unit: UnitOfWork) -> pb.PointsLeaderboard:
            await sharing.show_me(unit, name)
            return await _board(unit)

        return await self._units.command(request, pb.PointsLeaderboard, work)

    async def AskForPointsBands(self, request: pb.AskForPointsBandsRequest, context: Context) -> pb.PointsAsk:
        async def work(unit: UnitOfWork) -> pb.PointsAsk:
            return to_ask(await sharing.ask(unit, request.enterprise_id), None)

        return await self._units.command(request, pb.PointsAsk, work)

    async def ListPointsAsks(
        self, request: pb.ListPointsAsksRequest, context: Context
    ) -> pb.ListPointsAsksResponse:
        async def work(reader: Reader) -> pb.ListPointsAsksResponse:
            return pb.ListPointsAsksResponse(asks=[to_ask(*one) for one in await sharing.asked(reader)])

        return await self._units.query(work)

    async def ShareMyPointsBand(
        self, request: pb.ShareMyPointsBandRequest, context: Context
    ) -> pb.PointsShare:
        async def work(unit: UnitOfWork) -> pb.PointsShare:
            return to_share(await sharing.share(unit, request.enterprise_id, request.shown_as))

        return await self._units.command(request, pb.PointsShare, work)

    async def EndMyPointsShare(self, request: pb.EndMyPointsShareRequest, context: Context) -> pb.PointsShare:
        async def work(unit: UnitOfWork) -> pb.PointsShare:
            return to_share(await sharing.end_share(unit, request.id))

        return await self._units.command(request, pb.PointsShare, work)

    async def ListMyPointsExports(
        self, request: pb.ListMyPointsExportsRequest, context: Context
    ) -> pb.ListMyPointsExportsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListMyPointsExportsResponse:
            rows = await sharing.my_exports(reader, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            shown = [to_export(row) for row in rows[:size]]
            return pb.ListMyPointsExportsResponse(exports=shown, next_page_token=more)

        return await self._units.query(work)

    async def ExportPointsBands(
        self, request: pb.ExportPointsBandsRequest, context: Context
    ) -> pb.ExportPointsBandsResponse:
        caller = current()
        asked = await self._units.query(lambda reader: sharing.sharing_with(reader, request.enterprise_id))
        agreeing = await self._consents.agreeing(caller.tenant_id, [row.person_id for row in asked])

        async def work(unit: UnitOfWork) -> pb.ExportPointsBandsResponse:
            found = await sharing.export(unit, request.enterprise_id, agreeing)
            settings = await SETTINGS.current(unit)
            bands = [pb.SharedPointsBand(shown_as=one.shown_as, band=BAND.number(one.band)) for one in found]
            return pb.ExportPointsBandsResponse(bands=bands, days=settings.band_window_days)

        # Not `command`: its kept replies would go on answering after a consent was taken back.
        return await self._units.run(caller, work)


async def _board(reader: Reader) -> pb.PointsLeaderboard:
    mine = await queries.mine(reader)
    settings = await SETTINGS.current(reader)
    person = reader.context.caller.person_id
    shown_as = mine.shown_as if mine is not None else ""
    return pb.PointsLeaderboard(
        places=[
            pb.PointsPlace(
                place=one.place, shown_as=one.shown_as, points=one.points, mine=one.person_id == person
            )
            for one in await sharing.leaderboard(reader)
        ],
        days=settings.leaderboard_days,
        size=settings.leaderboard_size,
        shown=bool(shown_as),
        shown_as=shown_as,
    )


def to_ask(row: Row, share: Row | None) -> pb.PointsAsk:
    """A row as its message."""
    return pb.PointsAsk(
        enterprise_id=row.enterprise_id,
        enterprise_name=row.enterprise_name,
        create_time=row.created_at,
        my_share=to_share(share) if share is not None else None,
    )


def to_share(row: Row) -> pb.PointsShare:
    """A row as its message."""
    return pb.PointsShare(
        id=row.id,
        enterprise_id=row.enterprise_id,
        shown_as=row.shown_as,
        active=row.ended_at is None,
        create_time=row.created_at,
        end_time=row.ended_at,
    )


def to_export(row: Row) -> pb.PointsExport:
    """A row as its message."""
    return pb.PointsExport(
        id=row.id,
        enterprise_id=row.enterprise_id,
        enterprise_name=row.enterprise_name,
        band=BAND.number(row.band),
        create_time=row.created_at,
    )
