"""Counting facts. Everything is recomputed from the rows of the scope and period."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import array

from chassis import tables as chassis_tables
from chassis.days import ZONE
from chassis.statements import Row
from chassis.units import Reader
from dashboard.overview.figures import Counts
from dashboard.overview.rules import Range, Step
from dashboard.overview.scopes import BUILDINGS, Scope
from dashboard.overview.tables import activities, attendances, demands, items, sources, tickets

t, d, a, n = tickets.c, demands.c, activities.c, attendances.c
_ALL: Final = ""
K = TypeVar("K", int, str)
_Select = Select[*tuple[Any, ...]]


def minutes(later: Any, earlier: Any) -> Any:
    return func.extract("epoch", later - earlier) / 60.0


def response_due(now: datetime) -> ColumnElement[bool]:
    """Answered, or promised for a time that has passed; one that ended before counts only if answered."""
    late = t.opened_at + func.make_interval(0, 0, 0, 0, 0, t.promised_minutes) < now
    return or_(t.accepted_at.is_not(None), and_(t.ended == "", late))


async def counts(
    reader: Reader, scope: Scope, covered: Range, *, by_tenant: bool = False
) -> Mapping[str, Counts]:
    """What was counted, under the empty key for the whole scope, or by tenant."""
    found: dict[str, Counts] = defaultdict(Counts)
    if not by_tenant:
        found[_ALL] = Counts()

    async def rows(statement: _Select, tenant: Any) -> Sequence[tuple[Counts, Row]]:
        grouped = statement.add_columns(tenant.label("tenant")).group_by(tenant) if by_tenant else statement
        fetched = await reader.fetch(grouped)
        return [(found[row.tenant if by_tenant else _ALL], row) for row in fetched]

    for into, row in await rows(_cohort(scope, covered, reader.now), t.tenant_id):
        into.opened, into.closed_of_opened, into.answered = row.opened, row.closed, row.answered
        into.response_median, into.response_p90 = row.responses or (None, None)
        into.response_due, into.response_in_time = row.due, row.in_time
        into.closure_median = row.closure_median
    for into, row in await rows(_reopening(scope, covered), t.tenant_id):
        into.first_closed, into.reopened = row.closed, row.reopened
    for into, row in await rows(_ratings(scope, covered), t.tenant_id):
        into.rated, into.rating_sum = row.rated, row.total or 0
        into.confirmed, into.confirmed_rated = row.confirmed, row.confirmed_rated
    for into, row in await rows(_attendance(scope, covered), n.tenant_id):
        into.enrolled, into.attended, into.persons = row.enrolled, row.attended, row.persons
    for into, row in await rows(_held(scope, covered), a.tenant_id):
        into.held += row.many
        into.held_by_kind = _added(into.held_by_kind, row.kind, row.many)
        if row.station:
            into.held_by_station = _added(into.held_by_station, row.station, row.many)
        if row.brand:
            into.held_by_brand = _added(into.held_by_brand, row.brand, row.many)
        for group in row.audience:
            into.held_by_audience = _added(into.held_by_audience, group, row.many)
    for into, row in await rows(_demands(scope, covered).group_by(d.affairs), d.tenant_id):
        into.demands_by_affairs = _added(into.demands_by_affairs, row.affairs, row.many)
    for into, row in await rows(_items(scope).group_by(items.c.affairs), items.c.tenant_id):
        into.live_items += row.many
        into.items_by_affairs = _added(into.items_by_affairs, row.affairs, row.many)
    return found


def _added(counted: Mapping[K, int], key: K, count: int) -> dict[K, int]:
    return {**counted, key: counted.get(key, 0) + count}


def within(moment: Any, covered: Range) -> ColumnElement[bool]:
    return and_(moment >= covered.start, moment < covered.end)


def _cohort(scope: Scope, covered: Range, now: datetime) -> _Select:
    answered, closed = t.accepted_at.is_not(None), t.closed_at.is_not(None)
    response = minutes(t.accepted_at, t.opened_at)
    due = response_due(now)
    return select(
        func.count().label("opened"),
        func.count().filter(closed).label("closed"),
        func.count().filter(answered).label("answered"),
        # Both percentiles from one sort of the responses.
        func.percentile_cont(array([0.5, 0.9])).within_group(response).filter(answered).label("responses"),
        func.count().filter(due).label("due"),
        func.count().filter(answered, t.in_time).label("in_time"),
        func.percentile_cont(0.5)
        .within_group(minutes(t.closed_at, t.opened_at))
        .filter(closed)
        .label("closure_median"),
    ).where(scope.covers(tickets), within(t.opened_at, covered))


def _reopening(scope: Scope, covered: Range) -> _Select:
    return select(func.count().label("closed"), func.count().filter(t.reopened > 0).label("reopened")).where(
        scope.covers(tickets), within(t.first_closed_at, covered)
    )


def _ratings(scope: Scope, covered: Range) -> _Select:
    by_requester = t.automatically.is_(False)
    return select(
        func.count().filter(t.rating > 0).label("rated"),
        func.sum(t.rating).label("total"),
        func.count().filter(by_requester).label("confirmed"),
        func.count().filter(by_requester, t.rating > 0).label("confirmed_rated"),
    ).where(scope.covers(tickets), within(t.closed_at, covered))


def _attendance(scope: Scope, covered: Range) -> _Select:
    return select(
        func.count().label("enrolled"),
        func.count().filter(n.attended).label("attended"),
        func.count(n.person_id.distinct()).filter(n.attended).label("persons"),
    ).where(scope.covers(attendances), within(n.started_at, covered))


def _held(scope: Scope, covered: Range) -> _Select:
    by = (a.kind, a.station, a.brand, a.audience)
    counted = select(*by, func.count().label("many")).group_by(*by)
    return counted.where(scope.covers(activities), within(a.started_at, covered))


def _demands(scope: Scope, covered: Range) -> _Select:
    return select(d.affairs, func.count().label("many")).where(
        scope.covers(demands), within(d.opened_at, covered)
    )


def _items(scope: Scope) -> _Select:
    return select(items.c.affairs, func.count().label("many")).where(scope.covers(items), items.c.live)


async def trend(reader: Reader, scope: Scope, covered: Range, step: Step) -> dict[str, dict[datetime, int]]:
    """How many were opened, closed and held per step that has any."""
    found: dict[str, dict[datetime, int]] = {}
    for name, table, moment in (
        ("opened", tickets, t.opened_at),
        ("closed", tickets, t.closed_at),
        ("held", activities, a.started_at),
    ):
        start = func.date_trunc(step.value, moment, str(ZONE)).label("start")
        rows = await reader.fetch(
            select(start, func.count().label("many"))
            .where(scope.covers(table), within(moment, covered))
            .group_by(start)
        )
        found[name] = {row.start: row.many for row in rows}
    return found


async def tenant_names(reader: Reader, scope: Scope) -> Mapping[str, str]:
    """The tenants to compare, with their names in the caller's language."""
    tenants = chassis_tables.tenants
    name = tenants.c.name_en if reader.context.locale == "en" else tenants.c.name_zh
    statement = select(tenants.c.tenant_id, name.label("name"))
    if scope.tenants:
        statement = statement.where(tenants.c.tenant_id.in_(scope.tenants))
    return {
        row.tenant_id: row.name for row in await reader.fetch(statement.where(tenants.c.kind.in_(BUILDINGS)))
    }


async def freshness(reader: Reader) -> Sequence[Row]:
    """How far each source has been applied."""
    return await reader.fetch(select(sources).order_by(sources.c.source))


async def parked(reader: Reader) -> Mapping[str, int]:
    """How many events of each consumer are put aside."""
    letters = chassis_tables.dead_letters
    rows = await reader.fetch(
        select(letters.c.consumer, func.count().label("many")).group_by(letters.c.consumer)
    )
    return {row.consumer: row.many for row in rows}
