"""Reads of satisfaction surveys."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, true

from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from ticket.satisfaction.rules import ASKS, State, Tally, Wave
from ticket.satisfaction.tables import participations, surveys, tallies


def runs(context: Context) -> bool:
    """Whether the caller runs the building's surveys."""
    return context.has("B")


def _visible(context: Context) -> ColumnElement[bool]:
    """Those who run surveys see all of them; who is asked sees those that ask, and how it ended."""
    return true() if runs(context) else surveys.c.state.in_((*ASKS, State.DONE))


async def survey(reader: Reader, survey_id: str, *, lock: bool = False) -> Row:
    """One survey the caller may see; SURVEY_NOT_FOUND for anything else. `lock` is for commands."""
    s = surveys.c
    statement = select(surveys).where(
        s.tenant_id == reader.tenant_id, s.id == survey_id, _visible(reader.context)
    )
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("SURVEY_NOT_FOUND")
    return found


async def page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Surveys the caller may see, newest first, `size` + 1 at most."""
    s = surveys.c
    statement = select(surveys).where(s.tenant_id == reader.tenant_id, _visible(reader.context))
    if after:
        statement = statement.where(s.id < after[0])
    return await reader.fetch(statement.order_by(s.id.desc()).limit(size + 1))


async def answered(reader: Reader, survey_ids: Sequence[str]) -> frozenset[tuple[str, str]]:
    """The (survey, wave) pairs of these that the caller has answered."""
    p = participations.c
    rows = await reader.fetch(
        select(p.survey_id, p.wave).where(
            p.tenant_id == reader.tenant_id,
            p.survey_id.in_(survey_ids),
            p.account == reader.context.caller.account_id,
        )
    )
    return frozenset((row.survey_id, row.wave) for row in rows)


async def sums(reader: Reader, survey_ids: Sequence[str]) -> Mapping[tuple[str, Wave], Sequence[Tally]]:
    """The tallies of these surveys by wave, in the order of their dimensions."""
    t = tallies.c
    rows = await reader.fetch(
        select(tallies)
        .where(t.tenant_id == reader.tenant_id, t.survey_id.in_(survey_ids))
        .order_by(t.survey_id, t.wave, t.place)
    )
    found: dict[tuple[str, Wave], list[Tally]] = defaultdict(list)
    for row in rows:
        found[row.survey_id, Wave(row.wave)].append(Tally(row.answers, row.points))
    return found
