"""Satisfaction over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.clocks import timestamp
from chassis.context import current
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.ticket.v1 import satisfaction_pb2 as pb
from louyu.ticket.v1.satisfaction_pb2_grpc import SatisfactionServiceServicer
from ticket.opinions import queries as opinions
from ticket.satisfaction import commands, queries, rules
from ticket.satisfaction.events import STATE, WAVE
from ticket.satisfaction.rules import State

_Call = ServicerContext[Any, Any]
_Verb = Callable[[UnitOfWork], Awaitable[Row]]


class Satisfaction(SatisfactionServiceServicer):
    """Serves louyu.ticket.v1.SatisfactionService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def _do(self, request: Message, verb: _Verb) -> pb.Survey:
        async def work(unit: UnitOfWork) -> pb.Survey:
            return (await _shown(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.Survey, work)

    async def CreateSurvey(self, request: pb.CreateSurveyRequest, context: _Call) -> pb.Survey:
        draft = commands.Draft(
            title=request.title,
            about=request.about,
            dimensions=[{"name_zh": one.name_zh, "name_en": one.name_en} for one in request.dimensions],
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.create(unit, draft))

    async def OpenWave(self, request: pb.OpenWaveRequest, context: _Call) -> pb.Survey:
        return await self._do(request, lambda unit: commands.open_wave(unit, request.id, request.etag))

    async def CloseWave(self, request: pb.CloseWaveRequest, context: _Call) -> pb.Survey:
        return await self._do(request, lambda unit: commands.close_wave(unit, request.id, request.etag))

    async def AnswerSurvey(self, request: pb.AnswerSurveyRequest, context: _Call) -> pb.Survey:
        async def work(unit: UnitOfWork) -> pb.Survey:
            return (await _shown(unit, [await commands.answer(unit, request.id, request.scores)]))[0]

        # Not a `command`: to recognise a repetition, that keeps a digest of the request under the account's
        # name, from which so short an answer could be guessed. Here the participation refuses a second one.
        return await self._units.run(current(), work)

    async def GetSurvey(self, request: pb.GetSurveyRequest, context: _Call) -> pb.Survey:
        async def work(reader: Reader) -> pb.Survey:
            return (await _shown(reader, [await queries.survey(reader, request.id)]))[0]

        return await self._units.query(work)

    async def ListSurveys(self, request: pb.ListSurveysRequest, context: _Call) -> pb.ListSurveysResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListSurveysResponse:
            rows = await queries.page(reader, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            return pb.ListSurveysResponse(surveys=await _shown(reader, rows[:size]), next_page_token=more)

        return await self._units.query(work)


async def _shown(reader: Reader, rows: Sequence[Row]) -> list[pb.Survey]:
    """Surveys with what may be told of their closed waves."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    answered, sums = await queries.answered(reader, ids), await queries.sums(reader, ids)
    threshold = (await opinions.SETTINGS.current(reader)).answer_threshold
    runs = queries.runs(reader.context)
    shown = []
    for row in rows:
        state = State(row.state)
        done = (row.id, rules.ASKS.get(state, "")) in answered
        results = [
            _result(wave, rules.result(sums.get((row.id, wave), ()), threshold), threshold, row)
            for wave in rules.CLOSED.get(state, ())
        ]
        shown.append(_survey(row, done, rules.verbs(state, runs=runs, answered=done), results))
    return shown


def _survey(row: Row, answered: bool, verbs: Sequence[str], results: Sequence[pb.WaveResult]) -> pb.Survey:
    return pb.Survey(
        id=row.id,
        etag=str(row.version),
        title=row.title,
        about=row.about,
        dimensions=[pb.Dimension(**one) for one in row.dimensions],
        state=STATE.number(row.state),
        answered=answered,
        results=results,
        verbs=verbs,
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
    )


def _result(wave: rules.Wave, result: rules.Result, threshold: int, row: Row) -> pb.WaveResult:
    return pb.WaveResult(
        wave=WAVE.number(wave),
        answers=result.answers,
        hidden=result.means is None,
        threshold=threshold,
        means=result.means or (),
        close_time=timestamp(row[f"{wave}_closed_at"]),
    )
