"""Dispatch over gRPC: parse, call, convert."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import dispatch_pb2 as pb
from louyu.membership.v1.dispatch_pb2_grpc import DispatchServiceServicer
from membership.dispatch import commands, items, queries, views
from membership.dispatch.commands import Selection, Sent
from membership.dispatch.events import ITEM
from membership.people import People

_Call = ServicerContext[Any, Any]
_Verb = Callable[[UnitOfWork], Awaitable[Row]]
_MOST: Final = 100
"""Items that somebody in a village looks at on a phone."""


class Dispatch(DispatchServiceServicer):
    """Serves louyu.membership.v1.DispatchService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def _link(self, request: Message, verb: _Verb) -> pb.DispatchLink:
        async def work(unit: UnitOfWork) -> pb.DispatchLink:
            return (await views.links(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.DispatchLink, work)

    async def LinkVillage(self, request: pb.LinkVillageRequest, context: _Call) -> pb.DispatchLink:
        return await self._link(
            request,
            lambda unit: commands.link_village(
                unit, request.village, request.from_on, synthetic=request.synthetic
            ),
        )

    async def EndDispatchLink(self, request: pb.EndDispatchLinkRequest, context: _Call) -> pb.DispatchLink:
        return await self._link(request, lambda unit: commands.end_link(unit, request.id, request.etag))

    async def ListDispatchLinks(
        self, request: pb.ListDispatchLinksRequest, context: _Call
    ) -> pb.ListDispatchLinksResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListDispatchLinksResponse:
            rows = await queries.link_page(reader, self._pages.decode(request), size)
            found = await views.links(reader, rows[:size])
            more = self._more(request, rows, size)
            return pb.ListDispatchLinksResponse(links=found, next_page_token=more)

        return await self._units.query(work)

    def _more(self, request: Message, rows: Sequence[Row], size: int) -> str:
        return self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""

    async def _batch(self, request: Message, verb: _Verb) -> pb.DispatchBatch:
        async def work(unit: UnitOfWork) -> pb.DispatchBatch:
            return (await views.batches(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.DispatchBatch, work)

    async def SelectDispatchBatch(
        self, request: pb.SelectDispatchBatchRequest, context: _Call
    ) -> pb.DispatchBatch:
        others = [one for one in request.person_ids if one != request.lead_id]
        wish = Selection(
            link_id=request.link_id,
            people=await asyncio.gather(
                *(
                    self._sent(request, one, is_lead=one == request.lead_id)
                    for one in (request.lead_id, *others)
                )
            ),
            from_on=request.from_on,
            until_on=request.until_on,
            synthetic=request.synthetic,
        )
        return await self._batch(request, lambda unit: commands.select_batch(unit, wish))

    async def _sent(self, request: pb.SelectDispatchBatchRequest, person_id: str, *, is_lead: bool) -> Sent:
        display = await self._people.display(request.tenant, person_id)
        return Sent(person_id, await self._people.account(person_id), display, is_lead)

    async def StartDispatchBatch(
        self, request: pb.StartDispatchBatchRequest, context: _Call
    ) -> pb.DispatchBatch:
        return await self._batch(request, lambda unit: commands.start(unit, request.id, request.etag))

    async def CancelDispatchBatch(
        self, request: pb.CancelDispatchBatchRequest, context: _Call
    ) -> pb.DispatchBatch:
        return await self._batch(request, lambda unit: commands.cancel(unit, request.id, request.etag))

    async def RecallDispatchBatch(
        self, request: pb.RecallDispatchBatchRequest, context: _Call
    ) -> pb.DispatchBatch:
        return await self._batch(request, lambda unit: commands.recall(unit, request.id, request.etag))

    async def HandOverDispatch(self, request: pb.HandOverDispatchRequest, context: _Call) -> pb.DispatchBatch:
        return await self._batch(
            request, lambda unit: commands.hand_over(unit, request.id, request.etag, request.note)
        )

    async def AcknowledgeDispatch(
        self, request: pb.AcknowledgeDispatchRequest, context: _Call
    ) -> pb.DispatchBatch:
        return await self._batch(request, lambda unit: commands.acknowledge(unit, request.id, request.etag))

    async def ReturnDispatch(self, request: pb.ReturnDispatchRequest, context: _Call) -> pb.DispatchBatch:
        return await self._batch(
            request, lambda unit: commands.give_back(unit, request.id, request.etag, request.reason)
        )

    async def ListDispatchBatches(
        self, request: pb.ListDispatchBatchesRequest, context: _Call
    ) -> pb.ListDispatchBatchesResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListDispatchBatchesResponse:
            after = self._pages.decode(request)
            rows = await queries.batch_page(reader, request.link_id, after, size)
            found = await views.batches(reader, rows[:size])
            more = self._more(request, rows, size)
            return pb.ListDispatchBatchesResponse(batches=found, next_page_token=more)

        return await self._units.query(work)

    async def ListMyDispatchBatches(
        self, request: pb.ListMyDispatchBatchesRequest, context: _Call
    ) -> pb.ListDispatchBatchesResponse:
        async def work(reader: Reader) -> pb.ListDispatchBatchesResponse:
            rows = await queries.my_batches(reader)
            return pb.ListDispatchBatchesResponse(batches=await views.batches(reader, rows))

        return await self._units.query(work)

    async def _item(self, request: Message, verb: _Verb) -> pb.DispatchItem:
        async def work(unit: UnitOfWork) -> pb.DispatchItem:
            return (await views.my_items(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.DispatchItem, work)

    async def OpenDispatchItem(self, request: pb.OpenDispatchItemRequest, context: _Call) -> pb.DispatchItem:
        return await self._item(
            request,
            lambda unit: items.open_item(
                unit, request.batch_id, request.title, request.due_on, synthetic=request.synthetic
            ),
        )

    async def FinishDispatchItem(
        self, request: pb.FinishDispatchItemRequest, context: _Call
    ) -> pb.DispatchItem:
        return await self._item(
            request, lambda unit: items.finish(unit, request.id, request.etag, request.result)
        )

    async def ListDispatchItems(
        self, request: pb.ListDispatchItemsRequest, context: _Call
    ) -> pb.ListDispatchItemsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListDispatchItemsResponse:
            after = self._pages.decode(request)
            rows = await queries.item_page(reader, request.link_id, ITEM.word(request.state), after, size)
            more = self._more(request, rows, size)
            return pb.ListDispatchItemsResponse(items=views.items(rows[:size]), next_page_token=more)

        return await self._units.query(work)

    async def ListMyDispatchItems(
        self, request: pb.ListMyDispatchItemsRequest, context: _Call
    ) -> pb.ListDispatchItemsResponse:
        async def work(reader: Reader) -> pb.ListDispatchItemsResponse:
            rows = await queries.my_items(reader, _MOST)
            return pb.ListDispatchItemsResponse(items=await views.my_items(reader, rows))

        return await self._units.query(work)
