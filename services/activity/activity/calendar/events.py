"""The events of the calendar: identifiers and categories, never who said what."""

from datetime import UTC, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.activity.v1 import calendar_pb2 as pb
from louyu.ticket.v1 import catalogue_pb2

STATE: Final = Words(pb.ActivityState)
SEAT: Final = Words(pb.EnrolmentState)
CAUSE: Final = Words(pb.CancelCause)
KIND: Final = Words(pb.ActivityKind)
HOST: Final = Words(pb.Host)
AUDIENCE: Final = Words(pb.Audience)
STATION: Final = Words(catalogue_pb2.Station)
AFFAIRS: Final = Words(catalogue_pb2.Affairs)


def to_moment(stamp: Timestamp) -> datetime:
    """A point in time, aware, in UTC."""
    return stamp.ToDatetime(UTC)


def published(unit: UnitOfWork, row: Row) -> None:
    """People can enrol."""
    event = pb.ActivityPublished(
        activity_id=row.id,
        title=row.title,
        kind=KIND.number(row.kind),
        station=STATION.number(row.station),
        affairs=AFFAIRS.number(row.affairs),
        audience=[AUDIENCE.number(group) for group in row.audience],
        brand=row.brand,
        business_linked=bool(row.business_link),
        start_time=row.starts_at,
        end_time=row.ends_at,
        capacity=row.capacity,
        synthetic=row.synthetic,
    )
    _emit(unit, row, event)


def moved(unit: UnitOfWork, row: Row) -> None:
    """The state changed without a story of its own."""
    _emit(unit, row, pb.ActivityMoved(activity_id=row.id, state=STATE.number(row.state)))


def cancelled(unit: UnitOfWork, row: Row) -> None:
    """Called off."""
    _emit(
        unit,
        row,
        pb.ActivityCancelled(activity_id=row.id, title=row.title, start_time=row.starts_at),
    )


def held(unit: UnitOfWork, row: Row, *, enterprises: int) -> None:
    """It took place, by confirmed evidence."""
    event = pb.ActivityHeld(
        activity_id=row.id,
        kind=KIND.number(row.kind),
        station=STATION.number(row.station),
        affairs=AFFAIRS.number(row.affairs),
        audience=[AUDIENCE.number(group) for group in row.audience],
        brand=row.brand,
        hosts=[HOST.number(host) for host in row.hosts],
        business_linked=bool(row.business_link),
        start_time=row.starts_at,
        end_time=row.ends_at,
        enrolled=row.enrolled,
        attended=row.attended,
        enterprises=enterprises,
        synthetic=row.synthetic,
    )
    _emit(unit, row, event)


def enrolled(unit: UnitOfWork, row: Row, line: Row, *, moved_up: bool) -> None:
    """Someone has a place."""
    event = pb.Enrolled(
        enrolment_id=line.id,
        activity_id=row.id,
        title=row.title,
        account=line.account,
        enterprise_id=line.enterprise_id or "",
        start_time=row.starts_at,
        moved_up=moved_up,
    )
    _emit_personal(unit, row.correlation_id, line, event)


def wait_listed(unit: UnitOfWork, row: Row, line: Row, *, position: int) -> None:
    """Someone waits for a place."""
    event = pb.WaitListed(
        enrolment_id=line.id,
        activity_id=row.id,
        title=row.title,
        account=line.account,
        position=position,
        start_time=row.starts_at,
    )
    _emit_personal(unit, row.correlation_id, line, event)


def enrolment_cancelled(unit: UnitOfWork, row: Row, line: Row) -> None:
    """Someone's place or waiting ended."""
    event = pb.EnrolmentCancelled(
        enrolment_id=line.id,
        activity_id=row.id,
        title=row.title,
        account=line.account,
        cause=CAUSE.number(line.cancel_cause),
        start_time=row.starts_at,
    )
    _emit_personal(unit, row.correlation_id, line, event)


def checked_in(unit: UnitOfWork, line: Row) -> None:
    """Someone is there."""
    event = pb.CheckedIn(enrolment_id=line.id, activity_id=line.activity_id, account=line.account)
    _emit_personal(unit, "", line, event)


def attendance_confirmed(unit: UnitOfWork, row: Row, line: Row) -> None:
    """It is settled whether someone was there."""
    event = pb.AttendanceConfirmed(
        enrolment_id=line.id,
        activity_id=row.id,
        account=line.account,
        person_id=line.person_id,
        enterprise_id=line.enterprise_id or "",
        attendance=SEAT.number(line.state),
        kind=KIND.number(row.kind),
        title=row.title,
        start_time=row.starts_at,
        brand=row.brand,
    )
    _emit_personal(unit, row.correlation_id, line, event)


_Told = pb.ActivityPublished | pb.ActivityMoved | pb.ActivityCancelled | pb.ActivityHeld
_Personal = pb.Enrolled | pb.WaitListed | pb.EnrolmentCancelled | pb.CheckedIn | pb.AttendanceConfirmed


def _emit(unit: UnitOfWork, row: Row, event: _Told) -> None:
    unit.emit(event, aggregate_id=row.id, correlation_id=row.correlation_id)


def _emit_personal(unit: UnitOfWork, correlation_id: str, line: Row, event: _Personal) -> None:
    unit.emit(event, aggregate_id=line.id, audience=[line.account], correlation_id=correlation_id)
