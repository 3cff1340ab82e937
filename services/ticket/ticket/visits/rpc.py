"""Visits over gRPC: parse, call, convert."""

from collections.abc import Sequence
from datetime import UTC
from itertools import groupby
from typing import Any

from google.protobuf import json_format
from grpc.aio import ServicerContext

from chassis import days
from chassis.clocks import timestamp
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import visits_pb2 as pb
from louyu.ticket.v1.visits_pb2_grpc import VisitsServiceServicer
from ticket.visits import commands, queries, rules
from ticket.visits.events import TARGET
from ticket.visits.queries import Member
from ticket.visits.rules import Target

_Call = ServicerContext[Any, Any]


class Visits(VisitsServiceServicer):
    """Serves louyu.ticket.v1.VisitsService."""

    def __init__(self, units: Units, pages: PageTokens, may_visit: commands.MayVisit, secret: bytes) -> None:
        self._units = units
        self._pages = pages
        self._may_visit = may_visit
        self._secret = secret

    async def CreateVisitPlan(self, request: pb.CreateVisitPlanRequest, context: _Call) -> pb.VisitPlan:
        new = commands.NewPlan(
            title=request.title,
            target=Target(TARGET.word(request.target)),
            floor=request.floor,
            start=days.required("start_date", request.start_date),
            due=days.required("due_date", request.due_date),
            every_days=request.every_days,
            responsible=request.responsible,
            synthetic=request.synthetic,
        )

        async def work(unit: UnitOfWork) -> pb.VisitPlan:
            return await _with_progress(unit, await commands.make_plan(unit, new, self._may_visit))

        return await self._units.command(request, pb.VisitPlan, work)

    async def GetVisitPlan(self, request: pb.GetVisitPlanRequest, context: _Call) -> pb.VisitPlan:
        async def work(reader: Reader) -> pb.VisitPlan:
            return await _with_progress(reader, await queries.plan(reader, request.id))

        return await self._units.query(work)

    async def ListVisitPlans(
        self, request: pb.ListVisitPlansRequest, context: _Call
    ) -> pb.ListVisitPlansResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListVisitPlansResponse:
            rows = await queries.page_of_plans(reader, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            shown = [await _with_progress(reader, row) for row in rows[:size]]
            return pb.ListVisitPlansResponse(plans=shown, next_page_token=more)

        return await self._units.query(work)

    async def CloseVisitPlan(self, request: pb.CloseVisitPlanRequest, context: _Call) -> pb.VisitPlan:
        async def work(unit: UnitOfWork) -> pb.VisitPlan:
            return await _with_progress(unit, await commands.close_plan(unit, request.id))

        return await self._units.command(request, pb.VisitPlan, work)

    async def GetVisitMap(self, request: pb.GetVisitMapRequest, context: _Call) -> pb.VisitMap:
        async def work(reader: Reader) -> pb.VisitMap:
            plan = await queries.plan(reader, request.id)
            members, reached = await queries.members(reader, plan), await queries.reached(reader, plan)
            last = await queries.last_visits(reader, [member.id for member in members])
            # From the top floor down; within one, by name as they are.
            down = sorted(members, key=lambda member: -member.level)
            floors = []
            for level, there in groupby(down, key=lambda member: member.level):
                places = [
                    pb.VisitPlace(
                        id=member.id,
                        name=member.name,
                        visited=member.id in reached,
                        last_visit_time=timestamp(last.get(member.id)),
                    )
                    for member in there
                ]
                name = "" if level == 0 else f"B{-level}" if level < 0 else str(level)
                visited = sum(one.visited for one in places)
                floors.append(pb.VisitFloor(floor=name, places=places, visited=visited))
            floors.sort(key=lambda one: one.floor == "")
            return pb.VisitMap(plan=_plan(reader, plan, members, reached), floors=floors)

        return await self._units.query(work)

    async def ListUnvisited(
        self, request: pb.ListUnvisitedRequest, context: _Call
    ) -> pb.ListUnvisitedResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListUnvisitedResponse:
            after = self._pages.decode(request)
            beyond = (int(after[0]), after[1], after[2]) if after else None
            missing = await queries.unvisited(reader, await queries.plan(reader, request.id))
            rest = [member for member in missing if beyond is None or member.place > beyond]
            last = await queries.last_visits(reader, [member.id for member in rest[:size]])
            return pb.ListUnvisitedResponse(
                unvisited=[
                    pb.Unvisited(
                        id=member.id,
                        name=member.name,
                        floor=member.floor,
                        last_visit_time=timestamp(last.get(member.id)),
                    )
                    for member in rest[:size]
                ],
                next_page_token=self._pages.encode(request, rest[size - 1].place) if len(rest) > size else "",
            )

        return await self._units.query(work)

    async def RecordVisit(self, request: pb.RecordVisitRequest, context: _Call) -> pb.Visit:
        report = commands.Report(
            target=Target(TARGET.word(request.target)),
            target_id=request.target_id,
            visited_at=request.visit_time.ToDatetime(tzinfo=UTC) if request.HasField("visit_time") else None,
            remark=request.remark,
            needs=[
                commands.Need(
                    service_item_id=need.service_item_id,
                    summary=need.summary,
                    form=json_format.MessageToDict(need.form) if need.HasField("form") else {},
                    enterprise_id=need.enterprise_id,
                )
                for need in request.needs
            ],
            synthetic=request.synthetic,
            checkin_code=request.checkin_code,
            topic=request.topic,
        )

        async def work(unit: UnitOfWork) -> pb.Visit:
            return _visit(await commands.record(unit, report, self._secret))

        return await self._units.command(request, pb.Visit, work)

    async def ListVisits(self, request: pb.ListVisitsRequest, context: _Call) -> pb.ListVisitsResponse:
        size = page_size(request.page_size)
        kind = TARGET.word(request.target)

        async def work(reader: Reader) -> pb.ListVisitsResponse:
            after = self._pages.decode(request)
            rows = await queries.page_of_visits(
                reader, kind, request.target_id, after, size, mine=request.mine
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListVisitsResponse(visits=[_visit(row) for row in rows[:size]], next_page_token=more)

        return await self._units.query(work)

    async def GetCheckinCode(self, request: pb.GetCheckinCodeRequest, context: _Call) -> pb.CheckinCode:
        async def work(reader: Reader) -> pb.CheckinCode:
            site = await queries.site(reader, request.site_id)
            code = rules.code(self._secret, reader.tenant_id, site.id)
            return pb.CheckinCode(site_id=site.id, site_name=site.name, code=code)

        return await self._units.query(work)


async def _with_progress(reader: Reader, row: Row) -> pb.VisitPlan:
    return _plan(reader, row, await queries.members(reader, row), await queries.reached(reader, row))


def _plan(reader: Reader, row: Row, members: Sequence[Member], reached: set[str]) -> pb.VisitPlan:
    visited = sum(member.id in reached for member in members)
    manages = row.closed_at is None and reader.context.has(queries.WHOLE_TENANT)
    return pb.VisitPlan(
        id=row.id,
        title=row.title,
        target=TARGET.number(row.target),
        floor=row.floor,
        start_date=row.start_date.isoformat(),
        due_date=row.due_date.isoformat(),
        total=len(members),
        visited=visited,
        overdue=rules.is_overdue(row, len(members) - visited, reader.now),
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
        every_days=row.every_days,
        round=row.round,
        missed=row.missed,
        responsible=row.responsible,
        close_time=timestamp(row.closed_at),
        verbs=["close"] if manages else [],
    )


def _visit(row: Row) -> pb.Visit:
    return pb.Visit(
        id=row.id,
        number=row.number,
        target=TARGET.number(row.target),
        target_id=row.target_id or "",
        target_name=row.target_name,
        floor=row.floor,
        visitor=row.visitor,
        visit_time=timestamp(row.visited_at),
        remark=row.remark,
        ticket_ids=row.ticket_ids,
        correlation_id=row.correlation_id,
        synthetic=row.synthetic,
    )
