"""The calendar over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from google.api.httpbody_pb2 import HttpBody
from grpc.aio import ServicerContext

from activity.calendar import commands, queries
from activity.calendar.commands import Changes, NewActivity
from activity.calendar.events import AFFAIRS, AUDIENCE, CAUSE, HOST, KIND, SEAT, STATE, STATION, to_moment
from activity.calendar.evidence import EvidenceFiles
from activity.calendar.feed import MEDIA_TYPE, to_feed
from activity.calendar.passes import Kind, Passes, picture
from activity.calendar.rules import State, verbs
from chassis.clocks import system_now
from chassis.context import current
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.activity.v1 import calendar_pb2 as pb
from louyu.activity.v1.calendar_pb2_grpc import CalendarServiceServicer

Call = ServicerContext[Any, Any]
Holds = Callable[[str, str, str], Awaitable[bool]]
"""Whether an account holds a permission in a tenant: (account, tenant, permission)."""
FEED_SINCE: Final = timedelta(days=90)
_WORDS: Final = ("title", "summary", "brand", "business_link", "floor", "place", "capacity")
_MOMENTS: Final = {
    "start_time": "starts_at",
    "end_time": "ends_at",
    "enrol_until_time": "enrol_until",
}


class Calendar(CalendarServiceServicer):
    """Serves louyu.activity.v1.CalendarService."""

    def __init__(
        self, units: Units, pages: PageTokens, passes: Passes, evidence: EvidenceFiles, holds: Holds
    ) -> None:
        self._units = units
        self._pages = pages
        self._passes = passes
        self._evidence = evidence
        self._holds = holds

    async def CreateActivity(self, request: pb.CreateActivityRequest, _: Call) -> pb.Activity:
        return await self._change(request, lambda unit: commands.create_activity(unit, _draft(request)))

    async def UpdateActivity(self, request: pb.UpdateActivityRequest, _: Call) -> pb.Activity:
        changes = _changes(request)
        return await self._change(
            request, lambda unit: commands.update_activity(unit, request.id, request.etag, changes)
        )

    async def PublishActivity(self, request: pb.PublishActivityRequest, _: Call) -> pb.Activity:
        return await self._change(
            request, lambda unit: commands.publish_activity(unit, request.id, request.etag)
        )

    async def CloseActivity(self, request: pb.CloseActivityRequest, _: Call) -> pb.Activity:
        return await self._change(
            request, lambda unit: commands.close_activity(unit, request.id, request.etag)
        )

    async def CancelActivity(self, request: pb.CancelActivityRequest, _: Call) -> pb.Activity:
        return await self._change(
            request,
            lambda unit: commands.cancel_activity(unit, request.id, request.etag, request.reason),
        )

    async def ConfirmEvidence(self, request: pb.ConfirmEvidenceRequest, _: Call) -> pb.Activity:
        files = self._evidence.claim(request.evidence)
        return await self._change(
            request,
            lambda unit: commands.confirm_evidence(unit, request.id, request.etag, request.note, files),
        )

    async def ArchiveActivity(self, request: pb.ArchiveActivityRequest, _: Call) -> pb.Activity:
        return await self._change(
            request, lambda unit: commands.archive_activity(unit, request.id, request.etag)
        )

    async def GetActivity(self, request: pb.GetActivityRequest, _: Call) -> pb.Activity:
        manages = await self._manages(request.tenant)

        async def work(reader: Reader) -> pb.Activity:
            row = await queries.get_activity(reader, request.id, manages=manages)
            found = to_activity(row, manages=manages)
            found.evidence.extend(self._evidence.shown(row.evidence))
            if (line := await queries.my_enrolment(reader, request.id)) is not None:
                position = await queries.position(reader, line)
                found.my_enrolment.CopyFrom(to_enrolment(line, row, position))
            return found

        return await self._units.query(work)

    async def ListActivities(self, request: pb.ListActivitiesRequest, _: Call) -> pb.ListActivitiesResponse:
        size = page_size(request.page_size)
        manages = await self._manages(request.tenant)

        async def work(reader: Reader) -> pb.ListActivitiesResponse:
            rows = await queries.list_activities(
                reader,
                states=[STATE.word(state) for state in request.states if state],
                kind=KIND.word(request.kind),
                station=STATION.word(request.station),
                from_time=to_moment(request.from_time) if request.HasField("from_time") else None,
                to_time=to_moment(request.to_time) if request.HasField("to_time") else None,
                latest_first=request.latest_first,
                manages=manages,
                size=size,
                after=self._pages.decode(request),
            )
            return pb.ListActivitiesResponse(
                activities=[to_activity(row, manages=manages) for row in rows[:size]],
                next_page_token=self._next(
                    request, rows, size, lambda row: [row.starts_at.isoformat(), row.id]
                ),
            )

        return await self._units.query(work)

    async def GetCalendarFeed(self, request: pb.GetCalendarFeedRequest, _: Call) -> HttpBody:
        async def work(reader: Reader) -> HttpBody:
            kind = KIND.word(request.kind)
            rows = await queries.feed(reader, kind, reader.now - FEED_SINCE)
            name = await queries.tenant_name(reader)
            return HttpBody(content_type=MEDIA_TYPE, data=to_feed(rows, name, reader.now))

        return await self._units.query(work)

    async def ListMyEnrolments(
        self, request: pb.ListMyEnrolmentsRequest, _: Call
    ) -> pb.ListMyEnrolmentsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListMyEnrolmentsResponse:
            rows = await queries.list_my_enrolments(reader, size, self._pages.decode(request))
            return pb.ListMyEnrolmentsResponse(
                enrolments=[
                    to_enrolment(row, row, await queries.position(reader, row)) for row in rows[:size]
                ],
                next_page_token=self._next(request, rows, size, lambda row: [row.id]),
            )

        return await self._units.query(work)

    async def ListEnrolments(self, request: pb.ListEnrolmentsRequest, _: Call) -> pb.ListEnrolmentsResponse:
        size = page_size(request.page_size)
        states = [SEAT.word(state) for state in request.states if state]

        async def work(reader: Reader) -> pb.ListEnrolmentsResponse:
            row = await queries.get_activity(reader, request.id, manages=True)
            after = self._pages.decode(request)
            lines = await queries.list_enrolments(reader, request.id, states, size, after)
            return pb.ListEnrolmentsResponse(
                enrolments=[
                    to_enrolment(line, row, await queries.position(reader, line)) for line in lines[:size]
                ],
                next_page_token=self._next(request, lines, size, lambda line: [line.no]),
            )

        return await self._units.query(work)

    async def Enrol(self, request: pb.EnrolRequest, _: Call) -> pb.Enrolment:
        return await self._seat(request, lambda unit: commands.enrol(unit, request.id, request.enterprise_id))

    async def CancelEnrolment(self, request: pb.CancelEnrolmentRequest, _: Call) -> pb.Enrolment:
        return await self._seat(request, lambda unit: commands.leave(unit, request.id))

    async def ExcuseEnrolment(self, request: pb.ExcuseEnrolmentRequest, _: Call) -> pb.Enrolment:
        return await self._seat(request, lambda unit: commands.excuse(unit, request.id, request.enrolment))

    async def CheckIn(self, request: pb.CheckInRequest, _: Call) -> pb.Enrolment:
        enrolment = request.enrolment or self._passes.read(
            "pass", request.tenant, request.id, request.token, system_now()
        )
        return await self._seat(
            request, lambda unit: commands.check_in(unit, request.id, enrolment_id=enrolment)
        )

    async def CheckInMyself(self, request: pb.CheckInMyselfRequest, _: Call) -> pb.Enrolment:
        self._passes.read("door", request.tenant, request.id, request.token, system_now())
        account = current().caller.account_id
        return await self._seat(request, lambda unit: commands.check_in(unit, request.id, account=account))

    async def GetPass(self, request: pb.GetPassRequest, _: Call) -> pb.Pass:
        async def work(reader: Reader) -> pb.Pass:
            line = await queries.my_place(reader, request.id)
            return self._pass("pass", request.tenant, request.id, line.id)

        return await self._units.query(work)

    async def GetDoorCode(self, request: pb.GetDoorCodeRequest, _: Call) -> pb.Pass:
        async def work(reader: Reader) -> pb.Pass:
            row = await queries.get_activity(reader, request.id, manages=True)
            return self._pass("door", request.tenant, row.id, row.id)

        return await self._units.query(work)

    async def _manages(self, tenant_id: str) -> bool:
        return await self._holds(current().caller.account_id, tenant_id, "calendar.manage")

    async def _change(self, request: Any, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Activity:
        async def work(unit: UnitOfWork) -> pb.Activity:
            row = await verb(unit)
            changed = to_activity(row, manages=True)
            changed.evidence.extend(self._evidence.shown(row.evidence))
            return changed

        return await self._units.command(request, pb.Activity, work)

    async def _seat(
        self, request: Any, verb: Callable[[UnitOfWork], Awaitable[tuple[Row, Row]]]
    ) -> pb.Enrolment:
        async def work(unit: UnitOfWork) -> pb.Enrolment:
            row, line = await verb(unit)
            return to_enrolment(line, row, await queries.position(unit, line))

        return await self._units.command(request, pb.Enrolment, work)

    def _pass(self, kind: Kind, tenant_id: str, activity_id: str, subject: str) -> pb.Pass:
        token, expires = self._passes.make(kind, tenant_id, activity_id, subject, system_now())
        shown = pb.Pass(token=token, svg=picture(token))
        shown.expire_time.FromDatetime(expires)
        return shown

    def _next(self, request: Any, rows: Any, size: int, key: Callable[[Row], list[Any]]) -> str:
        return self._pages.encode(request, key(rows[size - 1])) if len(rows) > size else ""


def _draft(request: pb.CreateActivityRequest) -> NewActivity:
    starts_at = to_moment(request.start_time)
    until = request.enrol_until_time
    return NewActivity(
        title=request.title,
        kind=KIND.word(request.kind),
        affairs=AFFAIRS.word(request.affairs),
        station=STATION.word(request.station),
        summary=request.summary,
        hosts=[HOST.word(host) for host in request.hosts],
        audience=[AUDIENCE.word(group) for group in request.audience],
        brand=request.brand,
        business_link=request.business_link,
        floor=request.floor,
        place=request.place,
        starts_at=starts_at,
        ends_at=to_moment(request.end_time),
        enrol_until=to_moment(until) if request.HasField("enrol_until_time") else starts_at,
        capacity=request.capacity,
        synthetic=request.synthetic,
    )


def _changes(request: pb.UpdateActivityRequest) -> Changes:
    given = {field.name: value for field, value in request.ListFields()}
    columns = {name: given[name] for name in _WORDS if name in given}
    moments = {name: to_moment(given[name]) for name in _MOMENTS if name in given}
    return Changes(
        columns | {_MOMENTS[name]: moment for name, moment in moments.items()}, (*columns, *moments)
    )


def to_activity(row: Row, *, manages: bool) -> pb.Activity:
    """A row as its message; evidence is added where a single activity is read.

    Verbs are for those who manage activities and for the one who made this one.
    """
    acts = manages or row.created_by == current().caller.account_id
    return pb.Activity(
        id=row.id,
        etag=str(row.version),
        title=row.title,
        kind=KIND.number(row.kind),
        station=STATION.number(row.station),
        affairs=AFFAIRS.number(row.affairs),
        state=STATE.number(row.state),
        summary=row.summary,
        hosts=[HOST.number(host) for host in row.hosts],
        audience=[AUDIENCE.number(group) for group in row.audience],
        brand=row.brand,
        business_link=row.business_link,
        floor=row.floor,
        place=row.place,
        start_time=row.starts_at,
        end_time=row.ends_at,
        enrol_until_time=row.enrol_until,
        capacity=row.capacity,
        enrolled=row.enrolled,
        waiting=row.waiting,
        attended=row.attended,
        evidence_note=row.evidence_note,
        cancel_reason=row.cancel_reason,
        created_by=row.created_by,
        confirmed_by=row.confirmed_by,
        verbs=verbs(State(row.state)) if acts else [],
        correlation_id=row.correlation_id,
        synthetic=row.synthetic,
        create_time=row.created_at,
        publish_time=row.published_at,
        confirm_time=row.confirmed_at,
        update_time=row.updated_at,
    )


def to_enrolment(line: Row, row: Row, position: int) -> pb.Enrolment:
    """An enrolment with what its activity says; `row` is anything that has the activity's columns."""
    return pb.Enrolment(
        id=line.id,
        activity_id=line.activity_id,
        account=line.account,
        enterprise_id=line.enterprise_id,
        state=SEAT.number(line.state),
        position=position,
        cancel_cause=CAUSE.number(line.cancel_cause),
        title=row.title,
        start_time=row.starts_at,
        end_time=row.ends_at,
        place=row.place,
        create_time=line.created_at,
        check_in_time=line.checked_in_at,
    )
