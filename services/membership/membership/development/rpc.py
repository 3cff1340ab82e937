"""Development over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from google.protobuf.message import Message
from grpc.aio import ServicerContext
from sqlalchemy import ColumnElement

from chassis.context import current
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import development_pb2 as pb
from louyu.membership.v1.development_pb2_grpc import DevelopmentServiceServicer
from membership.development import commands, queries, views
from membership.development.commands import Wish
from membership.development.course import Named, Said
from membership.development.events import BY, ENDING, OUTCOME, STAGE, STATE
from membership.development.plans import FIGURES
from membership.development.rules import WAITING
from membership.development.settings import SETTINGS
from membership.people import People

_Call = ServicerContext[Any, Any]
_REMINDERS: Final = ("remind_days", "superior_days")


class Development(DevelopmentServiceServicer):
    """Serves louyu.membership.v1.DevelopmentService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def _do(
        self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]
    ) -> pb.DevelopmentApplication:
        async def work(unit: UnitOfWork) -> pb.DevelopmentApplication:
            return (await views.shown(unit, [await verb(unit)], whole=True))[0]

        return await self._units.command(request, pb.DevelopmentApplication, work)

    async def _named(self, tenant: str, ids: Iterable[str]) -> Sequence[Named]:
        return [Named(one, await self._people.display(tenant, one)) for one in ids]

    async def ApplyMyself(self, request: pb.ApplyMyselfRequest, context: _Call) -> pb.DevelopmentApplication:
        caller = current().caller
        wish = Wish(
            person_id=caller.person_id,
            account=caller.account_id,
            display=await self._people.own_display(caller.account_id),
            org_id=request.org_id,
            applied_on="",
            document_no="",
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.apply(unit, wish))

    async def RecordApplication(
        self, request: pb.RecordApplicationRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        wish = Wish(
            person_id=request.person_id,
            account=await self._people.account(request.person_id),
            display=await self._people.display(request.tenant, request.person_id),
            org_id=request.org_id,
            applied_on=request.applied_on,
            document_no=request.document_no,
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.record(unit, wish))

    async def ConfirmMyApplication(
        self, request: pb.ConfirmMyApplicationRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        return await self._do(request, lambda unit: commands.confirm(unit, request.id))

    async def DenyMyApplication(
        self, request: pb.DenyMyApplicationRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        return await self._do(request, lambda unit: commands.deny(unit, request.id))

    async def WithdrawMyApplication(
        self, request: pb.WithdrawMyApplicationRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        return await self._do(request, lambda unit: commands.withdraw(unit, request.id))

    async def SubmitMyStep(
        self, request: pb.SubmitMyStepRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        said = Said(request.step, request.done_on)
        return await self._do(request, lambda unit: commands.submit(unit, request.id, said))

    async def CompleteStep(
        self, request: pb.CompleteStepRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        people = await self._named(request.tenant, request.people)
        said = Said(request.step, request.done_on, request.document_no, people, request.hours)
        return await self._do(request, lambda unit: commands.complete(unit, request.id, request.etag, said))

    async def RecordReview(
        self, request: pb.RecordReviewRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        outcome = OUTCOME.word(request.outcome)
        return await self._do(
            request, lambda unit: commands.review(unit, request.id, request.etag, request.held_on, outcome)
        )

    async def NameMentors(self, request: pb.NameMentorsRequest, context: _Call) -> pb.DevelopmentApplication:
        people = await self._named(request.tenant, request.people)
        return await self._do(
            request, lambda unit: commands.name_mentors(unit, request.id, request.etag, people)
        )

    async def ExtendProbation(
        self, request: pb.ExtendProbationRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        return await self._do(
            request,
            lambda unit: commands.extend(unit, request.id, request.etag, request.months, request.document_no),
        )

    async def EndApplication(
        self, request: pb.EndApplicationRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        ending = ENDING.word(request.ending)
        return await self._do(request, lambda unit: commands.end(unit, request.id, request.etag, ending))

    async def ApproveStep(self, request: pb.ApproveStepRequest, context: _Call) -> pb.DevelopmentApplication:
        said = Said(request.step, request.done_on, request.document_no)
        return await self._do(request, lambda unit: commands.approve(unit, request.id, request.etag, said))

    async def RejectApplication(
        self, request: pb.RejectApplicationRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        return await self._do(request, lambda unit: commands.reject(unit, request.id, request.etag))

    async def _one(
        self, where: Callable[[Reader], ColumnElement[bool]], application_id: str
    ) -> pb.DevelopmentApplication:
        async def work(reader: Reader) -> pb.DevelopmentApplication:
            row = await queries.one(reader, where(reader), application_id)
            return (await views.shown(reader, [row], whole=True))[0]

        return await self._units.query(work)

    async def GetDevelopmentApplication(
        self, request: pb.GetDevelopmentApplicationRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        return await self._one(queries.here, request.id)

    async def GetDevelopmentApplicationBelow(
        self, request: pb.GetDevelopmentApplicationBelowRequest, context: _Call
    ) -> pb.DevelopmentApplication:
        return await self._one(queries.below, request.id)

    async def ListDevelopmentApplications(
        self, request: pb.ListDevelopmentApplicationsRequest, context: _Call
    ) -> pb.ListDevelopmentApplicationsResponse:
        found, more = await self._page(
            request,
            queries.here,
            states=[STATE.word(state) for state in request.states if state] or WAITING,
            only={"stage": STAGE.word(request.stage), "next_by": BY.word(request.by)},
            overdue=request.overdue,
        )
        return pb.ListDevelopmentApplicationsResponse(applications=found, next_page_token=more)

    async def ListDevelopmentApplicationsBelow(
        self, request: pb.ListDevelopmentApplicationsBelowRequest, context: _Call
    ) -> pb.ListDevelopmentApplicationsBelowResponse:
        found, more = await self._page(request, lambda reader: queries.below(reader) & queries.at_superior())
        return pb.ListDevelopmentApplicationsBelowResponse(applications=found, next_page_token=more)

    async def _page(
        self,
        request: pb.ListDevelopmentApplicationsRequest | pb.ListDevelopmentApplicationsBelowRequest,
        where: Callable[[Reader], ColumnElement[bool]],
        **filters: Any,
    ) -> tuple[Sequence[pb.DevelopmentApplication], str]:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> tuple[Sequence[pb.DevelopmentApplication], str]:
            after = self._pages.decode(request)
            rows = await queries.page(reader, where(reader), after=after, size=size, **filters)
            last = rows[size - 1] if len(rows) > size else None
            more = self._pages.encode(request, [last.deadline, last.id]) if last else ""
            return await views.shown(reader, rows[:size]), more

        return await self._units.query(work)

    async def ListMyDevelopmentApplications(
        self, request: pb.ListMyDevelopmentApplicationsRequest, context: _Call
    ) -> pb.ListMyDevelopmentApplicationsResponse:
        async def work(reader: Reader) -> pb.ListMyDevelopmentApplicationsResponse:
            found = await views.shown(reader, await queries.all_mine(reader), whole=True)
            return pb.ListMyDevelopmentApplicationsResponse(applications=found)

        return await self._units.query(work)

    async def ListMyMentees(
        self, request: pb.ListMyMenteesRequest, context: _Call
    ) -> pb.ListMyMenteesResponse:
        return await self._units.query(views.mentees)

    async def GetDevelopmentBoard(
        self, request: pb.GetDevelopmentBoardRequest, context: _Call
    ) -> pb.DevelopmentBoard:
        return await self._units.query(views.board)

    async def GetDevelopmentSettings(
        self, request: pb.GetDevelopmentSettingsRequest, context: _Call
    ) -> pb.DevelopmentSettings:
        async def work(reader: Reader) -> pb.DevelopmentSettings:
            return views.figures(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdateDevelopmentSettings(
        self, request: pb.UpdateDevelopmentSettingsRequest, context: _Call
    ) -> pb.DevelopmentSettings:
        figures = {one.code: _given(one, FIGURES) for one in request.steps}
        reminders = _given(request, _REMINDERS)

        async def work(unit: UnitOfWork) -> pb.DevelopmentSettings:
            await commands.set_figures(unit, request.etag, figures, **reminders)
            return views.figures(await SETTINGS.current(unit))

        return await self._units.command(request, pb.DevelopmentSettings, work)


def _given(said: Message, names: Iterable[str]) -> dict[str, int]:
    """The figures that were set."""
    return {name: getattr(said, name) for name in names if said.HasField(name)}
