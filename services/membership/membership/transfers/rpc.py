"""Transfers over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext
from sqlalchemy import ColumnElement

from chassis.context import current
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import transfers_pb2 as pb
from louyu.membership.v1.transfers_pb2_grpc import TransfersServiceServicer
from membership.members.commands import Place
from membership.people import People
from membership.transfers import commands, queries, views
from membership.transfers.commands import Wish
from membership.transfers.events import STATE, TROUBLE
from membership.transfers.views import shown

_Call = ServicerContext[Any, Any]


class Transfers(TransfersServiceServicer):
    """Serves louyu.membership.v1.TransfersService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Transfer:
        async def work(unit: UnitOfWork) -> pb.Transfer:
            return (await shown(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.Transfer, work)

    async def _page(
        self,
        request: pb.ListTransfersRequest | pb.ListOutgoingTransfersRequest | pb.ListStuckTransfersRequest,
        where: Callable[[Reader], ColumnElement[bool]],
        states: Iterable[int] = (),
    ) -> tuple[Sequence[pb.Transfer], str]:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> tuple[Sequence[pb.Transfer], str]:
            rows = await queries.page(
                reader,
                where(reader),
                states=tuple(STATE.word(state) for state in states if state),
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return await shown(reader, rows[:size]), more

        return await self._units.query(work)

    async def DraftTransfer(self, request: pb.DraftTransferRequest, context: _Call) -> pb.Transfer:
        wish = Wish(
            person_id=request.person_id,
            account=await self._people.account(request.person_id),
            display=await self._people.display(request.tenant, request.person_id),
            **_wished(request),
        )
        return await self._do(request, lambda unit: commands.ask(unit, wish))

    async def RequestMyTransfer(self, request: pb.RequestMyTransferRequest, context: _Call) -> pb.Transfer:
        caller = current().caller
        wish = Wish(
            person_id=caller.person_id,
            account=caller.account_id,
            display=await self._people.own_display(caller.account_id),
            **_wished(request),
        )
        return await self._do(request, lambda unit: commands.ask(unit, wish))

    async def SubmitMyTransfer(self, request: pb.SubmitMyTransferRequest, context: _Call) -> pb.Transfer:
        return await self._do(request, lambda unit: commands.submit(unit, request.id))

    async def WithdrawMyTransfer(self, request: pb.WithdrawMyTransferRequest, context: _Call) -> pb.Transfer:
        return await self._do(request, lambda unit: commands.withdraw(unit, request.id))

    async def ReceiveTransfer(self, request: pb.ReceiveTransferRequest, context: _Call) -> pb.Transfer:
        return await self._do(
            request, lambda unit: commands.receive(unit, request.id, request.etag, request.receipt_no)
        )

    async def RejectTransfer(self, request: pb.RejectTransferRequest, context: _Call) -> pb.Transfer:
        return await self._do(
            request, lambda unit: commands.reject(unit, request.id, request.etag, request.reason)
        )

    async def ReleaseTransfer(self, request: pb.ReleaseTransferRequest, context: _Call) -> pb.Transfer:
        return await self._do(
            request, lambda unit: commands.release(unit, request.id, request.etag, request.letter_no)
        )

    async def RefuseTransfer(self, request: pb.RefuseTransferRequest, context: _Call) -> pb.Transfer:
        return await self._do(
            request, lambda unit: commands.refuse(unit, request.id, request.etag, request.reason)
        )

    async def ResolveTransfer(self, request: pb.ResolveTransferRequest, context: _Call) -> pb.Transfer:
        trouble = TROUBLE.word(request.trouble)
        return await self._do(
            request,
            lambda unit: commands.resolve(
                unit, request.id, request.etag, trouble, request.evidence_no, request.letter_no
            ),
        )

    async def GetTransfer(self, request: pb.GetTransferRequest, context: _Call) -> pb.Transfer:
        async def work(reader: Reader) -> pb.Transfer:
            return (await shown(reader, [await queries.get(reader, request.id)]))[0]

        return await self._units.query(work)

    async def ListTransfers(
        self, request: pb.ListTransfersRequest, context: _Call
    ) -> pb.ListTransfersResponse:
        found, more = await self._page(request, queries.here, request.states)
        return pb.ListTransfersResponse(transfers=found, next_page_token=more)

    async def ListOutgoingTransfers(
        self, request: pb.ListOutgoingTransfersRequest, context: _Call
    ) -> pb.ListOutgoingTransfersResponse:
        found, more = await self._page(request, queries.outgoing, request.states)
        return pb.ListOutgoingTransfersResponse(transfers=found, next_page_token=more)

    async def ListStuckTransfers(
        self, request: pb.ListStuckTransfersRequest, context: _Call
    ) -> pb.ListStuckTransfersResponse:
        found, more = await self._page(request, queries.stuck)
        return pb.ListStuckTransfersResponse(transfers=found, next_page_token=more)

    async def ListMyTransfers(
        self, request: pb.ListMyTransfersRequest, context: _Call
    ) -> pb.ListMyTransfersResponse:
        async def work(reader: Reader) -> pb.ListMyTransfersResponse:
            return pb.ListMyTransfersResponse(transfers=await shown(reader, await queries.all_mine(reader)))

        return await self._units.query(work)

    async def GetTransferSettings(
        self, request: pb.GetTransferSettingsRequest, context: _Call
    ) -> pb.TransferSettings:
        return await self._units.query(views.figures)

    async def UpdateTransferSettings(
        self, request: pb.UpdateTransferSettingsRequest, context: _Call
    ) -> pb.TransferSettings:
        async def work(unit: UnitOfWork) -> pb.TransferSettings:
            await commands.set_days(unit, request.etag, request.letter_days, request.silent_days)
            return await views.figures(unit)

        return await self._units.command(request, pb.TransferSettings, work)


def _wished(request: pb.DraftTransferRequest | pb.RequestMyTransferRequest) -> dict[str, Any]:
    """What both ways of asking say."""
    return {
        "source_id": request.source_id,
        "source_name": request.source_name,
        "place": Place(request.org_id, request.group_id, request.employer_id),
        "joined_on": request.joined_on,
        "synthetic": request.synthetic,
    }
