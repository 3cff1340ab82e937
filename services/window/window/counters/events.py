"""The events of counters, and how their words are written in the contract."""

from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.window.v1 import counters_pb2 as pb

KIND: Final = Words(pb.CounterKind)
WEEKDAY: Final = Words(pb.Weekday)


def enabled(row: Row) -> pb.MatterEnabled:
    """A building enabled a matter."""
    return pb.MatterEnabled(
        counter_id=row.counter_id, matter_id=row.matter_id, department_id=row.department_id
    )


def disabled(row: Row) -> pb.MatterDisabled:
    """A building took a matter away."""
    return pb.MatterDisabled(
        counter_id=row.counter_id, matter_id=row.matter_id, department_id=row.department_id
    )
