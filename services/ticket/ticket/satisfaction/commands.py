"""Changes to satisfaction surveys: prepared, asked before, asked after, answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asyncpg import UniqueViolationError
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.errors import Conflict, Stale
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.satisfaction import events, queries, rules
from ticket.satisfaction.rules import State, Wave
from ticket.satisfaction.tables import participations, surveys, tallies


@dataclass(frozen=True, slots=True)
class Draft:
    """A survey as somebody prepares it."""

    title: str
    about: str
    dimensions: Sequence[Mapping[str, str]]
    synthetic: bool


async def create(unit: UnitOfWork, draft: Draft) -> Row:
    """Prepare a survey; its questions stay the same in both waves."""
    survey = unit.add(
        surveys,
        {
            **unit.fresh(synthetic=draft.synthetic),
            "title": draft.title,
            "about": draft.about,
            "dimensions": list(draft.dimensions),
            "state": State.DRAFT,
            "before_closed_at": None,
            "after_closed_at": None,
        },
    )
    unit.audit("satisfaction.survey", survey.id)
    return survey


async def open_wave(unit: UnitOfWork, survey_id: str, etag: str) -> Row:
    """Ask for the first time, or once more afterwards."""
    survey = await _take(unit, survey_id, etag)
    state = rules.after_opening(survey.state)
    survey = unit.change(surveys, survey, {"state": state})
    unit.emit(events.wave_opened(survey, rules.ASKS[state]), aggregate_id=survey.id)
    return survey


async def close_wave(unit: UnitOfWork, survey_id: str, etag: str) -> Row:
    """Ask no more; the result can be seen from now on."""
    survey = await _take(unit, survey_id, etag)
    state = rules.after_closing(survey.state)
    wave = rules.ASKS[State(survey.state)]
    survey = unit.change(surveys, survey, {"state": state, f"{wave}_closed_at": unit.now})
    unit.emit(events.wave_closed(survey, wave), aggregate_id=survey.id)
    return survey


async def answer(unit: UnitOfWork, survey_id: str, scores: Sequence[int]) -> Row:
    """Answer the wave that asks now: that one took part, and apart from that the sums. Once per account.

    NO_WAVE_OPEN, SCORES_INCOMPLETE, ALREADY_ANSWERED. No event and no audit row tells of an answer.
    """
    survey = await queries.survey(unit, survey_id, lock=True)
    wave = rules.asking(survey.state)
    rules.check_scores(scores, len(survey.dimensions))
    try:
        await unit.execute(
            insert(participations).values(
                tenant_id=unit.tenant_id,
                survey_id=survey.id,
                wave=wave,
                account=unit.context.caller.account_id,
            )
        )
    except UniqueViolationError as error:
        raise Conflict("ALREADY_ANSWERED") from error
    for place, score in enumerate(scores):
        await _count(unit, survey.id, wave, place, score)
    return survey


async def _count(unit: UnitOfWork, survey_id: str, wave: Wave, place: int, score: int) -> None:
    row = {"tenant_id": unit.tenant_id, "survey_id": survey_id, "wave": wave, "place": place}
    t = tallies.c
    await unit.execute(
        upsert(tallies)
        .values(**row, answers=1, points=score)
        .on_conflict_do_update(
            index_elements=list(row), set_={"answers": t.answers + 1, "points": t.points + score}
        )
    )


async def _take(unit: UnitOfWork, survey_id: str, etag: str) -> Row:
    survey = await queries.survey(unit, survey_id, lock=True)
    if etag != str(survey.version):
        raise Stale
    return survey
