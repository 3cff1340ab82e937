"""The words of requests on the wire, and their events: ids and categories, never what people wrote."""

from datetime import datetime
from typing import Any, Final

from chassis.clocks import timestamp
from chassis.statements import Row
from chassis.words import Words
from louyu.ticket.v1 import requests_pb2 as pb
from louyu.ticket.v1 import sla_pb2
from ticket.affairs import AFFAIRS, STATION
from ticket.sla.queries import Told, in_time

STATE: Final = Words(pb.TicketState)
URGENCY: Final = Words(pb.Urgency)
FILED_FOR: Final = Words(pb.FiledFor)
CLOCK: Final = Words(pb.ClockKind)
LEVEL: Final = Words(pb.LadderLevel)


def _about(ticket: Row) -> dict[str, str]:
    return {
        "ticket_id": ticket.id,
        "number": ticket.number,
        "item_name_zh": ticket.item_name_zh,
        "item_name_en": ticket.item_name_en,
        "requester": ticket.requester,
    }


def opened(ticket: Row) -> pb.TicketOpened:
    return pb.TicketOpened(
        **_about(ticket),
        service_item_id=ticket.service_item_id,
        affairs=AFFAIRS.number(ticket.affairs),
        station=STATION.number(ticket.station),
        urgency=URGENCY.number(ticket.urgency),
        filed_for=FILED_FOR.number(ticket.filed_for),
        enterprise_id=ticket.enterprise_id or "",
        desk=ticket.desk,
        first_response_minutes=_minutes(ticket, ticket.first_response_due_at),
        resolution_minutes=_minutes(ticket, ticket.resolution_due_at),
        synthetic=ticket.synthetic,
    )


def _minutes(ticket: Row, due: Any) -> int:
    return int((due - ticket.created_at).total_seconds() // 60)


def triaged(ticket: Row) -> pb.TicketTriaged:
    return pb.TicketTriaged(**_about(ticket), urgency=URGENCY.number(ticket.urgency))


def assigned(ticket: Row) -> pb.TicketAssigned:
    return pb.TicketAssigned(**_about(ticket), assignee=ticket.assignee)


def accepted(ticket: Row) -> pb.TicketAccepted:
    return pb.TicketAccepted(
        **_about(ticket),
        assignee=ticket.assignee,
        within_first_response=in_time(
            ticket.clocks, "first_response", ticket.accepted_at, ticket.first_response_due_at
        ),
    )


def started(ticket: Row) -> pb.TicketStarted:
    return pb.TicketStarted(**_about(ticket))


def attended(ticket: Row) -> pb.TicketAttended:
    return pb.TicketAttended(**_about(ticket), assignee=ticket.assignee)


def held(ticket: Row) -> pb.TicketHeld:
    return pb.TicketHeld(**_about(ticket))


def resumed(ticket: Row) -> pb.TicketResumed:
    return pb.TicketResumed(**_about(ticket), assignee=ticket.assignee or "")


def referred(ticket: Row) -> pb.TicketReferred:
    return pb.TicketReferred(
        **_about(ticket), party=ticket.referred_to, affairs=AFFAIRS.number(ticket.affairs)
    )


def resolved(ticket: Row) -> pb.TicketResolved:
    return pb.TicketResolved(
        **_about(ticket),
        assignee=ticket.assignee or "",
        within_resolution=in_time(ticket.clocks, "resolution", ticket.resolved_at, ticket.resolution_due_at),
    )


def overdue(ticket: Row, clock: str, due_at: datetime) -> sla_pb2.TicketOverdue:
    return sla_pb2.TicketOverdue(
        **_about(ticket),
        assignee=ticket.assignee or "",
        clock=CLOCK.number(clock),
        due_time=timestamp(due_at),
    )


def escalated(
    ticket: Row, clock: str, due_at: datetime, level: str, told: Told, *, quiet: bool, again: bool
) -> sla_pb2.TicketEscalated:
    return sla_pb2.TicketEscalated(
        **_about(ticket),
        assignee=ticket.assignee or "",
        clock=CLOCK.number(clock),
        level=LEVEL.number(level),
        recipients=told.within,
        above=told.above,
        vacant=told.vacant,
        quiet=quiet,
        again=again,
        due_time=timestamp(due_at),
    )


def closed(ticket: Row) -> pb.TicketClosed:
    return pb.TicketClosed(
        **_about(ticket),
        automatically=ticket.closed_automatically,
        assignee=ticket.assignee or "",
    )


def rated(ticket: Row) -> pb.TicketRated:
    return pb.TicketRated(**_about(ticket), rating=ticket.rating, assignee=ticket.assignee or "")


def reopened(ticket: Row) -> pb.TicketReopened:
    return pb.TicketReopened(**_about(ticket), assignee=ticket.assignee or "")


def rejected(ticket: Row) -> pb.TicketRejected:
    return pb.TicketRejected(**_about(ticket))


def withdrawn(ticket: Row) -> pb.TicketWithdrawn:
    return pb.TicketWithdrawn(**_about(ticket), assignee=ticket.assignee or "")


def commented(ticket: Row, author: str) -> pb.TicketCommented:
    return pb.TicketCommented(**_about(ticket), author=author, assignee=ticket.assignee or "")


def subtask_assigned(ticket: Row, subtask_id: str, assignee: str) -> pb.SubtaskAssigned:
    return pb.SubtaskAssigned(**_about(ticket), subtask_id=subtask_id, assignee=assignee)


def subtask_completed(ticket: Row, subtask_id: str) -> pb.SubtaskCompleted:
    return pb.SubtaskCompleted(**_about(ticket), subtask_id=subtask_id, assignee=ticket.assignee or "")
