"""Hazards over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.clocks import timestamp
from chassis.context import current
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import hazards_pb2 as pb
from louyu.ticket.v1.hazards_pb2_grpc import HazardsServiceServicer
from ticket.attachments import Attachments
from ticket.hazards import access, commands, queries, rules
from ticket.hazards.events import CLASS, SEVERITY, SOURCE, STATE
from ticket.hazards.settings import SETTINGS, Settings

_Call = ServicerContext[Any, Any]
_Verb = Callable[[UnitOfWork], Awaitable[Row]]
_WEEKLY = {"zh": "实践材料三：每周不定期巡查", "en": "Practice document 3: inspections every week"}
_OURS = {"zh": "设计默认值，没有文件规定", "en": "A default of the design; no document says"}


class Hazards(HazardsServiceServicer):
    """Serves louyu.ticket.v1.HazardsService."""

    def __init__(
        self,
        units: Units,
        pages: PageTokens,
        attachments: Attachments,
        persons_behind: commands.PersonsBehind,
    ) -> None:
        self._units = units
        self._pages = pages
        self._attachments = attachments
        self._persons_behind = persons_behind

    async def _do(self, request: Message, verb: _Verb) -> pb.Hazard:
        async def work(unit: UnitOfWork) -> pb.Hazard:
            return self._full(await verb(unit), access.actor(unit.context))

        return await self._units.command(request, pb.Hazard, work)

    async def ReportHazard(self, request: pb.ReportHazardRequest, context: _Call) -> pb.Hazard:
        finding = commands.Finding(
            site_id=request.site_id,
            hazard_class=CLASS.word(request.hazard_class),
            severity=SEVERITY.word(request.severity) or rules.Severity.GENERAL,
            whereabouts=request.whereabouts,
            description=request.description,
            photos=self._attachments.claim(request.attachments),
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.report(unit, finding))

    async def GetHazard(self, request: pb.GetHazardRequest, context: _Call) -> pb.Hazard:
        async def work(reader: Reader) -> pb.Hazard:
            return self._full(await queries.hazard(reader, request.id), access.actor(reader.context))

        return await self._units.query(work)

    async def ListHazards(self, request: pb.ListHazardsRequest, context: _Call) -> pb.ListHazardsResponse:
        size = page_size(request.page_size)
        narrowed = queries.Filter(
            states=tuple(STATE.word(state) for state in request.states if state),
            hazard_class=CLASS.word(request.hazard_class),
            site_id=request.site_id,
            number=request.number,
            mine=request.mine,
            overdue=request.overdue,
        )

        async def work(reader: Reader) -> pb.ListHazardsResponse:
            rows = await queries.page(reader, narrowed, self._pages.decode(request), size)
            viewer = access.actor(reader.context)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListHazardsResponse(
                hazards=[_brief(row, viewer) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def CountHazards(self, request: pb.CountHazardsRequest, context: _Call) -> pb.CountHazardsResponse:
        async def work(reader: Reader) -> pb.CountHazardsResponse:
            return pb.CountHazardsResponse(
                counts=[
                    pb.HazardCount(state=STATE.number(row.state), count=row.hazards, overdue=row.overdue)
                    for row in await queries.counts(reader)
                ]
            )

        return await self._units.query(work)

    async def ListHazardTimeline(
        self, request: pb.ListHazardTimelineRequest, context: _Call
    ) -> pb.ListHazardTimelineResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListHazardTimelineResponse:
            hazard = await queries.hazard(reader, request.id)
            rows = await queries.entries(reader, hazard, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListHazardTimelineResponse(
                entries=[self._entry(row) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def AssignHazard(self, request: pb.AssignHazardRequest, context: _Call) -> pb.Hazard:
        charge = commands.Charge(
            owner=request.owner,
            verifier=request.verifier,
            deadline=request.deadline_time.ToDatetime(tzinfo=UTC),
            note=request.note,
        )
        return await self._do(
            request,
            lambda unit: commands.assign(unit, request.id, request.etag, charge, self._persons_behind),
        )

    async def StartHazard(self, request: pb.StartHazardRequest, context: _Call) -> pb.Hazard:
        return await self._do(request, lambda unit: commands.start(unit, request.id, request.etag))

    async def SubmitHazard(self, request: pb.SubmitHazardRequest, context: _Call) -> pb.Hazard:
        photos = self._attachments.claim(request.attachments)
        return await self._do(
            request,
            lambda unit: commands.submit(unit, request.id, request.etag, request.measure, photos),
        )

    async def VerifyHazard(self, request: pb.VerifyHazardRequest, context: _Call) -> pb.Hazard:
        photos = self._attachments.claim(request.attachments)
        return await self._do(
            request, lambda unit: commands.verify(unit, request.id, request.etag, request.note, photos)
        )

    async def ReturnHazard(self, request: pb.ReturnHazardRequest, context: _Call) -> pb.Hazard:
        photos = self._attachments.claim(request.attachments)
        return await self._do(
            request,
            lambda unit: commands.send_back(unit, request.id, request.etag, request.reason, photos),
        )

    async def ListHazardEscalations(
        self, request: pb.ListHazardEscalationsRequest, context: _Call
    ) -> pb.ListHazardEscalationsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListHazardEscalationsResponse:
            after = self._pages.decode(request)
            rows = await queries.escalated_to(reader, after, size, only_open=request.open)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListHazardEscalationsResponse(
                escalations=[_escalation(row) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def AcknowledgeHazardEscalation(
        self, request: pb.AcknowledgeHazardEscalationRequest, context: _Call
    ) -> pb.HazardEscalation:
        async def work(unit: UnitOfWork) -> pb.HazardEscalation:
            return _escalation(await commands.acknowledge(unit, request.id))

        return await self._units.command(request, pb.HazardEscalation, work)

    async def GetHazardSettings(
        self, request: pb.GetHazardSettingsRequest, context: _Call
    ) -> pb.HazardSettings:
        async def work(reader: Reader) -> pb.HazardSettings:
            return _settings(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdateHazardSettings(
        self, request: pb.UpdateHazardSettingsRequest, context: _Call
    ) -> pb.HazardSettings:
        async def work(unit: UnitOfWork) -> pb.HazardSettings:
            decided = await SETTINGS.begin(
                unit,
                request.etag,
                deadline_days=request.deadline_days,
                recurrence_days=request.recurrence_days,
                inspections_per_week=request.inspections_per_week,
                desk=request.desk,
            )
            return _settings(decided)

        return await self._units.command(request, pb.HazardSettings, work)

    def _full(self, row: Row, viewer: rules.Actor) -> pb.Hazard:
        """A hazard with its photos."""
        hazard = _brief(row, viewer)
        hazard.before.extend(self._attachments.shown(row.before))
        hazard.after.extend(self._attachments.shown(row.after))
        return hazard

    def _entry(self, row: Row) -> pb.HazardEntry:
        return pb.HazardEntry(
            id=row.id,
            kind=row.kind,
            actor=row.actor or "",
            text=row.text,
            state=STATE.number(row.state),
            attachments=self._attachments.shown(row.attachments),
            create_time=timestamp(row.created_at),
        )


def _brief(row: Row, viewer: rules.Actor) -> pb.Hazard:
    """A hazard as lists show it."""
    return pb.Hazard(
        id=row.id,
        etag=str(row.version),
        number=row.number,
        site_id=row.site_id,
        site_name=row.site_name,
        whereabouts=row.whereabouts,
        hazard_class=CLASS.number(row.hazard_class),
        severity=SEVERITY.number(row.severity),
        description=row.description,
        state=STATE.number(row.state),
        source=SOURCE.number(row.source),
        inspection_id=row.inspection_id,
        reporter=row.reporter,
        owner=row.owner,
        verifier=row.verifier,
        deadline_time=timestamp(row.deadline_at),
        overdue=rules.is_overdue(row),
        overdue_time=timestamp(row.overdue_at),
        measure=row.measure,
        last_word=row.last_word,
        recurrence=row.recurrence,
        recurs_id=row.recurs_id,
        returned=row.returned,
        verbs=[verb.value for verb in rules.allowed(row, viewer)],
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
        assign_time=timestamp(row.assigned_at),
        submit_time=timestamp(row.submitted_at),
        close_time=timestamp(row.closed_at),
        update_time=timestamp(row.updated_at),
    )


def _escalation(row: Row) -> pb.HazardEscalation:
    return pb.HazardEscalation(
        id=row.id,
        etag=str(row.version),
        building=row.tenant_id,
        building_name_zh=row.building_name_zh,
        building_name_en=row.building_name_en,
        hazard_id=row.hazard_id,
        number=row.number,
        hazard_class=CLASS.number(row.hazard_class),
        severity=SEVERITY.number(row.severity),
        site_name=row.site_name,
        state=STATE.number(row.state),
        deadline_time=timestamp(row.deadline_at),
        escalate_time=timestamp(row.created_at),
        close_time=timestamp(row.closed_at),
        acknowledge_time=timestamp(row.acknowledged_at),
        acknowledged_by=row.acknowledged_by,
    )


def _settings(decided: Settings) -> pb.HazardSettings:
    language = "en" if current().locale.startswith("en") else "zh"
    ours, weekly = _OURS[language], _WEEKLY[language]
    defaults = (
        ("deadline_days", rules.DEADLINE_DAYS, ours),
        ("recurrence_days", rules.RECURRENCE_DAYS, ours),
        ("inspections_per_week", rules.INSPECTIONS_PER_WEEK, weekly),
    )
    return pb.HazardSettings(
        etag=str(decided.version),
        deadline_days=decided.deadline_days,
        recurrence_days=decided.recurrence_days,
        inspections_per_week=decided.inspections_per_week,
        desk=decided.desk,
        defaults=[
            pb.HazardSettingDefault(name=name, value=value, source=source) for name, value, source in defaults
        ],
        create_time=timestamp(decided.created_at),
    )
