"""Service requests over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.clocks import timestamp
from chassis.context import Context, current
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import requests_pb2 as pb
from louyu.ticket.v1.requests_pb2_grpc import RequestsServiceServicer
from ticket.affairs import AFFAIRS, SENSITIVITY, STATION, Sensitivity
from ticket.attachments import Attachments
from ticket.requests import access, commands, queries, rules, subtasks
from ticket.requests.events import CLOCK, FILED_FOR, STATE, URGENCY
from ticket.requests.settings import SETTINGS, Settings

_Call = ServicerContext[Any, Any]
_Verb = Callable[[UnitOfWork], Awaitable[Row]]


class Requests(RequestsServiceServicer):
    """Serves louyu.ticket.v1.RequestsService."""

    def __init__(
        self,
        units: Units,
        pages: PageTokens,
        attachments: Attachments,
        may_handle: commands.MayHandle,
    ) -> None:
        self._units = units
        self._pages = pages
        self._attachments = attachments
        self._may_handle = may_handle

    async def _do(self, request: Message, verb: _Verb) -> pb.Ticket:
        async def work(unit: UnitOfWork) -> pb.Ticket:
            ticket = await verb(unit)
            return self._full(ticket, unit.context, await queries.parts(unit, ticket.id))

        return await self._units.command(request, pb.Ticket, work)

    async def CreateTicket(self, request: pb.CreateTicketRequest, context: _Call) -> pb.Ticket:
        order = commands.Order(
            service_item_id=request.service_item_id,
            filed_for=rules.FiledFor.ENTERPRISE
            if request.filed_for == pb.FILED_FOR_ENTERPRISE
            else rules.FiledFor.PERSON,
            enterprise_id=request.enterprise_id,
            floor=request.floor,
            summary=request.summary,
            form=json_format.MessageToDict(request.form) if request.HasField("form") else {},
            attachments=self._attachments.claim(request.attachments),
            urgency=rules.Urgency(URGENCY.word(request.urgency) or rules.Urgency.NORMAL),
            synthetic=request.synthetic,
        )

        async def work(unit: UnitOfWork) -> pb.Ticket:
            return self._full(await commands.open_ticket(unit, order), unit.context)

        return await self._units.command(request, pb.Ticket, work)

    async def GetTicket(self, request: pb.GetTicketRequest, context: _Call) -> pb.Ticket:
        async def work(unit: UnitOfWork) -> pb.Ticket:
            ticket = await queries.ticket(unit, request.id)
            if access.needs_reason(ticket, unit.context):
                unit.audit("requests.read", ticket.id)
            return self._full(ticket, unit.context, await queries.parts(unit, ticket.id))

        return await self._units.run(current(), work)

    async def ListTickets(self, request: pb.ListTicketsRequest, context: _Call) -> pb.ListTicketsResponse:
        size = page_size(request.page_size)
        narrowed = queries.Filter(
            states=tuple(STATE.word(state) for state in request.states if state),
            assignee=request.assignee,
            requester=current().caller.account_id if request.mine else "",
            enterprise_id=request.enterprise_id,
            service_item_id=request.service_item_id,
            number=request.number,
            station=STATION.word(request.station),
            by_due=request.by_due,
        )

        async def work(reader: Reader) -> pb.ListTicketsResponse:
            rows = await queries.page(reader, narrowed, self._pages.decode(request), size)
            viewer = access.actor(reader.context)
            more = self._pages.encode(request, narrowed.key(rows[size - 1])) if len(rows) > size else ""
            return pb.ListTicketsResponse(
                tickets=[_brief(row, viewer) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def CountTickets(self, request: pb.CountTicketsRequest, context: _Call) -> pb.CountTicketsResponse:
        async def work(reader: Reader) -> pb.CountTicketsResponse:
            return pb.CountTicketsResponse(
                counts=[
                    pb.StateCount(state=STATE.number(row.state), count=row.tickets)
                    for row in await queries.counts(reader)
                ]
            )

        return await self._units.query(work)

    async def ListTimeline(self, request: pb.ListTimelineRequest, context: _Call) -> pb.ListTimelineResponse:
        size = page_size(request.page_size)

        async def work(unit: UnitOfWork) -> pb.ListTimelineResponse:
            ticket = await queries.ticket(unit, request.id)
            if access.needs_reason(ticket, unit.context):
                unit.audit("requests.read_timeline", ticket.id)
            rows = await queries.entries(unit, ticket, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListTimelineResponse(
                entries=[self._entry(row) for row in rows[:size]], next_page_token=more
            )

        return await self._units.run(current(), work)

    async def CommentTicket(self, request: pb.CommentTicketRequest, context: _Call) -> pb.TimelineEntry:
        claimed = self._attachments.claim(request.attachments)

        async def work(unit: UnitOfWork) -> pb.TimelineEntry:
            return self._entry(await commands.comment(unit, request.id, request.text, claimed))

        return await self._units.command(request, pb.TimelineEntry, work)

    async def CreateSubtask(self, request: pb.CreateSubtaskRequest, context: _Call) -> pb.Ticket:
        return await self._do(
            request,
            lambda unit: subtasks.add(unit, request.id, request.title, request.assignee, self._may_handle),
        )

    async def CompleteSubtask(self, request: pb.CompleteSubtaskRequest, context: _Call) -> pb.Ticket:
        return await self._do(request, lambda unit: subtasks.complete(unit, request.id, request.subtask))

    async def TriageTicket(self, request: pb.TriageTicketRequest, context: _Call) -> pb.Ticket:
        urgency = rules.Urgency(URGENCY.word(request.urgency))
        return await self._do(
            request,
            lambda unit: commands.triage(unit, request.id, request.etag, urgency, request.note),
        )

    async def AssignTicket(self, request: pb.AssignTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(
            request,
            lambda unit: commands.assign(
                unit, request.id, request.etag, request.assignee, request.note, self._may_handle
            ),
        )

    async def AcceptTicket(self, request: pb.AcceptTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(request, lambda unit: commands.accept(unit, request.id, request.etag))

    async def StartTicket(self, request: pb.StartTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(request, lambda unit: commands.start(unit, request.id, request.etag))

    async def HoldTicket(self, request: pb.HoldTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(
            request, lambda unit: commands.hold(unit, request.id, request.etag, request.question)
        )

    async def ResumeTicket(self, request: pb.ResumeTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(
            request, lambda unit: commands.resume(unit, request.id, request.etag, request.note)
        )

    async def ReferTicket(self, request: pb.ReferTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(
            request,
            lambda unit: commands.refer(unit, request.id, request.etag, request.party, request.note),
        )

    async def ResolveTicket(self, request: pb.ResolveTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(
            request,
            lambda unit: commands.resolve(unit, request.id, request.etag, request.result, request.trips),
        )

    async def ConfirmTicket(self, request: pb.ConfirmTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(
            request,
            lambda unit: commands.confirm(unit, request.id, request.etag, request.rating, request.remark),
        )

    async def RateTicket(self, request: pb.RateTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(
            request,
            lambda unit: commands.rate(unit, request.id, request.etag, request.rating, request.remark),
        )

    async def ReopenTicket(self, request: pb.ReopenTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(
            request, lambda unit: commands.reopen(unit, request.id, request.etag, request.reason)
        )

    async def RejectTicket(self, request: pb.RejectTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(
            request, lambda unit: commands.reject(unit, request.id, request.etag, request.reason)
        )

    async def WithdrawTicket(self, request: pb.WithdrawTicketRequest, context: _Call) -> pb.Ticket:
        return await self._do(
            request, lambda unit: commands.withdraw(unit, request.id, request.etag, request.reason)
        )

    async def GetRequestSettings(
        self, request: pb.GetRequestSettingsRequest, context: _Call
    ) -> pb.RequestSettings:
        async def work(reader: Reader) -> pb.RequestSettings:
            return _settings(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdateRequestSettings(
        self, request: pb.UpdateRequestSettingsRequest, context: _Call
    ) -> pb.RequestSettings:
        async def work(unit: UnitOfWork) -> pb.RequestSettings:
            return _settings(
                await SETTINGS.begin(unit, request.etag, auto_close_days=request.auto_close_days)
            )

        return await self._units.command(request, pb.RequestSettings, work)

    def _full(self, row: Row, context: Context, parts: Iterable[Row] = ()) -> pb.Ticket:
        """A ticket with everything on it."""
        ticket = _brief(row, access.actor(context))
        ticket.summary, ticket.last_word, ticket.remark = row.summary, row.last_word, row.remark
        ticket.form.update(row.form)
        ticket.attachments.extend(self._attachments.shown(row.attachments))
        ticket.subtasks.extend(_subtask(part) for part in parts)
        return ticket

    def _entry(self, row: Row) -> pb.TimelineEntry:
        return pb.TimelineEntry(
            id=row.id,
            kind=row.kind,
            actor=row.actor or "",
            text=row.text,
            state=STATE.number(row.state),
            attachments=self._attachments.shown(row.attachments),
            create_time=row.created_at,
        )


def _brief(row: Row, viewer: rules.Actor) -> pb.Ticket:
    """A ticket as lists show it. The words of a P3 ticket stay with its case team."""
    mine = row.sensitivity != Sensitivity.P3 or access.is_case_team(row, viewer.account_id)
    return pb.Ticket(
        id=row.id,
        etag=str(row.version),
        number=row.number,
        service_item_id=row.service_item_id,
        item_name_zh=row.item_name_zh,
        item_name_en=row.item_name_en,
        affairs=AFFAIRS.number(row.affairs),
        station=STATION.number(row.station),
        state=STATE.number(row.state),
        urgency=URGENCY.number(row.urgency),
        filed_for=FILED_FOR.number(row.filed_for),
        enterprise_id=row.enterprise_id,
        floor=row.floor,
        requester=row.requester,
        assignee=row.assignee,
        desk=row.desk,
        summary=row.summary if mine else "",
        last_word=row.last_word if mine else "",
        rating=row.rating,
        reopened=row.reopened,
        trips=row.trips,
        closed_automatically=row.closed_automatically,
        verbs=[verb.value for verb in rules.allowed(row, viewer)],
        sensitivity=SENSITIVITY.number(row.sensitivity),
        referred_to=row.referred_to,
        correlation_id=row.correlation_id,
        synthetic=row.synthetic,
        first_response_due_time=timestamp(row.first_response_due_at),
        resolution_due_time=timestamp(row.resolution_due_at),
        create_time=timestamp(row.created_at),
        accept_time=timestamp(row.accepted_at),
        resolve_time=timestamp(row.resolved_at),
        close_time=timestamp(row.closed_at),
        update_time=timestamp(row.updated_at),
        next_due_clock=CLOCK.number(row.next_due_clock or ""),
        next_due_time=timestamp(row.next_due_at),
        warn_time=timestamp(row.warn_at),
        escalation=row.escalation,
    )


def _subtask(row: Row) -> pb.Subtask:
    return pb.Subtask(
        id=row.id,
        title=row.title,
        assignee=row.assignee,
        done=row.done_at is not None,
        done_time=row.done_at,
    )


def _settings(present: Settings) -> pb.RequestSettings:
    shown = pb.RequestSettings(etag=str(present.version), auto_close_days=present.auto_close_days)
    if present.created_at is not None:
        shown.create_time.FromDatetime(present.created_at)
    return shown
