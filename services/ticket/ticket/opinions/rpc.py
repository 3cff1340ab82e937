"""Opinions over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.context import current
from chassis.days import parse
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import opinions_pb2 as pb
from louyu.ticket.v1.opinions_pb2_grpc import OpinionsServiceServicer
from ticket.opinions import access, campaigns, commands, queries, rules, themes
from ticket.opinions.events import CAMPAIGN_STATE, KIND, RESPONDENT, SOURCE, STATE, THEME
from ticket.opinions.replies import to_campaign, to_report, to_settings, to_step, to_suggestion
from ticket.opinions.settings import SETTINGS

_Call = ServicerContext[Any, Any]
_Verb = Callable[[UnitOfWork], Awaitable[Row]]


class Opinions(OpinionsServiceServicer):
    """Serves louyu.ticket.v1.OpinionsService."""

    def __init__(
        self, units: Units, pages: PageTokens, may_handle: commands.MayHandle, voice_key: bytes
    ) -> None:
        self._units = units
        self._pages = pages
        self._may_handle = may_handle
        self._voice_key = voice_key

    async def _do(self, request: Message, verb: _Verb) -> pb.Suggestion:
        async def work(unit: UnitOfWork) -> pb.Suggestion:
            return to_suggestion(await verb(unit), access.actor(unit.context))

        return await self._units.command(request, pb.Suggestion, work)

    async def CreateSuggestion(self, request: pb.CreateSuggestionRequest, context: _Call) -> pb.Suggestion:
        words = _words(request)
        theme = themes.Theme(THEME.word(request.theme)) if request.theme else None
        # What is kept of a request, to answer a repetition, does not speak of the theme either.
        kept = pb.CreateSuggestionRequest()
        kept.CopyFrom(request)
        kept.ClearField("theme")
        return await self._do(
            kept,
            lambda unit: commands.create(
                unit, words, anonymous=request.anonymous, theme=theme, key=self._voice_key
            ),
        )

    async def RecordSuggestion(self, request: pb.RecordSuggestionRequest, context: _Call) -> pb.Suggestion:
        words = _words(request)
        return await self._do(request, lambda unit: commands.record(unit, words, request.respondent))

    async def GetSuggestion(self, request: pb.GetSuggestionRequest, context: _Call) -> pb.Suggestion:
        async def work(reader: Reader) -> pb.Suggestion:
            row = await queries.suggestion(reader, request.id)
            return to_suggestion(row, access.actor(reader.context))

        return await self._units.query(work)

    async def ListSuggestions(
        self, request: pb.ListSuggestionsRequest, context: _Call
    ) -> pb.ListSuggestionsResponse:
        size = page_size(request.page_size)
        narrowed = queries.Filter(
            states=tuple(STATE.word(state) for state in request.states),
            campaign_id=request.campaign_id,
            source=SOURCE.word(request.source),
            respondent_class=RESPONDENT.word(request.respondent_class),
            assignee=request.assignee,
            author=current().caller.account_id if request.mine else "",
            number=request.number,
        )

        async def work(reader: Reader) -> pb.ListSuggestionsResponse:
            rows = await queries.page(reader, narrowed, self._pages.decode(request), size)
            viewer = access.actor(reader.context)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListSuggestionsResponse(
                suggestions=[to_suggestion(row, viewer) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def ListSuggestionSteps(
        self, request: pb.ListSuggestionStepsRequest, context: _Call
    ) -> pb.ListSuggestionStepsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListSuggestionStepsResponse:
            suggestion = await queries.suggestion(reader, request.id)
            rows = await queries.history(reader, suggestion, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListSuggestionStepsResponse(
                steps=[to_step(row) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def AssignSuggestion(self, request: pb.AssignSuggestionRequest, context: _Call) -> pb.Suggestion:
        return await self._do(
            request,
            lambda unit: commands.assign(unit, request.id, request.etag, request.assignee, self._may_handle),
        )

    async def AdoptSuggestion(self, request: pb.AdoptSuggestionRequest, context: _Call) -> pb.Suggestion:
        return await self._do(
            request, lambda unit: commands.adopt(unit, request.id, request.etag, request.decision)
        )

    async def ExplainSuggestion(self, request: pb.ExplainSuggestionRequest, context: _Call) -> pb.Suggestion:
        return await self._do(
            request, lambda unit: commands.explain(unit, request.id, request.etag, request.reason)
        )

    async def LinkSuggestion(self, request: pb.LinkSuggestionRequest, context: _Call) -> pb.Suggestion:
        return await self._do(
            request,
            lambda unit: commands.link(unit, request.id, request.etag, request.ticket_id, request.action),
        )

    async def ReplySuggestion(self, request: pb.ReplySuggestionRequest, context: _Call) -> pb.Suggestion:
        return await self._do(
            request, lambda unit: commands.reply(unit, request.id, request.etag, request.reply)
        )

    async def WithdrawSuggestion(
        self, request: pb.WithdrawSuggestionRequest, context: _Call
    ) -> pb.Suggestion:
        return await self._do(request, lambda unit: commands.withdraw(unit, request.id, request.etag))

    async def _run(self, request: Message, verb: _Verb) -> pb.Campaign:
        async def work(unit: UnitOfWork) -> pb.Campaign:
            row = await verb(unit)
            progress = (await queries.progress(unit, [row.id])).get(row.id, ())
            return to_campaign(row, access.actor(unit.context), unit.now, progress)

        return await self._units.command(request, pb.Campaign, work)

    async def CreateCampaign(self, request: pb.CreateCampaignRequest, context: _Call) -> pb.Campaign:
        draft = campaigns.Draft(
            kind=rules.Kind(KIND.word(request.kind)),
            title=request.title,
            purpose=request.purpose,
            classes=tuple(RESPONDENT.word(number) for number in request.classes),
            opens_on=parse("opens_on", request.opens_on),
            closes_on=parse("closes_on", request.closes_on),
            host=request.host,
            place=request.place,
            starts_at=request.start_time.ToDatetime(tzinfo=UTC) if request.HasField("start_time") else None,
            synthetic=request.synthetic,
        )
        return await self._run(request, lambda unit: campaigns.create(unit, draft, self._may_handle))

    async def OpenCampaign(self, request: pb.OpenCampaignRequest, context: _Call) -> pb.Campaign:
        return await self._run(request, lambda unit: campaigns.begin(unit, request.id, request.etag))

    async def CloseCampaign(self, request: pb.CloseCampaignRequest, context: _Call) -> pb.Campaign:
        return await self._run(request, lambda unit: campaigns.close(unit, request.id, request.etag))

    async def GetCampaign(self, request: pb.GetCampaignRequest, context: _Call) -> pb.Campaign:
        async def work(reader: Reader) -> pb.Campaign:
            row = await queries.campaign(reader, request.id)
            progress = (await queries.progress(reader, [row.id])).get(row.id, ())
            return to_campaign(row, access.actor(reader.context), reader.now, progress)

        return await self._units.query(work)

    async def ListCampaigns(
        self, request: pb.ListCampaignsRequest, context: _Call
    ) -> pb.ListCampaignsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListCampaignsResponse:
            rows = await queries.campaign_page(
                reader,
                state=CAMPAIGN_STATE.word(request.state),
                kind=KIND.word(request.kind),
                after=self._pages.decode(request),
                size=size,
            )
            viewer, shown = access.actor(reader.context), rows[:size]
            run = [row.id for row in shown if rules.runs(row, viewer)]
            progress = await queries.progress(reader, run) if run else {}
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListCampaignsResponse(
                campaigns=[to_campaign(row, viewer, reader.now, progress.get(row.id, ())) for row in shown],
                next_page_token=more,
            )

        return await self._units.query(work)

    async def GetThemeReport(self, request: pb.GetThemeReportRequest, context: _Call) -> pb.ThemeReport:
        async def work(reader: Reader) -> pb.ThemeReport:
            return to_report(request.month, await queries.theme_report(reader, request.month))

        return await self._units.query(work)

    async def GetOpinionSettings(
        self, request: pb.GetOpinionSettingsRequest, context: _Call
    ) -> pb.OpinionSettings:
        async def work(reader: Reader) -> pb.OpinionSettings:
            return to_settings(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdateOpinionSettings(
        self, request: pb.UpdateOpinionSettingsRequest, context: _Call
    ) -> pb.OpinionSettings:
        async def work(unit: UnitOfWork) -> pb.OpinionSettings:
            decided = await SETTINGS.begin(
                unit,
                request.etag,
                theme_threshold=request.theme_threshold,
                answer_threshold=request.answer_threshold,
            )
            return to_settings(decided)

        return await self._units.command(request, pb.OpinionSettings, work)


def _words(request: pb.CreateSuggestionRequest | pb.RecordSuggestionRequest) -> commands.Words:
    return commands.Words(
        respondent=rules.Respondent(RESPONDENT.word(request.respondent_class)),
        text=request.text,
        campaign_id=request.campaign_id,
        synthetic=request.synthetic,
    )
