"""Teams and duties over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from typing import Any

from grpc.aio import ServicerContext

from chassis import days
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import teams_pb2 as pb
from louyu.membership.v1.teams_pb2_grpc import TeamsServiceServicer
from membership.people import People
from membership.teams import commands, duties, queries, views
from membership.teams.events import STATE
from membership.teams.rules import Parts

_Call = ServicerContext[Any, Any]
_PERIOD_DAYS = 30


class Teams(TeamsServiceServicer):
    """Serves louyu.membership.v1.TeamsService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def FormTeam(self, request: pb.FormTeamRequest, context: _Call) -> pb.WorkTeam:
        names = {one: await self._people.display(request.tenant, one) for one in request.person_ids}
        return await self._team(
            request, lambda unit: commands.form(unit, request.name, names, synthetic=request.synthetic)
        )

    async def DissolveTeam(self, request: pb.DissolveTeamRequest, context: _Call) -> pb.WorkTeam:
        return await self._team(request, lambda unit: commands.dissolve(unit, request.id))

    async def JoinTeam(self, request: pb.JoinTeamRequest, context: _Call) -> pb.WorkTeam:
        display = await self._people.display(request.tenant, request.person_id)
        return await self._team(
            request,
            lambda unit: commands.join(unit, request.id, request.person_id, display, leads=request.leads),
        )

    async def LeaveTeam(self, request: pb.LeaveTeamRequest, context: _Call) -> pb.WorkTeam:
        return await self._team(request, lambda unit: commands.leave(unit, request.id, request.person_id))

    async def _team(self, request: Any, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.WorkTeam:
        async def work(unit: UnitOfWork) -> pb.WorkTeam:
            return await views.team(unit, await verb(unit))

        return await self._units.command(request, pb.WorkTeam, work)

    async def ListTeams(self, request: pb.ListTeamsRequest, context: _Call) -> pb.ListTeamsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListTeamsResponse:
            rows = await queries.page(reader, self._pages.decode(request), size)
            last = rows[size - 1] if len(rows) > size else None
            more = self._pages.encode(request, [last.name, last.id]) if last else ""
            found = await views.board(reader, rows[:size], request.days or _PERIOD_DAYS)
            return pb.ListTeamsResponse(teams=found, next_page_token=more)

        return await self._units.query(work)

    async def AssignDuty(self, request: pb.AssignDutyRequest, context: _Call) -> pb.JobDuty:
        parts = Parts(request.lead, request.executor, request.supervisor)
        due = days.required("due_date", request.due_date)
        people = (parts.lead, parts.executor, parts.supervisor)
        names = {one: await self._people.display(request.tenant, one) for one in dict.fromkeys(people)}
        wanted = duties.Wanted(
            title=request.title,
            team_id=request.team_id,
            parts=parts,
            names=names,
            due_on=due,
            synthetic=request.synthetic,
        )
        return await self._duty(request, lambda unit: duties.assign(unit, wanted))

    async def FinishDuty(self, request: pb.FinishDutyRequest, context: _Call) -> pb.JobDuty:
        return await self._duty(request, lambda unit: duties.finish(unit, request.id))

    async def ConfirmDuty(self, request: pb.ConfirmDutyRequest, context: _Call) -> pb.JobDuty:
        return await self._duty(request, lambda unit: duties.confirm(unit, request.id))

    async def ReturnDuty(self, request: pb.ReturnDutyRequest, context: _Call) -> pb.JobDuty:
        return await self._duty(request, lambda unit: duties.send_back(unit, request.id, request.reason))

    async def CancelDuty(self, request: pb.CancelDutyRequest, context: _Call) -> pb.JobDuty:
        return await self._duty(request, lambda unit: duties.cancel(unit, request.id))

    async def _duty(self, request: Any, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.JobDuty:
        async def work(unit: UnitOfWork) -> pb.JobDuty:
            return views.duty(unit, await verb(unit))

        return await self._units.command(request, pb.JobDuty, work)

    async def ListDuties(self, request: pb.ListDutiesRequest, context: _Call) -> pb.ListDutiesResponse:
        return await self._list(request, STATE.word(request.state), request.team_id, own=False)

    async def ListMyDuties(self, request: pb.ListMyDutiesRequest, context: _Call) -> pb.ListDutiesResponse:
        return await self._list(request, "", "", own=True)

    async def _list(
        self, request: pb.ListDutiesRequest | pb.ListMyDutiesRequest, state: str, team_id: str, *, own: bool
    ) -> pb.ListDutiesResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListDutiesResponse:
            after = self._pages.decode(request)
            rows = await queries.duty_page(
                reader, state=state, team_id=team_id, own=own, after=after, size=size
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = [views.duty(reader, row) for row in rows[:size]]
            return pb.ListDutiesResponse(duties=found, next_page_token=more)

        return await self._units.query(work)
