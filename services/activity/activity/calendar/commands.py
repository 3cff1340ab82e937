"""What people and time do to the calendar. Every command locks its activity first, so that places are
given away one at a time; the caller commits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select, update

from activity.calendar import events, rules
from activity.calendar.access import check_manages, check_manages_row
from activity.calendar.rules import Cause, Places, Seat, State, Times
from activity.calendar.tables import activities as a
from activity.calendar.tables import enrolments as e
from chassis.errors import Conflict, NotFound, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewActivity:
    """What is known of an activity when it is drafted."""

    title: str
    kind: str
    affairs: str
    starts_at: datetime
    ends_at: datetime
    enrol_until: datetime
    capacity: int
    station: str = ""
    summary: str = ""
    hosts: Sequence[str] = ()
    audience: Sequence[str] = ()
    brand: str = ""
    business_link: str = ""
    floor: str = ""
    place: str = ""
    synthetic: bool = False


async def create_activity(unit: UnitOfWork, new: NewActivity) -> Row:
    """Draft an activity."""
    proposes = "" if unit.context.has("F") else unit.context.caller.account_id
    check_manages(unit.context, new.floor, proposes)
    Times(new.enrol_until, new.starts_at, new.ends_at).check()
    activity_id = new_id()
    values = {name: getattr(new, name) for name in NewActivity.__dataclass_fields__}
    row = await _returning(
        unit,
        insert(a).values(
            tenant_id=unit.tenant_id,
            id=activity_id,
            **values | {"hosts": list(new.hosts), "audience": list(new.audience)},
            state=State.DRAFT,
            correlation_id=unit.context.correlation_id or activity_id,
            made_by_person=unit.context.caller.person_id,
            created_by=unit.context.caller.account_id,
            created_at=unit.now,
            updated_at=unit.now,
        ),
        a,
    )
    unit.audit("calendar.create", activity_id, kind=new.kind)
    return row


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to change: columns with their new values, and the names the caller used for them."""

    columns: dict[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


async def update_activity(unit: UnitOfWork, activity_id: str, etag: str, changes: Changes) -> Row:
    """Change an activity; added places go to the wait list at once."""
    row = await _lock(unit, activity_id, etag)
    merged = dict(row) | changes.columns
    rules.check_changes(
        State(row.state),
        changes.fields,
        before=times(row),
        after=Times(merged["enrol_until"], merged["starts_at"], merged["ends_at"]),
        capacity_before=row.capacity,
        capacity_after=merged["capacity"],
    )
    places = Places(row.capacity, row.enrolled, row.waiting).widen(merged["capacity"])
    places = await _move_up(unit, row, places)
    return await _change(unit, row, **changes.columns, **_counts(places))


async def publish_activity(unit: UnitOfWork, activity_id: str, etag: str = "") -> Row:
    """Open the enrolment."""
    row = await _lock(unit, activity_id, etag)
    state = rules.move(State(row.state), "publish")
    rules.check_publishable(times(row), unit.now)
    row = await _change(unit, row, state=state, published_at=unit.now)
    events.published(unit, row)
    unit.audit("calendar.publish", activity_id)
    return row


async def close_activity(unit: UnitOfWork, activity_id: str, etag: str = "") -> Row:
    """End the enrolment before its time."""
    row = await _lock(unit, activity_id, etag)
    row = await _change(unit, row, state=rules.move(State(row.state), "close"))
    events.moved(unit, row)
    return row


async def cancel_activity(unit: UnitOfWork, activity_id: str, etag: str, reason: str) -> Row:
    """Call an activity off and tell everyone who has a place or waits for one."""
    row = await _lock(unit, activity_id, etag)
    state = rules.move(State(row.state), "cancel")
    await _cancel_all(unit, row, (Seat.ENROLLED, Seat.WAITING, Seat.EXCUSED, Seat.CHECKED_IN), Cause.ACTIVITY)
    row = await _change(unit, row, state=state, cancel_reason=reason, enrolled=0, waiting=0)
    events.cancelled(unit, row)
    unit.audit("calendar.cancel", activity_id)
    return row


async def confirm_evidence(
    unit: UnitOfWork, activity_id: str, etag: str, note: str, evidence: Sequence[dict[str, Any]]
) -> Row:
    """The activity took place: settle every enrolment, and tell those who count."""
    row = await _lock(unit, activity_id, etag)
    state = rules.move(State(row.state), "confirm-evidence")
    rules.check_confirmer(row.made_by_person, unit.context.caller.person_id)
    settled: list[Row] = []
    for seat in rules.TO_SETTLE:
        settled += await unit.fetch(
            update(e)
            .where(e.c.tenant_id == unit.tenant_id, e.c.activity_id == activity_id, e.c.state == seat)
            .values(state=rules.settle(seat), updated_at=unit.now)
            .returning(e)
        )
    there = [line for line in settled if line.state == Seat.ATTENDED]
    row = await _change(
        unit,
        row,
        state=state,
        evidence_note=note,
        evidence=list(evidence),
        attended=len(there),
        confirmed_by=unit.context.caller.account_id,
        confirmed_at=unit.now,
    )
    events.held(unit, row, enterprises=len({line.enterprise_id for line in there if line.enterprise_id}))
    for line in sorted(settled, key=lambda line: int(line.no)):
        events.attendance_confirmed(unit, row, line)
    unit.audit("calendar.confirm-evidence", activity_id, attended=len(there))
    return row


async def archive_activity(unit: UnitOfWork, activity_id: str, etag: str = "") -> Row:
    """Put a confirmed activity away."""
    row = await _lock(unit, activity_id, etag)
    row = await _change(unit, row, state=rules.move(State(row.state), "archive"))
    events.moved(unit, row)
    return row


async def advance_activity(unit: UnitOfWork, activity_id: str) -> bool:
    """Do what time brings next; False when it has been done already."""
    row = await _lock(unit, activity_id)
    step = rules.next_step(State(row.state), times(row))
    if step is None or step[1] > unit.now:
        return False
    changed: dict[str, Any] = {"state": step[0]}
    if step[0] is State.RUNNING:
        await _cancel_all(unit, row, (Seat.WAITING,), Cause.NO_PLACE)
        changed["waiting"] = 0
    events.moved(unit, await _change(unit, row, **changed))
    return True


async def enrol(unit: UnitOfWork, activity_id: str, enterprise_id: str = "") -> tuple[Row, Row]:
    """A place for the caller, or a place on the wait list; the one they have already, if any."""
    row = await _lock(unit, activity_id)
    account = unit.context.caller.account_id
    if (present := await _enrolment_of(unit, activity_id, account)) is not None:
        return row, present
    rules.check_enrolment(State(row.state), unit.now, row.enrol_until)
    seat, places = Places(row.capacity, row.enrolled, row.waiting).take()
    row = await _change(unit, row, last_no=row.last_no + 1, **_counts(places))
    line = await _returning(
        unit,
        insert(e).values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            activity_id=activity_id,
            account=account,
            person_id=unit.context.caller.person_id,
            enterprise_id=enterprise_id or None,
            state=seat,
            no=row.last_no,
            created_at=unit.now,
            updated_at=unit.now,
        ),
        e,
    )
    if seat is Seat.ENROLLED:
        events.enrolled(unit, row, line, moved_up=False)
    else:
        events.wait_listed(unit, row, line, position=places.waiting)
    return row, line


async def leave(unit: UnitOfWork, activity_id: str) -> tuple[Row, Row]:
    """Give the caller's place back; the first of the wait list moves up."""
    row = await _lock(unit, activity_id)
    line = await _enrolment_of(unit, activity_id, unit.context.caller.account_id)
    if line is None:
        raise NotFound("NOT_ENROLLED")
    seat = Seat(line.state)
    rules.check_leaving(State(row.state), seat)
    line = await _seat(unit, line, Seat.CANCELLED, cancel_cause=Cause.PARTICIPANT)
    events.enrolment_cancelled(unit, row, line)
    places = Places(row.capacity, row.enrolled, row.waiting).give_back(seat)
    places = await _move_up(unit, row, places)
    row = await _change(unit, row, **_counts(places))
    return row, line


async def check_in(
    unit: UnitOfWork, activity_id: str, *, enrolment_id: str = "", account: str = ""
) -> tuple[Row, Row]:
    """Someone is at the door, known by enrolment or by account. Twice is once."""
    row = await _lock(unit, activity_id)
    line = (
        await _enrolment(unit, activity_id, enrolment_id)
        if enrolment_id
        else await _enrolment_of(unit, activity_id, account)
    )
    if line is None:
        raise NotFound("NOT_ENROLLED")
    seat = rules.check_in(State(row.state), Seat(line.state), unit.now, row.starts_at)
    if seat != line.state:
        line = await _seat(unit, line, seat, checked_in_at=unit.now)
        events.checked_in(unit, line)
    return row, line


async def excuse(unit: UnitOfWork, activity_id: str, enrolment_id: str) -> tuple[Row, Row]:
    """Someone said that they cannot come."""
    row = await _lock(unit, activity_id)
    line = await _enrolment(unit, activity_id, enrolment_id)
    if line is None:
        raise NotFound("NOT_ENROLLED")
    seat = rules.excuse(State(row.state), Seat(line.state))
    if seat != line.state:
        line = await _seat(unit, line, seat)
    return row, line


def times(row: Row) -> Times:
    """The three moments of an activity."""
    return Times(row.enrol_until, row.starts_at, row.ends_at)


def _counts(places: Places) -> dict[str, int]:
    return {"enrolled": places.enrolled, "waiting": places.waiting}


async def _lock(unit: UnitOfWork, activity_id: str, etag: str = "") -> Row:
    row = await unit.first(
        select(a).where(a.c.tenant_id == unit.tenant_id, a.c.id == activity_id).with_for_update()
    )
    if row is None:
        raise NotFound("ACTIVITY_NOT_FOUND")
    check_manages_row(unit.context, row)
    if etag and etag != str(row.version):
        raise Stale
    return row


async def _change(unit: UnitOfWork, row: Row, **values: Any) -> Row:
    merged = dict(row) | values
    step = rules.next_step(
        State(merged["state"]), Times(merged["enrol_until"], merged["starts_at"], merged["ends_at"])
    )
    return await _returning(
        unit,
        update(a)
        .where(a.c.tenant_id == row.tenant_id, a.c.id == row.id)
        .values(
            **values,
            next_step_at=step[1] if step else None,
            version=row.version + 1,
            updated_at=unit.now,
        ),
        a,
    )


async def _seat(unit: UnitOfWork, line: Row, seat: Seat, **values: Any) -> Row:
    return await _returning(
        unit,
        update(e)
        .where(e.c.tenant_id == line.tenant_id, e.c.id == line.id)
        .values(state=seat, updated_at=unit.now, **values),
        e,
    )


async def _returning(unit: UnitOfWork, statement: Any, table: Table) -> Row:
    row = await unit.first(statement.returning(table))
    assert row is not None
    return row


async def _enrolment(unit: UnitOfWork, activity_id: str, enrolment_id: str) -> Row | None:
    return await unit.first(
        select(e).where(
            e.c.tenant_id == unit.tenant_id, e.c.activity_id == activity_id, e.c.id == enrolment_id
        )
    )


async def _enrolment_of(unit: UnitOfWork, activity_id: str, account: str) -> Row | None:
    if not account:
        raise Conflict("NO_ACCOUNT")
    return await unit.first(
        select(e).where(
            e.c.tenant_id == unit.tenant_id,
            e.c.activity_id == activity_id,
            e.c.account == account,
            e.c.state != Seat.CANCELLED,
        )
    )


async def _move_up(unit: UnitOfWork, row: Row, places: Places) -> Places:
    """Give free places to the wait list, in its order."""
    count, places = places.move_up()
    if count and State(row.state) in rules.OPEN:
        first = (
            select(e.c.id)
            .where(e.c.tenant_id == unit.tenant_id, e.c.activity_id == row.id, e.c.state == Seat.WAITING)
            .order_by(e.c.no)
            .limit(count)
        )
        moved = await unit.fetch(
            update(e)
            .where(e.c.tenant_id == unit.tenant_id, e.c.id.in_(first))
            .values(state=Seat.ENROLLED, updated_at=unit.now)
            .returning(e)
        )
        for line in sorted(moved, key=lambda line: int(line.no)):
            events.enrolled(unit, row, line, moved_up=True)
    return places


async def _cancel_all(unit: UnitOfWork, row: Row, seats: Sequence[Seat], cause: Cause) -> None:
    gone = await unit.fetch(
        update(e)
        .where(e.c.tenant_id == unit.tenant_id, e.c.activity_id == row.id, e.c.state.in_(seats))
        .values(state=Seat.CANCELLED, cancel_cause=cause, updated_at=unit.now)
        .returning(e)
    )
    for line in sorted(gone, key=lambda line: int(line.no)):
        events.enrolment_cancelled(unit, row, line)
