"""Listings over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC
from typing import Any

from grpc.aio import ServicerContext

from chassis.clocks import timestamp
from chassis.context import Context
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import listings_pb2 as pb
from louyu.ticket.v1.listings_pb2_grpc import ListingsServiceServicer
from ticket.listings import access, commands, queries, rules
from ticket.listings.events import KIND, STANDING, STATE
from ticket.listings.rules import Kind
from ticket.visits import queries as enterprises

_Call = ServicerContext[Any, Any]


class Listings(ListingsServiceServicer):
    """Serves louyu.ticket.v1.ListingsService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def CreateListing(self, request: pb.CreateListingRequest, context: _Call) -> pb.Listing:
        new = commands.NewListing(
            kind=Kind(KIND.word(request.kind)),
            title=request.title,
            summary=request.summary,
            floor=request.floor,
            terms=request.terms,
            enterprise_id=request.enterprise_id,
            places=request.places,
            service_item_id=request.service_item_id,
            synthetic=request.synthetic,
        )
        return await self._listing(request, lambda unit: commands.draft(unit, new))

    async def PublishListing(self, request: pb.PublishListingRequest, context: _Call) -> pb.Listing:
        return await self._listing(request, lambda unit: commands.publish(unit, request.id))

    async def CloseListing(self, request: pb.CloseListingRequest, context: _Call) -> pb.Listing:
        return await self._listing(request, lambda unit: commands.close(unit, request.id))

    async def _listing(self, request: Any, change: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Listing:
        async def work(unit: UnitOfWork) -> pb.Listing:
            row = await change(unit)
            return _listing(row, unit.context, await _names(unit, [row]))

        return await self._units.command(request, pb.Listing, work)

    async def GetListing(self, request: pb.GetListingRequest, context: _Call) -> pb.Listing:
        async def work(reader: Reader) -> pb.Listing:
            row = await queries.listing(reader, request.id)
            waiting = await queries.waiting(reader, [row])
            return _listing(row, reader.context, await _names(reader, [row]), waiting.get(row.id, 0))

        return await self._units.query(work)

    async def ListListings(self, request: pb.ListListingsRequest, context: _Call) -> pb.ListListingsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListListingsResponse:
            rows = await queries.page_of_listings(
                reader,
                kind=KIND.word(request.kind),
                states=tuple(STATE.word(one) for one in request.states),
                mine=request.mine,
                after=self._pages.decode(request),
                size=size,
            )
            waiting = await queries.waiting(reader, rows[:size])
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            names = await _names(reader, rows[:size])
            shown = [_listing(row, reader.context, names, waiting.get(row.id, 0)) for row in rows[:size]]
            return pb.ListListingsResponse(listings=shown, next_page_token=more)

        return await self._units.query(work)

    async def CreateInterest(self, request: pb.CreateInterestRequest, context: _Call) -> pb.Interest:
        new = commands.NewInterest(
            listing_id=request.listing_id,
            words=request.words,
            enterprise_id=request.enterprise_id,
            start=request.start_time.ToDatetime(tzinfo=UTC) if request.HasField("start_time") else None,
            end=request.end_time.ToDatetime(tzinfo=UTC) if request.HasField("end_time") else None,
            synthetic=request.synthetic,
        )
        return await self._interest(request, lambda unit: commands.respond(unit, new))

    async def ShowInterest(self, request: pb.ShowInterestRequest, context: _Call) -> pb.Interest:
        return await self._answer(request, "show")

    async def AcceptInterest(self, request: pb.AcceptInterestRequest, context: _Call) -> pb.Interest:
        return await self._answer(request, "accept")

    async def DeclineInterest(self, request: pb.DeclineInterestRequest, context: _Call) -> pb.Interest:
        return await self._answer(request, "decline")

    async def _answer(self, request: Any, verb: str) -> pb.Interest:
        return await self._interest(
            request, lambda unit: commands.answer(unit, request.id, verb, request.answer)
        )

    async def WithdrawInterest(self, request: pb.WithdrawInterestRequest, context: _Call) -> pb.Interest:
        return await self._interest(request, lambda unit: commands.withdraw(unit, request.id))

    async def _interest(self, request: Any, change: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Interest:
        async def work(unit: UnitOfWork) -> pb.Interest:
            row = await change(unit)
            return _interest(row, unit, await _names(unit, [row]))

        return await self._units.command(request, pb.Interest, work)

    async def ListInterests(
        self, request: pb.ListInterestsRequest, context: _Call
    ) -> pb.ListInterestsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListInterestsResponse:
            rows = await queries.page_of_interests(
                reader,
                listing_id=request.listing_id,
                mine=request.mine,
                open_only=request.waiting,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            names = await _names(reader, rows[:size])
            shown = [_interest(row, reader, names) for row in rows[:size]]
            return pb.ListInterestsResponse(interests=shown, next_page_token=more)

        return await self._units.query(work)


async def _names(reader: Reader, rows: Sequence[Row]) -> Mapping[str, str]:
    return await enterprises.names(reader, [row.enterprise_id for row in rows if row.enterprise_id])


def _listing(row: Row, context: Context, names: Mapping[str, str], waiting: int = 0) -> pb.Listing:
    own = access.owns(row, context)
    return pb.Listing(
        id=row.id,
        etag=str(row.version),
        number=row.number,
        kind=KIND.number(row.kind),
        state=STATE.number(row.state),
        title=row.title,
        summary=row.summary,
        floor=row.floor,
        terms=row.terms,
        enterprise_id=row.enterprise_id or "",
        enterprise_name=names.get(row.enterprise_id, ""),
        places=row.places,
        taken=row.taken,
        waiting=waiting if own else 0,
        verbs=rules.listing_verbs(row, own=own, manages=context.has("B"), for_firm=context.has("E")),
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
        publish_time=timestamp(row.published_at),
    )


def _interest(row: Row, reader: Reader, names: Mapping[str, str]) -> pb.Interest:
    caller = reader.context.caller
    answers = access.answers(row, reader.context) and not rules.is_own(
        row, caller.account_id, caller.person_id
    )
    return pb.Interest(
        id=row.id,
        listing_id=row.listing_id,
        listing_title=row.listing_title,
        kind=KIND.number(row.kind),
        state=STANDING.number(row.state),
        account=row.account,
        enterprise_id=row.enterprise_id or "",
        enterprise_name=names.get(row.enterprise_id, ""),
        words=row.words,
        answer=row.answer,
        start_time=timestamp(row.start_at),
        end_time=timestamp(row.end_at),
        ticket_id=row.ticket_id or "",
        verbs=rules.interest_verbs(row, reader.now, sent=access.sent(row, reader.context), answers=answers),
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
    )
