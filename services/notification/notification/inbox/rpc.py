"""The inbox over gRPC: parse, call, convert."""

from typing import Any, Final

from grpc.aio import ServicerContext

from chassis.context import current
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from chassis.words import Words
from louyu.notification.v1 import inbox_pb2 as pb
from louyu.notification.v1.inbox_pb2_grpc import InboxServiceServicer
from notification.inbox import commands, queries
from notification.inbox.events import CHANNEL
from notification.inbox.templates import render

Call = ServicerContext[Any, Any]
STATE: Final = Words(pb.MessageState)
OUTCOME: Final = Words(pb.AttemptOutcome)


class InboxRpc(InboxServiceServicer):
    """Serves louyu.notification.v1.InboxService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def ListMessages(self, request: pb.ListMessagesRequest, _: Call) -> pb.ListMessagesResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListMessagesResponse:
            rows = await queries.list_messages(
                reader,
                unread=request.unread,
                tenant_id=request.about_tenant,
                size=size,
                after=self._pages.decode(request),
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListMessagesResponse(
                messages=[to_message(row) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def GetMessage(self, request: pb.GetMessageRequest, _: Call) -> pb.Message:
        async def work(reader: Reader) -> pb.Message:
            return to_message(await queries.get_message(reader, request.id))

        return await self._units.query(work)

    async def CountUnread(self, request: pb.CountUnreadRequest, _: Call) -> pb.CountUnreadResponse:
        async def work(reader: Reader) -> pb.CountUnreadResponse:
            return pb.CountUnreadResponse(unread=await queries.count_unread(reader))

        return await self._units.query(work)

    async def MarkRead(self, request: pb.MarkReadRequest, _: Call) -> pb.Message:
        async def work(unit: UnitOfWork) -> pb.Message:
            return to_message(await commands.mark_read(unit, request.id))

        return await self._units.command(request, pb.Message, work)

    async def MarkAllRead(self, request: pb.MarkAllReadRequest, _: Call) -> pb.MarkAllReadResponse:
        async def work(unit: UnitOfWork) -> pb.MarkAllReadResponse:
            return pb.MarkAllReadResponse(marked=await commands.mark_all_read(unit))

        return await self._units.command(request, pb.MarkAllReadResponse, work)

    async def GetPreferences(self, request: pb.GetPreferencesRequest, _: Call) -> pb.Preferences:
        async def work(reader: Reader) -> pb.Preferences:
            row = await queries.get_preferences(reader)
            if row is None:
                return pb.Preferences(email=True, language=reader.context.locale)
            return pb.Preferences(email=row.email, language=row.language)

        return await self._units.query(work)

    async def UpdatePreferences(self, request: pb.UpdatePreferencesRequest, _: Call) -> pb.Preferences:
        async def work(unit: UnitOfWork) -> pb.Preferences:
            row = await commands.prefer(
                unit,
                email=request.email if request.HasField("email") else None,
                language=request.language if request.HasField("language") else None,
            )
            return pb.Preferences(email=row.email, language=row.language)

        return await self._units.command(request, pb.Preferences, work)

    async def ListDeliveries(self, request: pb.ListDeliveriesRequest, _: Call) -> pb.ListDeliveriesResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListDeliveriesResponse:
            rows = await queries.list_deliveries(
                reader,
                outcome=OUTCOME.word(request.outcome),
                message_id=request.message_id,
                size=size,
                after=self._pages.decode(request),
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListDeliveriesResponse(
                deliveries=[to_delivery(row) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)


def to_message(row: Row) -> pb.Message:
    """A row as its message, in the reader's language."""
    title, body = render(row.template, row.params, current().locale)
    return pb.Message(
        id=row.id,
        tenant=row.tenant_id,
        template=row.template,
        title=title,
        body=body,
        subject_capability=row.capability,
        subject_id=row.subject_id,
        state=pb.MESSAGE_STATE_READ if row.read_at else STATE.number(row.state),
        channel=CHANNEL.number(row.channel),
        create_time=row.occurred_at,
        read_time=row.read_at,
    )


def to_delivery(row: Row) -> pb.Delivery:
    """A line of the delivery log."""
    return pb.Delivery(
        id=row.id,
        message_id=row.message_id,
        template=row.template,
        channel=CHANNEL.number(row.channel),
        attempt=row.attempt,
        outcome=OUTCOME.number(row.outcome),
        answer=row.answer,
        create_time=row.created_at,
    )
