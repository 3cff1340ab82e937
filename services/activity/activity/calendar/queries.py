"""Reading the calendar."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, func, literal, select, tuple_

from activity.calendar.access import visible
from activity.calendar.rules import Seat, State
from activity.calendar.tables import activities as a
from activity.calendar.tables import enrolments as e
from chassis import tables
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader

FEED_LIMIT: Final = 500
_MINE: Final = (*e.c, a.c.title, a.c.starts_at, a.c.ends_at, a.c.place)


async def get_activity(reader: Reader, activity_id: str, *, manages: bool) -> Row:
    """One activity."""
    row = await reader.first(
        select(a).where(
            a.c.tenant_id == reader.tenant_id, a.c.id == activity_id, visible(reader.context, manages=manages)
        )
    )
    if row is None:
        raise NotFound("ACTIVITY_NOT_FOUND")
    return row


async def tenant_name(reader: Reader) -> str:
    """The building's name in the caller's language."""
    t = tables.tenants
    column = t.c.name_en if reader.context.locale == "en" else t.c.name_zh
    return str(await reader.scalar(select(column).where(t.c.tenant_id == reader.tenant_id)) or "")


async def list_activities(
    reader: Reader,
    *,
    states: Sequence[str],
    kind: str,
    station: str,
    from_time: datetime | None,
    to_time: datetime | None,
    latest_first: bool,
    manages: bool,
    size: int,
    after: Sequence[Any] | None,
) -> Sequence[Row]:
    """A page by start time; one row more than asked tells that there is a next page."""
    statement = select(a).where(a.c.tenant_id == reader.tenant_id, visible(reader.context, manages=manages))
    if states:
        statement = statement.where(a.c.state.in_(states))
    if kind:
        statement = statement.where(a.c.kind == kind)
    if station:
        statement = statement.where(a.c.station == station)
    if from_time is not None:
        statement = statement.where(a.c.ends_at > from_time)
    if to_time is not None:
        statement = statement.where(a.c.starts_at < to_time)
    return await reader.fetch(_page(statement, latest_first, size, after))


def _page(statement: Select[Any], latest_first: bool, size: int, after: Sequence[Any] | None) -> Select[Any]:
    order = tuple_(a.c.starts_at, a.c.id)
    if after is not None:
        last = tuple_(
            literal(datetime.fromisoformat(after[0]), a.c.starts_at.type), literal(after[1], a.c.id.type)
        )
        statement = statement.where(order < last if latest_first else order > last)
    columns = (a.c.starts_at.desc(), a.c.id.desc()) if latest_first else (a.c.starts_at, a.c.id)
    return statement.order_by(*columns).limit(size + 1)


async def feed(reader: Reader, kind: str, since: datetime) -> Sequence[Row]:
    """What a calendar on a phone shows: everything published from `since` on."""
    statement = select(a).where(
        a.c.tenant_id == reader.tenant_id, a.c.state != State.DRAFT, a.c.starts_at >= since
    )
    if kind:
        statement = statement.where(a.c.kind == kind)
    return await reader.fetch(statement.order_by(a.c.starts_at, a.c.id).limit(FEED_LIMIT))


async def my_enrolment(reader: Reader, activity_id: str) -> Row | None:
    """The caller's enrolment in an activity."""
    return await reader.first(
        select(e).where(
            e.c.tenant_id == reader.tenant_id,
            e.c.activity_id == activity_id,
            e.c.account == reader.context.caller.account_id,
            e.c.state != Seat.CANCELLED,
        )
    )


async def my_place(reader: Reader, activity_id: str) -> Row:
    """The caller's enrolment where it holds a place; NOT_ENROLLED otherwise."""
    line = await my_enrolment(reader, activity_id)
    if line is None or line.state not in (Seat.ENROLLED, Seat.CHECKED_IN):
        raise NotFound("NOT_ENROLLED")
    return line


async def list_my_enrolments(reader: Reader, size: int, after: Sequence[Any] | None) -> Sequence[Row]:
    """The caller's enrolments with their activities, the newest first."""
    statement = (
        select(*_MINE)
        .join(a, and_(a.c.tenant_id == e.c.tenant_id, a.c.id == e.c.activity_id))
        .where(e.c.tenant_id == reader.tenant_id, e.c.account == reader.context.caller.account_id)
    )
    if after is not None:
        statement = statement.where(e.c.id < after[0])
    return await reader.fetch(statement.order_by(e.c.id.desc()).limit(size + 1))


async def list_enrolments(
    reader: Reader, activity_id: str, states: Sequence[str], size: int, after: Sequence[Any] | None
) -> Sequence[Row]:
    """The attendance sheet, in the order people enrolled."""
    statement = select(e).where(e.c.tenant_id == reader.tenant_id, e.c.activity_id == activity_id)
    if states:
        statement = statement.where(e.c.state.in_(states))
    if after is not None:
        statement = statement.where(e.c.no > int(after[0]))
    return await reader.fetch(statement.order_by(e.c.no).limit(size + 1))


async def position(reader: Reader, line: Row) -> int:
    """The place of an enrolment on the wait list, from 1; 0 when it does not wait."""
    if line.state != Seat.WAITING:
        return 0
    ahead = await reader.scalar(
        select(func.count()).where(
            e.c.tenant_id == line.tenant_id,
            e.c.activity_id == line.activity_id,
            e.c.state == Seat.WAITING,
            e.c.no <= line.no,
        )
    )
    return int(ahead)
