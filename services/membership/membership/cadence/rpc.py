"""The cadence over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext
from sqlalchemy import ColumnElement

from chassis import days
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import cadence_pb2 as pb
from louyu.membership.v1.cadence_pb2_grpc import CadenceServiceServicer
from membership.cadence import commands, queries, views
from membership.cadence.events import ACTIVITY, EVIDENCE, PERIOD, SCOPE, STATE
from membership.cadence.periods import Length
from membership.cadence.rules import Evidence, Rule, Scope
from membership.cadence.settings import SETTINGS

_Call = ServicerContext[Any, Any]


class Cadence(CadenceServiceServicer):
    """Serves louyu.membership.v1.CadenceService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def GetCadenceBoard(self, request: pb.GetCadenceBoardRequest, context: _Call) -> pb.CadenceBoard:
        return await self._units.query(views.board)

    async def SetObligationRule(
        self, request: pb.SetObligationRuleRequest, context: _Call
    ) -> pb.ObligationRule:
        wanted = _wanted(request)
        return await self._rule(
            request,
            lambda unit: commands.set_rule(
                unit, request.code, request.etag, wanted, request.from_date, synthetic=request.synthetic
            ),
        )

    async def EndObligationRule(
        self, request: pb.EndObligationRuleRequest, context: _Call
    ) -> pb.ObligationRule:
        return await self._rule(request, lambda unit: commands.end_rule(unit, request.code, request.etag))

    async def _rule(
        self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]
    ) -> pb.ObligationRule:
        async def work(unit: UnitOfWork) -> pb.ObligationRule:
            return await views.rule(unit, await verb(unit))

        return await self._units.command(request, pb.ObligationRule, work)

    async def ListObligations(
        self, request: pb.ListObligationsRequest, context: _Call
    ) -> pb.ListObligationsResponse:
        return await self._list(
            request,
            queries.here,
            code=request.code,
            state=STATE.word(request.state),
            kind=EVIDENCE.word(request.evidence),
            overdue=request.overdue,
            on=days.parse("on_date", request.on_date),
        )

    async def ListObligationsBelow(
        self, request: pb.ListObligationsBelowRequest, context: _Call
    ) -> pb.ListObligationsResponse:
        return await self._list(request, queries.below, overdue=request.overdue)

    async def _list(
        self,
        request: pb.ListObligationsRequest | pb.ListObligationsBelowRequest,
        where: Callable[[Reader], ColumnElement[bool]],
        **filters: Any,
    ) -> pb.ListObligationsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListObligationsResponse:
            after = self._pages.decode(request)
            rows = await queries.page(reader, where(reader), after=after, size=size, **filters)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            places = await queries.places(reader, rows[:size])
            found = [views.obligation(reader, row, places) for row in rows[:size]]
            return pb.ListObligationsResponse(obligations=found, next_page_token=more)

        return await self._units.query(work)

    async def GetObligation(self, request: pb.GetObligationRequest, context: _Call) -> pb.Obligation:
        async def work(reader: Reader) -> pb.Obligation:
            return views.obligation(reader, await queries.obligation(reader, request.id))

        return await self._units.query(work)

    async def AttestObligation(self, request: pb.AttestObligationRequest, context: _Call) -> pb.Obligation:
        async def work(unit: UnitOfWork) -> pb.Obligation:
            row = await commands.attest(
                unit, request.id, request.happened_date, request.reference, request.activity_id
            )
            return views.obligation(unit, row)

        return await self._units.command(request, pb.Obligation, work)

    async def WaiveObligation(self, request: pb.WaiveObligationRequest, context: _Call) -> pb.Obligation:
        async def work(unit: UnitOfWork) -> pb.Obligation:
            row = await commands.waive(unit, request.id, request.etag, request.reason)
            return views.obligation(unit, row, await queries.places(unit, [row]))

        return await self._units.command(request, pb.Obligation, work)

    async def GetCadenceSettings(
        self, request: pb.GetCadenceSettingsRequest, context: _Call
    ) -> pb.CadenceSettings:
        async def work(reader: Reader) -> pb.CadenceSettings:
            return views.settings(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdateCadenceSettings(
        self, request: pb.UpdateCadenceSettingsRequest, context: _Call
    ) -> pb.CadenceSettings:
        decided = {
            "remind_days": request.remind_days,
            "group_days": request.group_days,
            "secretary_days": request.secretary_days,
            "superior_days": request.superior_days,
            "desk": request.desk,
            "days_off": _days("days_off", request.days_off),
            "days_worked": _days("days_worked", request.days_worked),
        }

        async def work(unit: UnitOfWork) -> pb.CadenceSettings:
            return views.settings(await commands.set_figures(unit, request.etag, **decided))

        return await self._units.command(request, pb.CadenceSettings, work)


def _wanted(request: pb.SetObligationRuleRequest) -> Rule:
    return Rule(
        title_zh=request.title_zh,
        title_en=request.title_en,
        scope=Scope(SCOPE.word(request.scope)),
        period=Length(PERIOD.word(request.period)),
        evidence=Evidence(EVIDENCE.word(request.evidence)),
        activity_kind=ACTIVITY.word(request.activity_kind),
        due_days=request.due_days,
        grace_days=request.grace_days,
        unannounced=request.unannounced,
    )


def _days(field: str, texts: Sequence[str]) -> list[date]:
    found = {days.parse(field, text) for text in texts}
    return sorted(day for day in found if day is not None)
