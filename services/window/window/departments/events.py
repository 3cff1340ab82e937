"""The events of departments, and how their words are written in the contract."""

from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.window.v1 import departments_pb2 as pb

STATE: Final = Words(pb.DepartmentState)


def live(row: Row) -> pb.DepartmentLive:
    """A department went live, or goes on."""
    return pb.DepartmentLive(
        department_id=row.id,
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        synthetic=row.synthetic,
    )


def suspended(row: Row) -> pb.DepartmentSuspended:
    """A department takes no new cases."""
    return pb.DepartmentSuspended(department_id=row.id, code=row.code)


def availability(row: Row) -> pb.DepartmentAvailabilityChanged:
    """A department's own system can be reached again, or cannot."""
    return pb.DepartmentAvailabilityChanged(department_id=row.id, online=row.online)
