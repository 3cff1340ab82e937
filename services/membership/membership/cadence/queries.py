"""Reads of the cadence: rules and their versions, the board, obligations here and below."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, select, true

from chassis import days
from chassis import tables as chassis_tables
from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.cadence.periods import Length
from membership.cadence.rules import UNMET, Evidence, Level, Rule, Scope, State
from membership.cadence.tables import evidence, obligations, rules, versions

_SHOWN_DAYS = 400
_SHOWN_PERIODS = 12

LESSONS = ("org_life", "education")
"""The kinds of activities of which one may be a lesson."""


def visible(context: Context) -> ColumnElement[bool]:
    """B and those above: all of them · F: those of the own floors, and nothing that is still to come
    unannounced."""
    o = obligations.c
    if context.mode in ("job", "consumer") or context.has("BDST"):
        return true()
    bound = context.ids("F")
    hidden = and_(o.unannounced, o.state == State.OPEN)
    return and_(o.floor.in_(bound), ~hidden) if bound else false()


def rule_of(version: Row) -> Rule:
    """A version as the rules see it."""
    return Rule(
        title_zh=version.title_zh,
        title_en=version.title_en,
        scope=Scope(version.scope),
        period=Length(version.period),
        evidence=Evidence(version.evidence),
        activity_kind=version.activity_kind,
        due_days=version.due_days,
        grace_days=version.grace_days,
        unannounced=version.unannounced,
    )


async def rule(reader: Reader, code: str) -> Row | None:
    """A rule that the building has configured once, locked; None where it never did."""
    r = rules.c
    return await reader.first(
        select(rules).where(r.tenant_id == reader.tenant_id, r.code == code).with_for_update()
    )


async def next_day(reader: Reader, rule_id: str) -> date:
    """The first day that belongs to no period of a rule yet; it has not ended."""
    r = rules.c
    found: date = await reader.scalar(
        select(r.next_on).where(r.tenant_id == reader.tenant_id, r.id == rule_id)
    )
    return found


async def last_day(reader: Reader, rule_id: str) -> date | None:
    """The last day of the last period of a rule for which somebody was bound."""
    o = obligations.c
    last = select(func.max(o.until_on)).where(o.tenant_id == reader.tenant_id, o.rule_id == rule_id)
    found: date | None = await reader.scalar(last)
    return found


async def every(reader: Reader) -> Sequence[Row]:
    """Every rule that the building ever configured, by code; those that ended have no next period."""
    r = rules.c
    return await reader.fetch(select(rules).where(r.tenant_id == reader.tenant_id).order_by(r.code))


async def waiting(reader: Reader, today: date) -> Sequence[Row]:
    """The rules of which a period may have begun, locked."""
    r = rules.c
    behind = select(rules).where(r.tenant_id == reader.tenant_id, r.next_on <= today)
    return await reader.fetch(behind.order_by(r.id).with_for_update())


async def versions_of(reader: Reader, found: Collection[str]) -> Mapping[str, Sequence[Row]]:
    """All versions of some rules, oldest first."""
    v = versions.c
    known = select(versions).where(v.tenant_id == reader.tenant_id, v.rule_id.in_(found))
    by_rule: dict[str, list[Row]] = defaultdict(list)
    for row in await reader.fetch(known.order_by(v.rule_id, v.number)):
        by_rule[row.rule_id].append(row)
    return by_rule


async def recent(reader: Reader) -> Mapping[str, Sequence[Row]]:
    """By rule, its last periods and how many obligations of each are in which state, newest first."""
    o = obligations.c
    today = days.day_of(reader.now)

    def count(*states: State) -> Any:
        return func.count().filter(o.state.in_(states))

    per_period = (
        select(
            o.rule_id,
            o.start_on,
            func.max(o.until_on).label("until_on"),
            func.max(o.due_on).label("due_on"),
            func.count().label("total"),
            *(count(state).label(str(state)) for state in State),
            func.count().filter(o.attested).label("attested"),
            func.count().filter(and_(o.state.in_(UNMET), o.due_on < today)).label("overdue"),
            func.row_number().over(partition_by=o.rule_id, order_by=o.start_on.desc()).label("back"),
        )
        .where(
            o.tenant_id == reader.tenant_id,
            visible(reader.context),
            o.start_on > today - timedelta(days=_SHOWN_DAYS),
        )
        .group_by(o.rule_id, o.start_on)
        .subquery()
    )
    last = select(per_period).where(per_period.c.back <= _SHOWN_PERIODS)
    by_rule: dict[str, list[Row]] = defaultdict(list)
    for row in await reader.fetch(last.order_by(per_period.c.rule_id, per_period.c.start_on.desc())):
        by_rule[row.rule_id].append(row)
    return by_rule


async def obligation(reader: Reader, obligation_id: str, *, lock: bool = False) -> Row:
    """One of the building's that the caller may see; OBLIGATION_NOT_FOUND."""
    here = (obligations.c.tenant_id == reader.tenant_id) & visible(reader.context)
    return await one(reader, here, obligation_id, lock=lock)


async def one(reader: Reader, where: ColumnElement[bool], obligation_id: str, *, lock: bool = False) -> Row:
    """One among those of the caller's; OBLIGATION_NOT_FOUND for any other."""
    statement = select(obligations).where(where, obligations.c.id == obligation_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("OBLIGATION_NOT_FOUND")
    return found


def here(reader: Reader) -> ColumnElement[bool]:
    """The building's obligations that the caller may see."""
    return (obligations.c.tenant_id == reader.tenant_id) & visible(reader.context)


def named(reader: Reader) -> ColumnElement[bool]:
    """The obligations of tenants below that name the caller's tenant."""
    return obligations.c.superior_id == reader.tenant_id


def below(reader: Reader) -> ColumnElement[bool]:
    """What tenants below owe, of which the caller's tenant may let go."""
    return named(reader) & obligations.c.state.in_(UNMET)


async def page(
    reader: Reader,
    where: ColumnElement[bool],
    *,
    code: str = "",
    state: str = "",
    kind: str = "",
    overdue: bool = False,
    on: date | None = None,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Obligations of the caller's, newest first, `size` + 1 at most."""
    o = obligations.c
    statement = select(obligations).where(where)
    for column, value in ((o.code, code), (o.state, state), (o.evidence, kind)):
        if value:
            statement = statement.where(column == value)
    if overdue:
        statement = statement.where(o.state.in_(UNMET), o.due_on < days.day_of(reader.now))
    if on is not None:
        statement = statement.where(o.start_on <= on, o.until_on >= on)
    if after:
        statement = statement.where(o.id < after[0])
    return await reader.fetch(statement.order_by(o.id.desc()).limit(size + 1))


async def places(reader: Reader, rows: Collection[Row]) -> Mapping[str, str]:
    """Names of the tenants that owe something, as the local list knows them."""
    t = chassis_tables.tenants.c
    wanted = {row.tenant_id for row in rows}
    found = await reader.fetch(select(t.tenant_id, t.name_zh).where(t.tenant_id.in_(wanted)))
    return {row.tenant_id: row.name_zh for row in found}


async def activity_held(reader: Reader, activity_id: str) -> Row:
    """An activity that was held with people there and may have been a lesson; ACTIVITY_NOT_HELD for any
    other."""
    e = evidence.c
    held = select(evidence).where(
        e.tenant_id == reader.tenant_id,
        e.kind == Evidence.ACTIVITY,
        e.id == activity_id,
        e.activity_kind.in_(LESSONS),
    )
    found = await reader.first(held)
    if found is None:
        raise NotFound("ACTIVITY_NOT_HELD")
    return found


async def to_report(reader: Reader, obligation_id: str) -> Row | None:
    """One that the caller may see, where a report fulfils it and none has; OBLIGATION_NOT_FOUND for any that
    the caller may not see."""
    row = await obligation(reader, obligation_id)
    return row if row.evidence == Evidence.REPORT and row.state in UNMET else None


async def on_record(
    reader: Reader,
    first: date,
    last: date,
    *,
    floor: str = "",
    areas: Collection[str] | None = None,
    sites: Collection[str] | None = None,
) -> Mapping[str, int]:
    """What is on record between two days: contacts and on how many days, activities of the building,
    inspections, and what became of the obligations of periods that ended. With a floor, its areas and its
    sites only of those."""
    contacts, contact_days = await _recorded(reader, Evidence.CONTACT, first, last, areas)
    activities, _ = await _recorded(reader, Evidence.ACTIVITY, first, last)
    inspections, _ = await _recorded(reader, Evidence.INSPECTION, first, last, sites)
    states = await _outcomes(reader, first, last, floor)
    return {
        "contacts": contacts,
        "contact_days": contact_days,
        "activities": activities,
        "inspections": inspections,
        "met": states.get(State.FULFILLED, 0),
        "late": states.get(State.LATE, 0),
        "missed": states.get(State.MISSED, 0),
    }


async def _recorded(
    reader: Reader, kind: Evidence, first: date, last: date, subjects: Collection[str] | None = None
) -> tuple[int, int]:
    e = evidence.c
    statement = select(
        func.count().label("records"), func.count(e.happened_on.distinct()).label("days")
    ).where(e.tenant_id == reader.tenant_id, e.kind == kind, e.counts, e.happened_on.between(first, last))
    if subjects is not None:
        statement = statement.where(e.subject_id.in_(subjects))
    found = await reader.one(statement)
    return found.records, found.days


async def _outcomes(reader: Reader, first: date, last: date, floor: str) -> Mapping[State, int]:
    o = obligations.c
    statement = select(o.state, func.count().label("count")).where(
        o.tenant_id == reader.tenant_id, o.until_on.between(first, last)
    )
    if floor:
        statement = statement.where(o.floor == floor)
    return {State(row.state): row.count for row in await reader.fetch(statement.group_by(o.state))}


async def unmet(reader: Reader, until: date) -> Sequence[Row]:
    """What is not fulfilled and due by a day, of those who have not taken it up again since; `goes_on` says
    that the period before was not met either."""
    o, later, before = obligations.c, obligations.alias("later").c, obligations.alias("before").c
    taken_up = (
        select(later.id)
        .where(
            later.tenant_id == o.tenant_id,
            later.rule_id == o.rule_id,
            later.subject_id == o.subject_id,
            later.start_on > o.start_on,
            later.state.not_in(UNMET),
        )
        .exists()
    )
    state_before = (
        select(before.state)
        .where(
            before.tenant_id == o.tenant_id,
            before.rule_id == o.rule_id,
            before.subject_id == o.subject_id,
            before.start_on < o.start_on,
        )
        .order_by(before.start_on.desc())
        .limit(1)
        .scalar_subquery()
    )
    known = select(obligations, func.coalesce(state_before.in_(UNMET), false()).label("goes_on")).where(
        o.tenant_id == reader.tenant_id,
        o.state.in_(UNMET),
        o.due_on <= until,
        o.level < Level.SUPERIOR,
        ~taken_up,
    )
    return await reader.fetch(known.order_by(o.id))


async def still_unmet(reader: Reader, found: Collection[str]) -> set[str]:
    """Those among some obligations that are not fulfilled, locked."""
    o = obligations.c
    known = select(o.id).where(o.tenant_id == reader.tenant_id, o.id.in_(found), o.state.in_(UNMET))
    return {row.id for row in await reader.fetch(known.order_by(o.id).with_for_update())}
