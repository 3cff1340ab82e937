"""The registry over gRPC: parse, call, convert."""

from datetime import datetime
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import enterprises_pb2 as pb
from louyu.membership.v1.enterprises_pb2_grpc import EnterprisesServiceServicer
from membership.enterprises import commands, queries, rules
from membership.enterprises.events import BRANCH, HEADCOUNT, INDUSTRY, STATE, SUPPORT

_TEXTS: Final = (
    "name",
    "short_name",
    "credit_code",
    "floor",
    "room",
    "contact_display",
    "contact_account",
)
_WORDS: Final = {
    "industry": INDUSTRY,
    "branch": BRANCH,
    "headcount": HEADCOUNT,
    "owner_support": SUPPORT,
}


class Enterprises(EnterprisesServiceServicer):
    """Serves louyu.membership.v1.EnterprisesService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def CreateEnterprise(
        self, request: pb.CreateEnterpriseRequest, context: ServicerContext[Any, Any]
    ) -> pb.Enterprise:
        facts = rules.Facts(**_texts(request), **_words(request))

        async def work(unit: UnitOfWork) -> pb.Enterprise:
            row = await commands.register_enterprise(unit, facts, synthetic=request.synthetic)
            return to_enterprise(row)

        return await self._units.command(request, pb.Enterprise, work)

    async def UpdateEnterprise(
        self, request: pb.UpdateEnterpriseRequest, context: ServicerContext[Any, Any]
    ) -> pb.Enterprise:
        changes = {name: getattr(request, name) for name in _TEXTS if request.HasField(name)}
        if request.HasField("industry"):
            changes["industry"] = INDUSTRY.word(request.industry)

        async def work(unit: UnitOfWork) -> pb.Enterprise:
            row = await commands.update_enterprise(unit, request.id, changes, etag=request.etag)
            return to_enterprise(row)

        return await self._units.command(request, pb.Enterprise, work)

    async def RecordSurvey(
        self, request: pb.RecordSurveyRequest, context: ServicerContext[Any, Any]
    ) -> pb.Enterprise:
        answers = {
            "room": request.room,
            "contact_display": request.contact_display,
            "credit_code": request.credit_code,
            **_words(request),
        }

        async def work(unit: UnitOfWork) -> pb.Enterprise:
            row = await commands.record_survey(unit, request.id, answers, etag=request.etag)
            return to_enterprise(row)

        return await self._units.command(request, pb.Enterprise, work)

    async def MoveOutEnterprise(
        self, request: pb.MoveOutEnterpriseRequest, context: ServicerContext[Any, Any]
    ) -> pb.Enterprise:
        async def work(unit: UnitOfWork) -> pb.Enterprise:
            return to_enterprise(await commands.move_out(unit, request.id, etag=request.etag))

        return await self._units.command(request, pb.Enterprise, work)

    async def GetEnterprise(
        self, request: pb.GetEnterpriseRequest, context: ServicerContext[Any, Any]
    ) -> pb.Enterprise:
        async def work(reader: Reader) -> pb.Enterprise:
            return to_enterprise(await queries.get(reader, request.id))

        return await self._units.query(work)

    async def ListEnterprises(
        self, request: pb.ListEnterprisesRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListEnterprisesResponse:
        size = page_size(request.page_size)
        by_floor = request.order_by == pb.ENTERPRISE_ORDER_FLOOR

        async def work(reader: Reader) -> pb.ListEnterprisesResponse:
            rows = await queries.page(
                reader,
                q=request.q,
                floor=request.floor,
                industry=INDUSTRY.word(request.industry),
                state=STATE.word(request.state) or "active",
                branch=BRANCH.word(request.branch),
                surveyed=request.surveyed if request.HasField("surveyed") else None,
                order="floor" if by_floor else "name",
                after=self._pages.decode(request),
                size=size,
            )
            more = ""
            if len(rows) > size:
                last = rows[size - 1]
                height = [last.floor_order] if by_floor else []
                more = self._pages.encode(request, [*height, last.sort_key, last.id])
            found = [to_enterprise(row) for row in rows[:size]]
            return pb.ListEnterprisesResponse(enterprises=found, next_page_token=more)

        return await self._units.query(work)

    async def SummariseEnterprises(
        self, request: pb.SummariseEnterprisesRequest, context: ServicerContext[Any, Any]
    ) -> pb.EnterpriseSummary:
        async def work(reader: Reader) -> pb.EnterpriseSummary:
            return to_summary(await queries.summary(reader))

        return await self._units.query(work)


def _texts(request: pb.CreateEnterpriseRequest) -> dict[str, str]:
    return {name: getattr(request, name) for name in _TEXTS}


def _words(request: pb.CreateEnterpriseRequest | pb.RecordSurveyRequest) -> dict[str, str]:
    return {name: words.word(getattr(request, name)) for name, words in _WORDS.items()}


def to_enterprise(row: Row) -> pb.Enterprise:
    """A row as its message."""
    return pb.Enterprise(
        id=row.id,
        etag=str(row.version),
        name=row.name,
        short_name=row.short_name,
        credit_code=row.credit_code,
        industry=INDUSTRY.number(row.industry),
        floor=row.floor,
        room=row.room,
        branch=BRANCH.number(row.branch),
        headcount=HEADCOUNT.number(row.headcount),
        owner_support=SUPPORT.number(row.owner_support),
        contact_account=row.contact_account or "",
        contact_display=row.contact_display,
        state=STATE.number(row.state),
        survey_time=row.surveyed_at,
        survey_completeness=row.completeness,
        former_names=[
            pb.FormerName(name=old["name"], until_time=_moment(old["until"])) for old in row.former_names
        ],
        verbs=rules.VERBS[row.state],
        synthetic=row.synthetic,
        create_time=row.created_at,
        update_time=row.updated_at,
        move_out_time=row.moved_out_at,
    )


def _moment(text: str) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(datetime.fromisoformat(text))
    return moment


def to_summary(rows: Any) -> pb.EnterpriseSummary:
    """Counts by floor and industry, added up both ways."""
    industries: dict[str, int] = {}
    floors: dict[str, int] = {}
    for row in rows:
        industries[row.industry] = industries.get(row.industry, 0) + row.total
        floors[row.floor] = floors.get(row.floor, 0) + row.total
    return pb.EnterpriseSummary(
        total=sum(row.total for row in rows),
        surveyed=sum(row.surveyed for row in rows),
        with_branch=sum(row.with_branch for row in rows),
        industries=[
            pb.IndustryCount(industry=INDUSTRY.number(name), count=count)
            for name, count in sorted(industries.items(), key=lambda pair: -pair[1])
        ],
        floors=[pb.FloorCount(floor=floor, count=count) for floor, count in floors.items()],
    )
