"""Inspections over gRPC: parse, call, convert."""

from datetime import UTC
from typing import Any

from grpc.aio import ServicerContext

from chassis import days
from chassis.clocks import timestamp
from chassis.days import day_of, monday_of
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import hazards_pb2
from louyu.ticket.v1 import inspections_pb2 as pb
from louyu.ticket.v1.inspections_pb2_grpc import InspectionsServiceServicer
from ticket.attachments import Attachments
from ticket.hazards import queries as hazards
from ticket.inspections import commands, queries, rules
from ticket.inspections.events import CLASS, RESULT, SEVERITY, STATE
from ticket.sites import queries as sites

_Call = ServicerContext[Any, Any]


class Inspections(InspectionsServiceServicer):
    """Serves louyu.ticket.v1.InspectionsService."""

    def __init__(
        self,
        units: Units,
        pages: PageTokens,
        attachments: Attachments,
        may_inspect: commands.MayInspect,
    ) -> None:
        self._units = units
        self._pages = pages
        self._attachments = attachments
        self._may_inspect = may_inspect

    async def PlanInspection(self, request: pb.PlanInspectionRequest, context: _Call) -> pb.Inspection:
        planned = days.required("plan_date", request.plan_date)

        async def work(unit: UnitOfWork) -> pb.Inspection:
            row = await commands.plan(
                unit,
                request.site_id,
                request.inspector,
                planned,
                self._may_inspect,
                synthetic=request.synthetic,
            )
            return self._full(row, unit)

        return await self._units.command(request, pb.Inspection, work)

    async def RecordInspection(self, request: pb.RecordInspectionRequest, context: _Call) -> pb.Inspection:
        said = request.inspect_time.ToDatetime(tzinfo=UTC) if request.HasField("inspect_time") else None
        report = commands.Report(
            site_id=request.site_id,
            inspection_id=request.inspection_id,
            inspected_at=said,
            answers=[self._answer(answer) for answer in request.checks],
            remark=request.remark,
            synthetic=request.synthetic,
        )

        async def work(unit: UnitOfWork) -> pb.Inspection:
            return self._full(await commands.record(unit, report), unit)

        return await self._units.command(request, pb.Inspection, work)

    async def CancelInspection(self, request: pb.CancelInspectionRequest, context: _Call) -> pb.Inspection:
        async def work(unit: UnitOfWork) -> pb.Inspection:
            return self._full(await commands.cancel(unit, request.id), unit)

        return await self._units.command(request, pb.Inspection, work)

    async def GetInspection(self, request: pb.GetInspectionRequest, context: _Call) -> pb.Inspection:
        async def work(reader: Reader) -> pb.Inspection:
            return self._full(await queries.inspection(reader, request.id), reader)

        return await self._units.query(work)

    async def ListInspections(
        self, request: pb.ListInspectionsRequest, context: _Call
    ) -> pb.ListInspectionsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListInspectionsResponse:
            rows = await queries.page(
                reader,
                states=tuple(STATE.word(state) for state in request.states if state),
                site_id=request.site_id,
                mine=request.mine,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListInspectionsResponse(
                inspections=[_brief(row, reader) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def GetInspectionWeek(
        self, request: pb.GetInspectionWeekRequest, context: _Call
    ) -> pb.InspectionWeek:
        asked = days.required("week", request.week) if request.week else None

        async def work(reader: Reader) -> pb.InspectionWeek:
            monday = monday_of(asked or day_of(reader.now))
            required = (await hazards.SETTINGS.current(reader)).inspections_per_week
            done, last = await queries.in_week(reader, monday), await queries.latest(reader)
            weeks = [
                pb.SiteWeek(
                    site_id=site.id,
                    site_name=site.name,
                    done=done.get(site.id, 0),
                    gap=rules.has_gap(done.get(site.id, 0), required),
                    last_inspect_time=timestamp(last.get(site.id)),
                )
                for site in await sites.all_in_use(reader)
            ]
            return pb.InspectionWeek(
                week=monday.isoformat(),
                required=required,
                sites=sorted(weeks, key=lambda week: not week.gap),
                gaps=sum(week.gap for week in weeks),
            )

        return await self._units.query(work)

    def _answer(self, answer: pb.CheckAnswer) -> rules.Answer:
        return rules.Answer(
            check_class=CLASS.word(answer.check_class),
            result=rules.Result(RESULT.word(answer.result)),
            remark=answer.remark,
            severity=SEVERITY.word(answer.severity or hazards_pb2.HAZARD_SEVERITY_GENERAL),
            photos=self._attachments.claim(answer.attachments),
        )

    def _full(self, row: Row, reader: Reader) -> pb.Inspection:
        """An inspection with its answers."""
        inspection = _brief(row, reader)
        inspection.checks.extend(
            pb.Check(
                check_class=CLASS.number(check["check_class"]),
                result=RESULT.number(check["result"]),
                remark=check["remark"],
                hazard_id=check["hazard_id"],
                attachments=self._attachments.shown(check["photos"]),
            )
            for check in row.checks
        )
        return inspection


def _brief(row: Row, reader: Reader) -> pb.Inspection:
    """An inspection as lists show it."""
    return pb.Inspection(
        id=row.id,
        etag=str(row.version),
        number=row.number,
        site_id=row.site_id,
        site_name=row.site_name,
        inspector=row.inspector,
        state=STATE.number(row.state),
        plan_date=row.plan_date.isoformat() if row.plan_date else "",
        inspect_time=timestamp(row.inspected_at),
        record_time=timestamp(row.recorded_at),
        problems=row.problems,
        remark=row.remark,
        verbs=rules.verbs(row, reader.context.caller.account_id),
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
    )
