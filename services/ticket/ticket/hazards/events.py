"""The words of hazards on the wire, and their events: ids and categories, never what people wrote."""

from typing import Any, Final

from chassis.clocks import timestamp
from chassis.statements import Row
from chassis.words import Words
from louyu.ticket.v1 import hazards_pb2 as pb

CLASS: Final = Words(pb.HazardClass)
SEVERITY: Final = Words(pb.HazardSeverity)
STATE: Final = Words(pb.HazardState)
SOURCE: Final = Words(pb.HazardSource)


def _about(hazard: Row) -> dict[str, Any]:
    return {"hazard_id": hazard.id, "number": hazard.number}


def found(hazard: Row, desk: str) -> pb.HazardFound:
    return pb.HazardFound(
        **_about(hazard),
        hazard_class=CLASS.number(hazard.hazard_class),
        severity=SEVERITY.number(hazard.severity),
        source=SOURCE.number(hazard.source),
        site_id=hazard.site_id,
        reporter=hazard.reporter,
        desk=desk,
        recurrence=hazard.recurrence,
        synthetic=hazard.synthetic,
    )


def assigned(hazard: Row) -> pb.HazardAssigned:
    return pb.HazardAssigned(
        **_about(hazard),
        owner=hazard.owner,
        verifier=hazard.verifier,
        deadline_time=timestamp(hazard.deadline_at),
    )


def started(hazard: Row) -> pb.HazardStarted:
    return pb.HazardStarted(**_about(hazard), owner=hazard.owner)


def submitted(hazard: Row) -> pb.HazardSubmitted:
    return pb.HazardSubmitted(**_about(hazard), owner=hazard.owner, verifier=hazard.verifier)


def returned(hazard: Row) -> pb.HazardReturned:
    return pb.HazardReturned(**_about(hazard), owner=hazard.owner)


def overdue(hazard: Row, desk: str) -> pb.HazardOverdue:
    return pb.HazardOverdue(
        **_about(hazard),
        hazard_class=CLASS.number(hazard.hazard_class),
        severity=SEVERITY.number(hazard.severity),
        site_id=hazard.site_id,
        owner=hazard.owner or "",
        desk=desk,
        deadline_time=timestamp(hazard.deadline_at),
    )


def escalated(hazard: Row, escalation_id: str, party_id: str, desk: str) -> pb.HazardEscalated:
    return pb.HazardEscalated(
        **_about(hazard),
        escalation_id=escalation_id,
        party_id=party_id,
        desk=desk,
        hazard_class=CLASS.number(hazard.hazard_class),
        severity=SEVERITY.number(hazard.severity),
    )


def closed(hazard: Row) -> pb.HazardClosed:
    return pb.HazardClosed(
        **_about(hazard),
        hazard_class=CLASS.number(hazard.hazard_class),
        site_id=hazard.site_id,
        reporter=hazard.reporter,
        owner=hazard.owner,
        verifier=hazard.verifier,
        within_deadline=hazard.submitted_at <= hazard.deadline_at,
        synthetic=hazard.synthetic,
    )
