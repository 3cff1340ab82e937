"""The words of inspections on the wire, and their event. Nothing is told of an inspection before it is
done."""

from typing import Final

from chassis.clocks import timestamp
from chassis.statements import Row
from chassis.words import Words
from louyu.ticket.v1 import hazards_pb2
from louyu.ticket.v1 import inspections_pb2 as pb

STATE: Final = Words(pb.InspectionState)
RESULT: Final = Words(pb.CheckResult)
CLASS: Final = Words(hazards_pb2.HazardClass)
SEVERITY: Final = Words(hazards_pb2.HazardSeverity)


def done(inspection: Row) -> pb.InspectionDone:
    return pb.InspectionDone(
        inspection_id=inspection.id,
        number=inspection.number,
        site_id=inspection.site_id,
        inspector=inspection.inspector,
        classes=len(inspection.checks),
        problems=inspection.problems,
        inspect_time=timestamp(inspection.inspected_at),
        synthetic=inspection.synthetic,
    )
