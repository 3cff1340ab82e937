"""What is written down and told when something happens to a ticket: its timeline, and its events."""

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf.message import Message

from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.requests import rules
from ticket.requests.tables import timeline

Attachments = Sequence[Mapping[str, Any]]


def entry(
    unit: UnitOfWork, ticket: Row, kind: str, words: str, attachments: Attachments = ()
) -> dict[str, Any]:
    """An entry of a ticket's timeline."""
    return {
        "tenant_id": ticket.tenant_id,
        "ticket_id": ticket.id,
        "id": new_id(),
        "kind": kind,
        "actor": unit.context.caller.account_id or None,
        "text": words,
        "state": ticket.state,
        "attachments": list(attachments),
        "created_at": unit.now,
    }


def note(unit: UnitOfWork, ticket: Row, kind: str, words: str, attachments: Attachments = ()) -> Row:
    """Write an entry of a ticket's timeline."""
    return unit.add(timeline, entry(unit, ticket, kind, words, attachments))


def tell(unit: UnitOfWork, ticket: Row, *told: Message, also: Sequence[str] = ()) -> None:
    """Tell the other services; the events concern the requester, the handler and those `also` named."""
    for event in told:
        unit.emit(
            event,
            aggregate_id=ticket.id,
            audience=(*rules.audience(ticket), *also),
            correlation_id=ticket.correlation_id,
        )
