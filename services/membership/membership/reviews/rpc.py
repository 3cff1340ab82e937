"""Reviews over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext
from sqlalchemy import ColumnElement

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import reviews_pb2 as pb
from louyu.membership.v1.reviews_pb2_grpc import ReviewsServiceServicer
from membership.reviews import commands, queries, views
from membership.reviews.events import BASIS, GRADE, STATE, TALLY
from membership.reviews.rules import Ballots, Basis, Grade, Tally

_Call = ServicerContext[Any, Any]


class Reviews(ReviewsServiceServicer):
    """Serves louyu.membership.v1.ReviewsService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def OpenReviews(self, request: pb.OpenReviewsRequest, context: _Call) -> pb.OpenReviewsResponse:
        async def work(unit: UnitOfWork) -> pb.OpenReviewsResponse:
            opened, present = await commands.open_year(
                unit, request.org_id, request.year, synthetic=request.synthetic
            )
            return pb.OpenReviewsResponse(opened=opened, present=present)

        return await self._units.command(request, pb.OpenReviewsResponse, work)

    async def RateMyself(self, request: pb.RateMyselfRequest, context: _Call) -> pb.Review:
        grade = Grade(GRADE.word(request.grade))
        return await self._do(request, lambda unit: commands.rate(unit, request.id, grade))

    async def RecordReviewTally(self, request: pb.RecordReviewTallyRequest, context: _Call) -> pb.Review:
        kind = Tally(TALLY.word(request.kind))
        said = request.tally
        ballots = Ballots(said.excellent, said.qualified, said.barely_qualified, said.unqualified)
        return await self._do(
            request,
            lambda unit: commands.tally(unit, request.id, request.etag, kind, ballots, request.reference),
        )

    async def DecideReview(self, request: pb.DecideReviewRequest, context: _Call) -> pb.Review:
        grade = Grade(GRADE.word(request.grade))
        bases = [Basis(BASIS.word(basis)) for basis in request.bases]
        return await self._do(
            request, lambda unit: commands.decide(unit, request.id, request.etag, grade, bases)
        )

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Review:
        async def work(unit: UnitOfWork) -> pb.Review:
            return (await views.shown(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.Review, work)

    async def GetReview(self, request: pb.GetReviewRequest, context: _Call) -> pb.Review:
        async def work(reader: Reader) -> pb.Review:
            row = await queries.one(reader, queries.here(reader), request.id)
            return (await views.shown(reader, [row]))[0]

        return await self._units.query(work)

    async def ListReviews(self, request: pb.ListReviewsRequest, context: _Call) -> pb.ListReviewsResponse:
        return await self._list(request, queries.here, request.year, STATE.word(request.state))

    async def ListMyReviews(self, request: pb.ListMyReviewsRequest, context: _Call) -> pb.ListReviewsResponse:
        return await self._list(request, queries.own)

    async def _list(
        self,
        request: pb.ListReviewsRequest | pb.ListMyReviewsRequest,
        where: Callable[[Reader], ColumnElement[bool]],
        year: int = 0,
        state: str = "",
    ) -> pb.ListReviewsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListReviewsResponse:
            rows = await queries.page(
                reader,
                where(reader),
                year=year,
                state=state,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = await views.shown(reader, rows[:size])
            return pb.ListReviewsResponse(reviews=found, next_page_token=more)

        return await self._units.query(work)
