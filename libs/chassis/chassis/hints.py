"""Hints that something changed, for the live channel: sent once over NATS, kept nowhere.

They have subjects of their own, which no stream captures: who misses a hint sees the change with the
next look.
"""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.message import Message
from nats.aio.client import Client

from chassis.events import HINTS, aggregate_of, headers_of, subject_of
from chassis.ids import new_id


async def send(
    bus: Client,
    service: str,
    message: Message,
    *,
    tenant_id: str,
    aggregate_id: str,
    at: datetime,
    audience: Sequence[str] = (),
) -> None:
    """Publish a hint with the headers of an event, except that it has no place in a sequence (0)."""
    type_name, aggregate = message.DESCRIPTOR.full_name, aggregate_of(message)
    event = {
        "event_id": new_id(),
        "type": type_name,
        "occurred_at": at,
        "aggregate": aggregate,
        "aggregate_id": aggregate_id,
        "tenant_id": tenant_id,
        "seq": 0,
        "audience": audience,
        "correlation_id": "",
        "traceparent": "",
    }
    await bus.publish(
        subject_of(service, tenant_id, aggregate, type_name, prefix=HINTS),
        message.SerializeToString(),
        headers=headers_of(service, event),
    )
