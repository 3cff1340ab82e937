"""The words of safety on the wire, and its events. Figures and categories; nobody is named."""

from typing import Final

from chassis.clocks import timestamp
from chassis.statements import Row
from chassis.words import Words
from louyu.ticket.v1 import safety_pb2 as pb

ACT: Final = Words(pb.UnsafeAct)
KIND: Final = Words(pb.IncidentKind)


def observed(observation: Row) -> pb.SafetyObserved:
    return pb.SafetyObserved(
        observation_id=observation.id,
        site_id=observation.site_id,
        acts=observation.acts,
        unsafe=observation.unsafe,
        observe_time=timestamp(observation.observed_at),
        synthetic=observation.synthetic,
    )


def reported(incident: Row) -> pb.IncidentReported:
    return pb.IncidentReported(
        incident_id=incident.id,
        number=incident.number,
        kind=KIND.number(incident.kind),
        site_id=incident.site_id,
        occur_time=timestamp(incident.occurred_at),
        synthetic=incident.synthetic,
    )
