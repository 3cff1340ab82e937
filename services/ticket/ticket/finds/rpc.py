"""Finds over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from typing import Any

from grpc.aio import ServicerContext

from chassis.clocks import timestamp
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import finds_pb2 as pb
from louyu.ticket.v1.finds_pb2_grpc import FindsServiceServicer
from ticket.finds import access, commands, queries, rules
from ticket.finds.events import KIND, STANDING, STATE
from ticket.finds.rules import Kind

_Call = ServicerContext[Any, Any]


class Finds(FindsServiceServicer):
    """Serves louyu.ticket.v1.FindsService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def RegisterFind(self, request: pb.RegisterFindRequest, context: _Call) -> pb.Find:
        new = commands.NewFind(
            kind=Kind(KIND.word(request.kind)),
            title=request.title,
            marks=request.marks,
            place=request.place,
            found_date=request.found_date,
            synthetic=request.synthetic,
        )
        return await self._find(request, lambda unit: commands.register(unit, new))

    async def ReturnFind(self, request: pb.ReturnFindRequest, context: _Call) -> pb.Find:
        return await self._find(request, lambda unit: commands.give_back(unit, request.id))

    async def HandFindOn(self, request: pb.HandFindOnRequest, context: _Call) -> pb.Find:
        return await self._find(request, lambda unit: commands.hand_on(unit, request.id, request.handed_to))

    async def _find(self, request: Any, change: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Find:
        async def work(unit: UnitOfWork) -> pb.Find:
            return _find(await change(unit), unit)

        return await self._units.command(request, pb.Find, work)

    async def GetFind(self, request: pb.GetFindRequest, context: _Call) -> pb.Find:
        async def work(reader: Reader) -> pb.Find:
            row = await queries.find(reader, request.id)
            waiting = await queries.waiting(reader, [row])
            claimed = await queries.claimed(reader, [row])
            return _find(row, reader, waiting.get(row.id, 0), claimed=row.id in claimed)

        return await self._units.query(work)

    async def ListFinds(self, request: pb.ListFindsRequest, context: _Call) -> pb.ListFindsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListFindsResponse:
            rows = await queries.page_of_finds(
                reader,
                kind=KIND.word(request.kind),
                states=tuple(STATE.word(one) for one in request.states if one),
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            waiting = await queries.waiting(reader, rows[:size])
            claimed = await queries.claimed(reader, rows[:size])
            shown = [
                _find(row, reader, waiting.get(row.id, 0), claimed=row.id in claimed) for row in rows[:size]
            ]
            return pb.ListFindsResponse(finds=shown, next_page_token=more)

        return await self._units.query(work)

    async def ClaimFind(self, request: pb.ClaimFindRequest, context: _Call) -> pb.FindClaim:
        return await self._claim(
            request,
            lambda unit: commands.claim(
                unit,
                request.id,
                request.words,
                at_station=request.at_station,
                synthetic=request.synthetic,
            ),
        )

    async def VerifyFindClaim(self, request: pb.VerifyFindClaimRequest, context: _Call) -> pb.FindClaim:
        return await self._claim(request, lambda unit: commands.verify(unit, request.id, request.answer))

    async def DeclineFindClaim(self, request: pb.DeclineFindClaimRequest, context: _Call) -> pb.FindClaim:
        return await self._claim(request, lambda unit: commands.decline(unit, request.id, request.answer))

    async def WithdrawFindClaim(self, request: pb.WithdrawFindClaimRequest, context: _Call) -> pb.FindClaim:
        return await self._claim(request, lambda unit: commands.withdraw(unit, request.id))

    async def _claim(self, request: Any, change: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.FindClaim:
        async def work(unit: UnitOfWork) -> pb.FindClaim:
            return _claim(await change(unit), unit)

        return await self._units.command(request, pb.FindClaim, work)

    async def ListFindClaims(
        self, request: pb.ListFindClaimsRequest, context: _Call
    ) -> pb.ListFindClaimsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListFindClaimsResponse:
            rows = await queries.page_of_claims(
                reader,
                find_id=request.find_id,
                mine=request.mine,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            shown = [_claim(row, reader) for row in rows[:size]]
            return pb.ListFindClaimsResponse(find_claims=shown, next_page_token=more)

        return await self._units.query(work)


def _find(row: Row, reader: Reader, waiting: int = 0, *, claimed: bool = False) -> pb.Find:
    keeps = access.keeps(reader.context)
    return pb.Find(
        id=row.id,
        etag=str(row.version),
        number=row.number,
        kind=KIND.number(row.kind),
        state=STATE.number(row.state),
        title=row.title,
        marks=row.marks if keeps else "",
        place=row.place,
        found_date=row.found_on.isoformat(),
        waiting=waiting if keeps else 0,
        handed_to=row.handed_to if keeps else "",
        verbs=rules.find_verbs(row, keeps=keeps, claims=not claimed),
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
        end_time=timestamp(row.ended_at),
    )


def _claim(row: Row, reader: Reader) -> pb.FindClaim:
    caller, keeps = reader.context.caller, access.keeps(reader.context)
    return pb.FindClaim(
        id=row.id,
        find_id=row.find_id,
        find_title=row.find_title,
        state=STANDING.number(row.state),
        account=row.account,
        at_station=row.at_station,
        words=row.words,
        answer=row.answer,
        verbs=rules.claim_verbs(row, caller.account_id, caller.person_id, keeps=keeps),
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
    )
