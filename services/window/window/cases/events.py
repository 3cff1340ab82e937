"""The words of cases on the wire, and their events: ids and categories, never what people wrote."""

from typing import Final

from google.protobuf.message import Message

from chassis.statements import Row
from chassis.words import Words
from louyu.window.v1 import cases_pb2 as pb
from window.cases import rules

STATE: Final = Words(pb.CaseState)
FILED_FOR: Final = Words(pb.CaseFiledFor)
DECISION: Final = Words(pb.Decision)
DELIVERY: Final = Words(pb.DeliveryMethod)


def _about(case: Row) -> dict[str, str]:
    return {
        "case_id": case.id,
        "number": case.number,
        "matter_name_zh": case.matter_name_zh,
        "matter_name_en": case.matter_name_en,
        "applicant": case.applicant,
        "department_id": case.department_id,
    }


def handed_in(case: Row, *, corrected: bool) -> Message:
    """A case is with its department, or waits until it can be."""
    if case.state == rules.State.PENDING_RELAY:
        return pb.CaseQueued(**_about(case))
    return pb.CaseSubmitted(
        **_about(case),
        matter_id=case.matter_id,
        filed_for=FILED_FOR.number(case.filed_for),
        enterprise_id=case.enterprise_id or "",
        promised_days=case.promised_days,
        corrected=corrected,
        synthetic=case.synthetic,
    )


def accepted(case: Row) -> pb.CaseAccepted:
    """The department accepted a case."""
    return pb.CaseAccepted(**_about(case), handler=case.handler or "", due_time=case.due_at)


def correction_needed(case: Row) -> pb.CaseCorrectionNeeded:
    """The department asked for corrections."""
    return pb.CaseCorrectionNeeded(**_about(case), items=len(case.wanted))


def refused(case: Row) -> pb.CaseRefused:
    """The department did not accept a case."""
    return pb.CaseRefused(**_about(case))


def started(case: Row) -> pb.CaseStarted:
    """Work on a case began."""
    return pb.CaseStarted(**_about(case), handler=case.handler or "")


def decided(case: Row) -> pb.CaseDecided:
    """The department decided a case."""
    return pb.CaseDecided(**_about(case), decision=DECISION.number(case.decision))


def delivered(case: Row) -> pb.CaseDelivered:
    """The result of a case was handed over."""
    return pb.CaseDelivered(
        **_about(case),
        delivery=DELIVERY.number(case.delivery),
        trips=case.trips,
        corrections=case.corrections,
        once_done=rules.is_once_done(case.corrections, case.trips),
        in_time=case.delivered_at <= case.due_at,
    )


def rated(case: Row) -> pb.CaseRated:
    """The applicant rated a case."""
    return pb.CaseRated(
        **_about(case), grade=case.grade, callback=case.callback_open, handler=case.handler or ""
    )


def callback_closed(case: Row) -> pb.CaseCallbackClosed:
    """The call-back after a bad grade was made."""
    return pb.CaseCallbackClosed(**_about(case))


def withdrawn(case: Row) -> pb.CaseWithdrawn:
    """The applicant took a case back."""
    return pb.CaseWithdrawn(**_about(case), handler=case.handler or "")
