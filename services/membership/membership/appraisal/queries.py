"""Reads of the appraisal: by the branch, by the member, and by the superior whom a record names."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, false, func, select, true

from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.appraisal.rubrics import Channel
from membership.appraisal.rules import ABOVE, State
from membership.appraisal.scoring import Mark
from membership.appraisal.tables import appraisals, confirmations, marks, periods

ONESELF: Final = "appraisal.use"
"""The permission that everybody of the building has, over what is their own."""


def visible(context: Context) -> ColumnElement[bool]:
    """B: every appraisal."""
    return true() if context.mode in ("job", "consumer") or context.has("B") else false()


def here(reader: Reader) -> ColumnElement[bool]:
    """The appraisals that the caller may see for the building."""
    return (appraisals.c.tenant_id == reader.tenant_id) & visible(reader.context)


def own(reader: Reader) -> ColumnElement[bool]:
    """The caller's own."""
    a = appraisals.c
    return (a.tenant_id == reader.tenant_id) & (a.person_id == (reader.context.caller.person_id or None))


def below(reader: Reader) -> ColumnElement[bool]:
    """Those of tenants below that name the caller's tenant, once there is a result or an appeal."""
    return (appraisals.c.superior_id == reader.tenant_id) & appraisals.c.state.in_(ABOVE)


async def one(reader: Reader, where: ColumnElement[bool], appraisal_id: str, *, lock: bool = False) -> Row:
    """One among those of the caller's; APPRAISAL_NOT_FOUND for any other."""
    statement = select(appraisals).where(where, appraisals.c.id == appraisal_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("APPRAISAL_NOT_FOUND")
    return found


async def page(
    reader: Reader,
    where: ColumnElement[bool],
    *,
    period_id: str = "",
    states: Iterable[str] = (),
    newest: bool = True,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Appraisals of the caller's, `size` + 1 at most."""
    a = appraisals.c
    statement = select(appraisals).where(where)
    if period_id:
        statement = statement.where(a.period_id == period_id)
    if wanted := tuple(states):
        statement = statement.where(a.state.in_(wanted))
    if after:
        statement = statement.where(a.id < after[0] if newest else a.id > after[0])
    return await reader.fetch(statement.order_by(a.id.desc() if newest else a.id).limit(size + 1))


async def period(reader: Reader, period_id: str, *, lock: bool = False) -> Row:
    """One period of the building; PERIOD_NOT_FOUND."""
    p = periods.c
    seen = p.tenant_id == reader.tenant_id, visible(reader.context)
    statement = select(periods).where(*seen, p.id == period_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("PERIOD_NOT_FOUND")
    return found


async def period_page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The building's periods, newest first, `size` + 1 at most."""
    p = periods.c
    statement = select(periods).where(p.tenant_id == reader.tenant_id, visible(reader.context))
    if after:
        statement = statement.where(p.id < after[0])
    return await reader.fetch(statement.order_by(p.id.desc()).limit(size + 1))


async def overlapping(reader: Reader, org_id: str, first: date, last: date) -> Row | None:
    """A period of an organisation that has a month in common with another."""
    p = periods.c
    return await reader.first(
        select(periods).where(
            p.tenant_id == reader.tenant_id, p.org_id == org_id, p.from_on <= last, p.until_on >= first
        )
    )


async def of_periods(reader: Reader, ids: Collection[str]) -> Mapping[str, Sequence[Row]]:
    """The appraisals of some periods that did not end without a result, by period."""
    a = appraisals.c
    found: dict[str, list[Row]] = defaultdict(list)
    statement = select(a.id, a.period_id, a.state, a.from_on, a.until_on).where(
        a.tenant_id == reader.tenant_id, a.period_id.in_(ids), a.state != State.ENDED
    )
    for row in await reader.fetch(statement) if ids else ():
        found[row.period_id].append(row)
    return found


async def months_assessed(reader: Reader, ids: Collection[str]) -> Mapping[tuple[str, date], int]:
    """How many targets of some periods' appraisals were assessed in a month, by appraisal and month."""
    a, m = appraisals.c, marks.c
    counted = (
        select(m.appraisal_id, m.month_on, func.count(m.target.distinct()).label("targets"))
        .join(appraisals, (a.tenant_id == m.tenant_id) & (a.id == m.appraisal_id))
        .where(m.tenant_id == reader.tenant_id, m.channel == Channel.MONTHLY, a.period_id.in_(ids))
        .group_by(m.appraisal_id, m.month_on)
    )
    found = await reader.fetch(counted) if ids else ()
    return {(row.appraisal_id, row.month_on): row.targets for row in found}


async def marks_of(reader: Reader, ids: Collection[str]) -> Mapping[str, Sequence[Mark]]:
    """Every mark of some appraisals, oldest first."""
    m = marks.c
    statement = select(m.appraisal_id, m.target, m.channel, m.month_on, m.score, m.late).where(
        m.tenant_id == reader.tenant_id, m.appraisal_id.in_(ids)
    )
    found: dict[str, list[Mark]] = defaultdict(list)
    for row in await reader.fetch(statement.order_by(m.id)) if ids else ():
        found[row.appraisal_id].append(
            Mark(row.target, Channel(row.channel), row.month_on, row.score, row.late)
        )
    return found


async def mark_page(
    reader: Reader, appraisal_id: str, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """The marks of an appraisal, newest first, each with whether it counts: a later one corrects an earlier.
    `size` + 1 at most."""
    m = marks.c
    later = func.lead(m.id).over(partition_by=(m.target, m.channel, m.month_on), order_by=m.id)
    every = (
        select(m.id, m.target, m.channel, m.month_on, m.score, m.reference, m.late, m.created_at)
        .add_columns(later.is_(None).label("counts"))
        .where(m.tenant_id == reader.tenant_id, m.appraisal_id == appraisal_id)
        .subquery()
    )
    statement = select(every)
    if after:
        statement = statement.where(every.c.id < after[0])
    return await reader.fetch(statement.order_by(every.c.id.desc()).limit(size + 1))


async def confirmed(reader: Reader, rows: Collection[Row]) -> Mapping[str, Mapping[str, Row]]:
    """What was confirmed, by appraisal and target, the heaviest first."""
    c = confirmations.c
    tenants, ids = {row.tenant_id for row in rows}, {row.id for row in rows}
    found: dict[str, dict[str, Row]] = defaultdict(dict)
    statement = select(confirmations).where(c.tenant_id.in_(tenants), c.appraisal_id.in_(ids))
    for row in await reader.fetch(statement.order_by(c.weight.desc(), c.target)) if ids else ():
        found[row.appraisal_id][row.target] = row
    return found


async def with_stars(reader: Reader, people: Collection[str]) -> Sequence[Row]:
    """The final appraisals of some people that had a result, the latest first."""
    a = appraisals.c
    statement = select(a.id, a.person_id, a.until_on, a.stars).where(
        a.tenant_id == reader.tenant_id,
        a.person_id.in_(people),
        a.state == State.FINAL,
        a.stars.is_not(None),
    )
    return await reader.fetch(statement.order_by(a.until_on.desc(), a.id.desc())) if people else ()
