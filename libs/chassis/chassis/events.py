"""An event as consumers see it, and how it is written into NATS headers and back."""

import importlib
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from google.protobuf import symbol_database
from google.protobuf.message import Message

from louyu.options.v1 import access_pb2

PREFIX: Final = "louyu"
HINTS: Final = "louyu-hints"
"""Where the subjects of hints begin: no stream captures them (`chassis.hints`)."""
_PACKAGE: Final = re.compile(rf"{PREFIX}\.[a-z]+\.v1")


@dataclass(frozen=True, slots=True)
class Event:
    """One fact that a producer committed.

    `seq` numbers the events of one aggregate densely from 1. `audience` names the accounts that the
    event concerns personally. `message` is the event itself, of the type that `type` names.
    """

    id: str
    tenant_id: str
    type: str
    aggregate: str
    aggregate_id: str
    seq: int
    occurred_at: datetime
    correlation_id: str
    audience: tuple[str, ...]
    traceparent: str
    message: Message


@cache
def message_class(type_name: str) -> type[Message]:
    """The class of an event type; `KeyError` for a type that no contract names.

    A consumer need not import the contracts it reads: those of the producer are loaded with the first
    event of a type that is not known yet.
    """
    package, _, _ = type_name.rpartition(".")
    symbols = symbol_database.Default()
    try:
        found: type[Message] = symbols.GetSymbol(type_name)
    except KeyError:
        _load_contracts(package)
        found = symbols.GetSymbol(type_name)
    return found


@cache
def _load_contracts(package: str) -> None:
    if not _PACKAGE.fullmatch(package):
        raise KeyError(package)
    try:
        contracts = importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise KeyError(package) from error
    for module in pkgutil.iter_modules(contracts.__path__):
        if module.name.endswith("_pb2"):
            importlib.import_module(f"{package}.{module.name}")


def aggregate_of(message: Message) -> str:
    """The kind of aggregate an event belongs to, from its contract."""
    return str(message.DESCRIPTOR.GetOptions().Extensions[access_pb2.event].aggregate)


@cache
def snake(type_name: str) -> str:
    """`louyu.ticket.v1.TicketOpened` → `ticket_opened`."""
    short = type_name.rsplit(".", 1)[-1]
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in short).lstrip("_")


def stream_of(service: str) -> str:
    """The JetStream stream that holds everything a service publishes."""
    return f"LOUYU_{service.upper()}"


def subject_of(service: str, tenant_id: str, aggregate: str, type_name: str, *, prefix: str = PREFIX) -> str:
    """`louyu.<service>.v1.<tenant>.<aggregate>.<event>`."""
    return f"{prefix}.{service}.v1.{tenant_id}.{aggregate}.{snake(type_name)}"


def headers_of(service: str, row: Mapping[str, Any]) -> dict[str, str]:
    """CloudEvents attributes in NATS headers, for an outbox row."""
    return {
        "Nats-Msg-Id": str(row["event_id"]),
        "ce-specversion": "1.0",
        "ce-id": str(row["event_id"]),
        "ce-type": row["type"],
        "ce-source": f"/{PREFIX}/{service}",
        "ce-time": row["occurred_at"].isoformat(),
        "ce-subject": str(row["aggregate_id"]),
        "louyu-tenant": str(row["tenant_id"]),
        "louyu-aggregate": row["aggregate"],
        "louyu-seq": str(row["seq"]),
        "louyu-audience": ",".join(row["audience"]),
        "louyu-correlation": row["correlation_id"],
        "traceparent": row["traceparent"],
    }


def decode(headers: Mapping[str, str], payload: bytes) -> Event:
    """The event in a message. Raises `ValueError`, `KeyError` or protobuf's `DecodeError` for garbage."""
    type_name = headers["ce-type"]
    message = message_class(type_name)()
    message.ParseFromString(payload)
    audience = headers.get("louyu-audience", "")
    return Event(
        id=headers["ce-id"],
        tenant_id=headers["louyu-tenant"],
        type=type_name,
        aggregate=headers["louyu-aggregate"],
        aggregate_id=headers["ce-subject"],
        seq=int(headers["louyu-seq"]),
        occurred_at=datetime.fromisoformat(headers["ce-time"]),
        correlation_id=headers.get("louyu-correlation", ""),
        audience=tuple(audience.split(",")) if audience else (),
        traceparent=headers.get("traceparent", ""),
        message=message,
    )
