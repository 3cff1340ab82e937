"""Commitments over gRPC: parse, call, convert."""

from typing import Any

from grpc.aio import ServicerContext

from chassis import days
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import commitments_pb2 as pb
from louyu.membership.v1.commitments_pb2_grpc import CommitmentsServiceServicer
from membership.commitments import commands, queries
from membership.commitments.events import KIND, STATE

_Call = ServicerContext[Any, Any]


class Commitments(CommitmentsServiceServicer):
    """Serves louyu.membership.v1.CommitmentsService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def MakeCommitment(self, request: pb.MakeCommitmentRequest, context: _Call) -> pb.Commitment:
        wanted = commands.Wanted(
            enterprise_id=request.enterprise_id,
            kind=KIND.word(request.kind),
            promise=request.promise,
            until_on=days.parse("until_date", request.until_date),
            synthetic=request.synthetic,
        )

        async def work(unit: UnitOfWork) -> pb.Commitment:
            return _commitment(unit, await commands.make(unit, wanted))

        return await self._units.command(request, pb.Commitment, work)

    async def WithdrawCommitment(
        self, request: pb.WithdrawCommitmentRequest, context: _Call
    ) -> pb.Commitment:
        async def work(unit: UnitOfWork) -> pb.Commitment:
            return _commitment(unit, await commands.withdraw(unit, request.id, request.reason))

        return await self._units.command(request, pb.Commitment, work)

    async def ListCommitments(
        self, request: pb.ListCommitmentsRequest, context: _Call
    ) -> pb.ListCommitmentsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListCommitmentsResponse:
            rows = await queries.page(reader, request.enterprise_id, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = [_commitment(reader, row) for row in rows[:size]]
            return pb.ListCommitmentsResponse(commitments=found, next_page_token=more)

        return await self._units.query(work)


def _commitment(reader: Reader, row: Row) -> pb.Commitment:
    found = pb.Commitment(
        id=row.id,
        enterprise_id=row.enterprise_id,
        kind=KIND.number(row.kind),
        promise=row.promise,
        made_date=days.written(row.made_on),
        until_date=days.written(row.until_on),
        state=STATE.number(commands.standing(reader, row)),
        reason=row.reason,
        synthetic=row.synthetic,
    )
    if row.withdrawn_at is not None:
        found.withdraw_time.FromDatetime(row.withdrawn_at)
    return found
