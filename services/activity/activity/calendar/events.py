"""The events of the calendar: identifiers and categories, never who said what."""

from datetime import UTC, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.statements import Row
from chassis.units import UnitOfWork
from louyu.activity.v1 import calendar_pb2 as pb
from louyu.ticket.v1 import catalogue_pb2

_PREFIXES: Final = (
    "ACTIVITY_STATE_",
    "ACTIVITY_KIND_",
    "ENROLMENT_STATE_",
    "HOST_",
    "AUDIENCE_",
    "STATION_",
    "AFFAIRS_",
)


def word(name: str) -> str:
    """How a value of an enum is stored: `ACTIVITY_KIND_ORG_LIFE` as "org_life", an unset one as ""."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            short = name.removeprefix(prefix).lower()
            return "" if short == "unspecified" else short
    raise ValueError(name)


def to_moment(stamp: Timestamp) -> datetime:
    """A point in time, aware, in UTC."""
    return stamp.ToDatetime(UTC)


def to_cause(cause: str) -> "pb.CancelCause.ValueType":
    """The contract's name of a cause; unset where nothing was cancelled."""
    return pb.CancelCause.Value(f"CANCEL_CAUSE_{cause.upper() or 'UNSPECIFIED'}")


def to_state(state: str) -> "pb.ActivityState.ValueType":
    """The contract's name of a state."""
    return pb.ActivityState.Value(f"ACTIVITY_STATE_{state.upper()}")


def to_seat(seat: str) -> "pb.EnrolmentState.ValueType":
    """The contract's name of a seat."""
    return pb.EnrolmentState.Value(f"ENROLMENT_STATE_{seat.upper()}")


def to_kind(kind: str) -> "pb.ActivityKind.ValueType":
    """The contract's name of a kind."""
    return pb.ActivityKind.Value(f"ACTIVITY_KIND_{kind.upper()}")


def to_station(station: str) -> "catalogue_pb2.Station.ValueType":
    """The contract's name of a station; unset where a building has none."""
    return catalogue_pb2.Station.Value(f"STATION_{station.upper() or 'UNSPECIFIED'}")


def to_affairs(affairs: str) -> "catalogue_pb2.Affairs.ValueType":
    """The contract's name of one of the five affairs."""
    return catalogue_pb2.Affairs.Value(f"AFFAIRS_{affairs.upper()}")


def to_audience(audience: list[str]) -> "list[pb.Audience.ValueType]":
    """The contract's names of the groups an activity serves."""
    return [pb.Audience.Value(f"AUDIENCE_{name.upper()}") for name in audience]


def to_hosts(hosts: list[str]) -> "list[pb.Host.ValueType]":
    """The contract's names of the hosting bodies."""
    return [pb.Host.Value(f"HOST_{name.upper()}") for name in hosts]


def published(unit: UnitOfWork, row: Row) -> None:
    """People can enrol."""
    event = pb.ActivityPublished(
        activity_id=row.id,
        title=row.title,
        kind=to_kind(row.kind),
        station=to_station(row.station),
        affairs=to_affairs(row.affairs),
        audience=to_audience(row.audience),
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
    _emit(unit, row, pb.ActivityMoved(activity_id=row.id, state=to_state(row.state)))


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
        kind=to_kind(row.kind),
        station=to_station(row.station),
        affairs=to_affairs(row.affairs),
        audience=to_audience(row.audience),
        brand=row.brand,
        hosts=to_hosts(row.hosts),
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
        cause=to_cause(line.cancel_cause),
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
        attendance=to_seat(line.state),
        kind=to_kind(row.kind),
        title=row.title,
        start_time=row.starts_at,
    )
    _emit_personal(unit, row.correlation_id, line, event)


_Told = pb.ActivityPublished | pb.ActivityMoved | pb.ActivityCancelled | pb.ActivityHeld
_Personal = pb.Enrolled | pb.WaitListed | pb.EnrolmentCancelled | pb.CheckedIn | pb.AttendanceConfirmed


def _emit(unit: UnitOfWork, row: Row, event: _Told) -> None:
    unit.emit(event, aggregate_id=row.id, correlation_id=row.correlation_id)


def _emit_personal(unit: UnitOfWork, correlation_id: str, line: Row, event: _Personal) -> None:
    unit.emit(event, aggregate_id=line.id, audience=[line.account], correlation_id=correlation_id)
