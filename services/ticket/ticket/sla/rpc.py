"""Promised times over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from grpc.aio import ServicerContext
from sqlalchemy import select

from chassis.calendar import BusinessCalendar, Shift
from chassis.clocks import timestamp
from chassis.context import current
from chassis.errors import FieldError, Invalid
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.tables import tenants
from chassis.units import Reader, UnitOfWork, Units
from chassis.words import Words
from louyu.ticket.v1 import requests_pb2
from louyu.ticket.v1 import sla_pb2 as pb
from louyu.ticket.v1.sla_pb2_grpc import SlaServiceServicer
from ticket.requests import commands as requests
from ticket.requests import queries as tickets
from ticket.sla import clocks, commands, queries, rules, settings
from ticket.sla.clocks import Clock
from ticket.sla.queries import Decided
from ticket.sla.settings import Level, Settings

MayOwn = Callable[[str, str], Awaitable[bool]]
"""Says whether an account (second) can be told of what a tenant (first) has overdue."""

_Call = ServicerContext[Any, Any]
_KIND: Final = Words(requests_pb2.ClockKind)
_LEVEL: Final = Words(requests_pb2.LadderLevel)
_STATE: Final = Words(requests_pb2.TicketState)
_URGENCY: Final = Words(requests_pb2.Urgency)
_STANDING: Final = Words(pb.ClockStanding)
_CAUSE: Final = Words(pb.ClockCause)


class Sla(SlaServiceServicer):
    """Serves louyu.ticket.v1.SlaService."""

    def __init__(self, units: Units, pages: PageTokens, may_own: MayOwn) -> None:
        self._units = units
        self._pages = pages
        self._may_own = may_own

    async def GetSlaSettings(self, request: pb.GetSlaSettingsRequest, context: _Call) -> pb.SlaSettings:
        async def work(reader: Reader) -> pb.SlaSettings:
            return _shown((await queries.decided_now(reader)).settings)

        return await self._units.query(work)

    async def UpdateSlaSettings(self, request: pb.UpdateSlaSettingsRequest, context: _Call) -> pb.SlaSettings:
        wanted = _wanted(request)
        if wanted.fallback and not await self._may_own(request.tenant, wanted.fallback):
            raise Invalid("SLA_FALLBACK_UNKNOWN", fields=[FieldError("fallback", "SLA_FALLBACK_UNKNOWN")])

        async def work(unit: UnitOfWork) -> pb.SlaSettings:
            made = await commands.change(unit, request.etag, wanted)
            await requests.look_again(unit)
            return _shown(made)

        return await self._units.command(request, pb.SlaSettings, work)

    async def ListSlaVersions(
        self, request: pb.ListSlaVersionsRequest, context: _Call
    ) -> pb.ListSlaVersionsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListSlaVersionsResponse:
            rows = await queries.versions(reader, self._pages.decode(request), size)
            before = [*rows[1:], settings.defaults()]
            more = self._pages.encode(request, [rows[size - 1].version]) if len(rows) > size else ""
            return pb.ListSlaVersionsResponse(
                versions=[
                    pb.SlaVersion(
                        etag=str(one.version),
                        creator=one.created_by,
                        create_time=timestamp(one.created_at),
                        note=one.note,
                        parts=settings.parts_changed(earlier, one),
                    )
                    for one, earlier in list(zip(rows, before, strict=False))[:size]
                ],
                next_page_token=more,
            )

        return await self._units.query(work)

    async def ExplainClocks(
        self, request: pb.ExplainClocksRequest, context: _Call
    ) -> pb.ExplainClocksResponse:
        async def work(reader: Reader) -> pb.ExplainClocksResponse:
            ticket = await tickets.ticket(reader, request.ticket)
            decided = await queries.decided_now(reader)
            return pb.ExplainClocksResponse(
                clocks=_clocks(ticket, decided, reader.now),
                target=ticket.clocks.get("target", ""),
                as_of=timestamp(reader.now),
            )

        return await self._units.query(work)

    async def ListEscalations(
        self, request: pb.ListEscalationsRequest, context: _Call
    ) -> pb.ListEscalationsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListEscalationsResponse:
            rows = await tickets.escalated(
                reader, settled=request.include_settled, after=self._pages.decode(request), size=size
            )
            names = await _names(reader, [row.tenant_id for row in rows])
            last = rows[size - 1] if len(rows) > size else None
            return pb.ListEscalationsResponse(
                escalations=[_escalation(row, names) for row in rows[:size]],
                next_page_token=self._pages.encode(request, [last.escalated_at, last.id]) if last else "",
            )

        return await self._units.query(work)

    async def GetEscalation(self, request: pb.GetEscalationRequest, context: _Call) -> pb.Escalation:
        async def work(unit: UnitOfWork) -> pb.Escalation:
            ticket = await tickets.escalated_one(unit, request.ticket)
            decided = (await queries.decided_by(unit, [ticket.tenant_id]))[ticket.tenant_id]
            unit.audit("sla.read_escalation", ticket.id)
            shown = _escalation(ticket, await _names(unit, [ticket.tenant_id]))
            shown.summary = ticket.summary
            shown.clocks.extend(_clocks(ticket, decided, unit.now))
            return shown

        return await self._units.run(current(), work)


async def _names(reader: Reader, ids: Sequence[str]) -> Mapping[str, Row]:
    t = tenants.c
    rows = await reader.fetch(
        select(t.tenant_id, t.name_zh, t.name_en).where(t.tenant_id.in_(sorted(set(ids))))
    )
    return {row.tenant_id: row for row in rows}


def _escalation(row: Row, names: Mapping[str, Row]) -> pb.Escalation:
    building = names.get(row.tenant_id)
    return pb.Escalation(
        ticket_id=row.id,
        building=row.tenant_id,
        building_name_zh=building.name_zh if building else "",
        building_name_en=building.name_en if building else "",
        number=row.number,
        item_name_zh=row.item_name_zh,
        item_name_en=row.item_name_en,
        state=_STATE.number(row.state),
        urgency=_URGENCY.number(row.urgency),
        file_time=timestamp(row.created_at),
        due_time=timestamp(row.resolution_due_at),
        escalate_time=timestamp(row.escalated_at),
        synthetic=row.synthetic,
    )


def _clocks(ticket: Row, decided: Decided, now: datetime) -> list[pb.SlaClock]:
    present = rules.current(commands.of(ticket, decided), decided, now)
    return [_clock(one, decided, now) for one in present.all()]


def _clock(clock: Clock, decided: Decided, now: datetime) -> pb.SlaClock:
    ladder = decided.settings.ladder
    standing = clock.standing(now)
    paused = standing is clocks.Standing.PAUSED
    shown = pb.SlaClock(
        kind=_KIND.number(clock.kind),
        standing=_STANDING.number(standing),
        promised_seconds=int(clock.amount.total_seconds()),
        used_seconds=int(clocks.used(clock, decided, now).total_seconds()),
        due_time=None if paused else timestamp(clock.due_at),
        stop_time=timestamp(clock.stopped_at),
        segments=[
            pb.ClockSegment(
                begin_time=timestamp(one.begin),
                end_time=timestamp(one.end),
                running=one.running,
                cause=_CAUSE.number(one.why),
                used_seconds=int(one.used.total_seconds()),
                version=str(one.version),
                calendar=one.calendar,
            )
            for one in clocks.explained(clock, decided, now)
        ],
        calendar=_calendar_shown(_calendar_of(clock, decided)),
    )
    if clock.reached > 0:
        shown.level = _LEVEL.number(ladder[min(clock.reached, len(ladder)) - 1].level)
    following = max(clock.reached, 0)
    if clock.live and clock.running and following < len(ladder):
        step = ladder[following]
        at = clocks.passes(clock, decided, clock.amount + step.after) or clock.since
        shown.next_level = _LEVEL.number(step.level)
        shown.next_level_time.FromDatetime(at)
    return shown


def _calendar_of(clock: Clock, decided: Decided) -> settings.Calendar:
    calendars = decided.settings.calendars
    return calendars.get(clock.calendar) or calendars[settings.DEFAULT_CALENDAR]


def _calendar_shown(one: settings.Calendar) -> pb.SlaCalendar:
    working = one.working
    return pb.SlaCalendar(
        code=one.code,
        name_zh=one.name_zh,
        name_en=one.name_en,
        zone=working.zone,
        shifts=settings.shifts_of(working),
        every_day=working.every_day,
        days=[
            pb.CalendarDay(date=day.isoformat(), worked=worked)
            for day, worked in sorted(working.overrides.items())
        ],
    )


def _shown(present: Settings) -> pb.SlaSettings:
    return pb.SlaSettings(
        etag=str(present.version),
        calendars=[_calendar_shown(one) for one in present.calendars.values()],
        targets=[
            pb.SlaTarget(
                code=one.code,
                name_zh=one.name_zh,
                name_en=one.name_en,
                calendar=one.calendar,
                first_response_minutes=settings.minutes(one.first_response),
                update_minutes=settings.minutes(one.update),
                resolution_minutes=settings.minutes(one.resolution),
                source_zh=one.source_zh,
                source_en=one.source_en,
            )
            for one in present.targets.values()
        ],
        items=present.items,
        urgent_target=present.urgent_target,
        update_minutes=settings.minutes(present.update),
        ladder=[
            pb.LadderStep(level=_LEVEL.number(step.level), after_minutes=settings.minutes(step.after))
            for step in present.ladder
        ],
        fallback=present.fallback,
        quiet_begin=settings.clock_text(present.quiet.begin),
        quiet_end=settings.clock_text(present.quiet.end),
        quiet_rest_days=present.quiet.rest_days,
        note=present.note,
        create_time=timestamp(present.created_at),
        creator=present.created_by,
    )


def _wanted(request: pb.UpdateSlaSettingsRequest) -> Settings:
    calendars = [_calendar(number, one) for number, one in enumerate(request.calendars)]
    for name, codes in (
        ("calendars", [one.code for one in calendars]),
        ("targets", [one.code for one in request.targets]),
    ):
        if len(set(codes)) < len(codes):
            raise Invalid("SLA_SETTINGS_INVALID", fields=[FieldError(name, "SLA_CODE_TWICE")])
    return Settings(
        version=0,
        created_at=None,
        created_by="",
        calendars={one.code: one for one in calendars},
        targets={
            one.code: settings.Target(
                code=one.code,
                name_zh=one.name_zh,
                name_en=one.name_en,
                calendar=one.calendar,
                first_response=timedelta(minutes=one.first_response_minutes),
                update=timedelta(minutes=one.update_minutes),
                resolution=timedelta(minutes=one.resolution_minutes),
                source_zh=one.source_zh,
                source_en=one.source_en,
            )
            for one in request.targets
        },
        items=dict(request.items),
        urgent_target=request.urgent_target,
        update=timedelta(minutes=request.update_minutes),
        fallback=request.fallback,
        ladder=tuple(
            settings.Step(Level(_LEVEL.word(one.level)), timedelta(minutes=one.after_minutes))
            for one in request.ladder
        ),
        quiet=settings.Quiet(
            settings.minute_of(request.quiet_begin),
            settings.minute_of(request.quiet_end),
            request.quiet_rest_days,
        ),
        note=request.note,
    )


def _calendar(number: int, one: pb.SlaCalendar) -> settings.Calendar:
    try:
        working = BusinessCalendar(
            shifts=tuple(Shift.parse(text) for text in one.shifts),
            zone=one.zone,
            overrides={date.fromisoformat(day.date): day.worked for day in one.days},
            every_day=one.every_day,
        )
    except ValueError as error:
        fault = FieldError(f"calendars[{number}]", "SLA_CALENDAR_INVALID")
        raise Invalid("SLA_SETTINGS_INVALID", fields=[fault]) from error
    return settings.Calendar(one.code, one.name_zh, one.name_en, working)
