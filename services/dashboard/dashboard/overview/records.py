"""The records behind a figure: identifiers, so that each number can be drilled down to what it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, literal, not_, null, select, true

from chassis.statements import Row
from chassis.units import Reader
from dashboard.overview.queries import a, d, minutes, n, response_due, t, within
from dashboard.overview.rules import Indicator, Range
from dashboard.overview.scopes import Scope
from dashboard.overview.tables import activities, attendances, demands, items, tickets

_EVERY: Final = true()
_NONE: Final = null()
_REQUESTS: Final = literal("requests")
_CALENDAR: Final = literal("calendar")
_NO_NUMBER: Final = literal("")


@dataclass(frozen=True, slots=True)
class Behind:
    """Where a figure's records lie: among which it counts, which are counted, and what is measured."""

    table: Table
    among: ColumnElement[bool]
    start: Any
    counted: ColumnElement[bool] = _EVERY
    value: Any = _NONE
    capability: Any = _REQUESTS
    number: Any = _NO_NUMBER
    id: Any = None


def behind(code: Indicator, covered: Range, now: datetime) -> Behind:
    """The records of an indicator."""
    opened = within(t.opened_at, covered)
    match code:
        case Indicator.ACTIVITIES_HELD:
            return Behind(activities, within(a.started_at, covered), a.started_at, capability=_CALENDAR)
        case Indicator.ATTENDANCE:
            return _attendance(within(n.started_at, covered), n.attended)
        case Indicator.PERSONS_ATTENDED:
            return _attendance(and_(within(n.started_at, covered), n.attended), true())
        case Indicator.FIRST_RESPONSE_MEDIAN | Indicator.FIRST_RESPONSE_P90:
            response = minutes(t.accepted_at, t.opened_at)
            return _ticket(opened, t.accepted_at.is_not(None), t.opened_at, response)
        case Indicator.FIRST_RESPONSE_IN_TIME:
            in_time = and_(t.accepted_at.is_not(None), t.in_time.is_(True))
            response = minutes(t.accepted_at, t.opened_at)
            return _ticket(and_(opened, response_due(now)), in_time, t.opened_at, response)
        case Indicator.CLOSURE | Indicator.CLOSURE_MEDIAN:
            duration = minutes(t.closed_at, t.opened_at)
            return _ticket(opened, t.closed_at.is_not(None), t.opened_at, duration)
        case Indicator.REOPENING:
            return _ticket(within(t.first_closed_at, covered), t.reopened > 0, t.first_closed_at)
        case Indicator.SATISFACTION:
            rated = and_(within(t.closed_at, covered), t.rating > 0)
            return _ticket(rated, true(), t.closed_at, t.rating)
        case Indicator.RATING_COVERAGE:
            confirmed = and_(within(t.closed_at, covered), t.automatically.is_(False))
            return _ticket(confirmed, t.rating > 0, t.closed_at)
        case Indicator.AFFAIRS_VOLUME:
            asked = within(d.opened_at, covered)
            return Behind(demands, asked, d.opened_at, capability=d.capability, id=d.subject_id)
        case Indicator.LIVE_ITEMS:
            live = items.c.live
            return Behind(items, live, items.c.changed_at, capability=literal("catalogue"))


def _ticket(
    among: ColumnElement[bool], counted: ColumnElement[bool], start: Any, value: Any = _NONE
) -> Behind:
    return Behind(tickets, among, start, counted, value, number=t.number)


def _attendance(among: ColumnElement[bool], counted: ColumnElement[bool]) -> Behind:
    return Behind(attendances, among, n.started_at, counted, capability=_CALENDAR)


async def list_records(
    reader: Reader,
    scope: Scope,
    covered: Range,
    code: Indicator,
    *,
    numerator: bool | None,
    of_tenant: str,
    affairs: int,
    size: int,
    after: Sequence[Any] | None,
) -> Sequence[Row]:
    """A page of records, newest first. `numerator` False lists what the numerator misses; None lists all."""
    source = behind(code, covered, reader.now)
    columns = source.table.c
    record_id = columns.id if source.id is None else source.id
    statement = select(
        record_id.label("id"),
        columns.tenant_id,
        source.capability.label("capability"),
        source.number.label("number"),
        columns.get("affairs", literal(0)).label("affairs"),
        columns.get("station", literal(0)).label("station"),
        source.value.label("value"),
        source.start.label("start"),
        source.counted.label("counted"),
    ).where(scope.covers(source.table), source.among)
    if numerator is not None:
        statement = statement.where(source.counted if numerator else not_(source.counted))
    if of_tenant:
        statement = statement.where(columns.tenant_id == of_tenant)
    if affairs and "affairs" in columns:
        statement = statement.where(columns.affairs == affairs)
    if after is not None:
        statement = statement.where(record_id < after[0])
    return await reader.fetch(statement.order_by(record_id.desc()).limit(size + 1))
