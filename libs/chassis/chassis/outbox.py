"""The write side of events: rows committed together with the state they tell about."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from google.protobuf.message import Message
from sqlalchemy import Insert, Table, insert

from chassis.database import Connection
from chassis.events import aggregate_of
from chassis.ids import new_id
from chassis.statements import Values, render


@dataclass(frozen=True, slots=True)
class Pending:
    """An event that waits for its transaction to end."""

    tenant_id: str
    aggregate: str
    aggregate_id: str
    event_id: str
    type: str
    payload: bytes
    occurred_at: datetime
    correlation_id: str
    audience: tuple[str, ...]
    traceparent: str


def pending(
    message: Message,
    *,
    tenant_id: str,
    aggregate_id: str,
    occurred_at: datetime,
    correlation_id: str,
    audience: Iterable[str],
    traceparent: str,
) -> Pending:
    """Serialise an event now, so that later changes to the message do not change it."""
    return Pending(
        tenant_id=tenant_id,
        aggregate=aggregate_of(message),
        aggregate_id=aggregate_id,
        event_id=new_id(),
        type=message.DESCRIPTOR.full_name,
        payload=message.SerializeToString(),
        occurred_at=occurred_at,
        correlation_id=correlation_id or aggregate_id,
        audience=tuple(dict.fromkeys(account for account in audience if account)),
        traceparent=traceparent,
    )


# The upsert locks the aggregate's head until commit; the outbox id is drawn after that lock, so ids
# of one aggregate are in the order of its transactions. `gap` spreads several events of one
# transaction over the numbers that the upsert reserved.
_APPEND: Final = """
head AS (
  INSERT INTO outbox_heads AS h (tenant_id, aggregate_id, seq)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[])
  ON CONFLICT (tenant_id, aggregate_id) DO UPDATE SET seq = h.seq + excluded.seq
  RETURNING tenant_id, aggregate_id, seq
)
INSERT INTO outbox (tenant_id, aggregate, aggregate_id, seq, event_id, type, payload, occurred_at,
                    correlation_id, audience, traceparent)
SELECT e.tenant_id, e.aggregate, e.aggregate_id, head.seq - e.gap, e.event_id, e.type, e.payload,
       e.occurred_at, e.correlation_id, string_to_array(e.audience, ','), e.traceparent
FROM unnest($4::uuid[], $5::text[], $6::uuid[], $7::bigint[], $8::uuid[], $9::text[], $10::bytea[],
            $11::timestamptz[], $12::text[], $13::text[], $14::text[])
     AS e (tenant_id, aggregate, aggregate_id, gap, event_id, type, payload, occurred_at,
           correlation_id, audience, traceparent)
JOIN head USING (tenant_id, aggregate_id)
ORDER BY head.seq - e.gap
"""
# The same for one event, as nearly every unit has it: places for values cost half of what arrays do.
_APPEND_ONE: Final = """
head AS (
  INSERT INTO outbox_heads AS h (tenant_id, aggregate_id, seq) VALUES ($1, $2, 1)
  ON CONFLICT (tenant_id, aggregate_id) DO UPDATE SET seq = h.seq + 1
  RETURNING tenant_id, aggregate_id, seq
)
INSERT INTO outbox (tenant_id, aggregate_id, seq, aggregate, event_id, type, payload, occurred_at,
                    correlation_id, audience, traceparent)
SELECT tenant_id, aggregate_id, seq, $3::text, $4::uuid, $5::text, $6::bytea, $7::timestamptz, $8::text,
       $9::text[], $10::text
FROM head
"""


async def append(
    connection: Connection, events: Sequence[Pending], inserts: Sequence[tuple[Table, Values]] = ()
) -> None:
    """Write events into the outbox, numbering them after the last one of their aggregate.

    `inserts` are rows to write in the same round trip, before the events.
    """
    before = [render(_insert(table), row) for table, row in inserts]
    arguments = [argument for each in before for argument in each.arguments]
    await connection.execute(
        _appending(
            tuple(each.sql for each in before),
            tuple(len(each.arguments) for each in before),
            _APPEND_ONE if len(events) == 1 else _APPEND,
        ),
        *arguments,
        *(_values(events[0]) if len(events) == 1 else _columns(events)),
    )


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _appending(inserts: tuple[str, ...], sizes: tuple[int, ...], events: str) -> str:
    """One statement out of several; each goes on counting its parameters where the one before ended."""
    parts, used = [], 0
    for number, (sql, size) in enumerate(zip(inserts, sizes, strict=True)):
        parts.append(f"row{number} AS ({_counting_from(used, sql)})")
        used += size
    return "WITH " + ", ".join((*parts, _counting_from(used, events)))


def _counting_from(used: int, sql: str) -> str:
    return re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + used}", sql)


def _values(event: Pending) -> tuple[Any, ...]:
    return (
        event.tenant_id,
        event.aggregate_id,
        event.aggregate,
        event.event_id,
        event.type,
        event.payload,
        event.occurred_at,
        event.correlation_id,
        event.audience,
        event.traceparent,
    )


def _columns(events: Sequence[Pending]) -> Iterator[list[Any]]:
    counts: dict[tuple[str, str], int] = {}
    for event in events:
        key = (event.tenant_id, event.aggregate_id)
        counts[key] = counts.get(key, 0) + 1
    left = dict(counts)
    gaps = []
    for event in events:
        key = (event.tenant_id, event.aggregate_id)
        left[key] -= 1
        gaps.append(left[key])
    # Sorted, so that two transactions that touch the same aggregates lock them in the same order.
    heads = sorted(counts.items())
    yield from (
        [tenant for (tenant, _), _ in heads],
        [aggregate for (_, aggregate), _ in heads],
        [count for _, count in heads],
        [event.tenant_id for event in events],
        [event.aggregate for event in events],
        [event.aggregate_id for event in events],
        gaps,
        [event.event_id for event in events],
        [event.type for event in events],
        [event.payload for event in events],
        [event.occurred_at for event in events],
        [event.correlation_id for event in events],
        [",".join(event.audience) for event in events],
        [event.traceparent for event in events],
    )
