"""The write side of events: rows committed together with the state they tell about."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Executable, Update

from chassis.database import Connection
from chassis.statements import Values, render


class Pending(NamedTuple):
    """An event that waits for its transaction to end, in the order in which the statements below name it."""

    tenant_id: str
    aggregate_id: str
    aggregate: str
    event_id: str
    type: str
    payload: bytes
    occurred_at: datetime
    correlation_id: str
    audience: tuple[str, ...]
    traceparent: str


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
INSERT INTO outbox (tenant_id, aggregate_id, seq, aggregate, event_id, type, payload, occurred_at,
                    correlation_id, audience, traceparent)
SELECT e.tenant_id, e.aggregate_id, head.seq - e.gap, e.aggregate, e.event_id, e.type, e.payload,
       e.occurred_at, e.correlation_id, string_to_array(e.audience, ','), e.traceparent
FROM unnest($4::bigint[], $5::uuid[], $6::uuid[], $7::text[], $8::uuid[], $9::text[], $10::bytea[],
            $11::timestamptz[], $12::text[], $13::text[], $14::text[])
     AS e (gap, tenant_id, aggregate_id, aggregate, event_id, type, payload, occurred_at,
           correlation_id, audience, traceparent)
JOIN head USING (tenant_id, aggregate_id)
WHERE true{landed}
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
WHERE true{landed}
"""


async def append(
    connection: Connection, events: Sequence[Pending], writes: Sequence[tuple[Executable, Values]] = ()
) -> None:
    """Write events into the outbox, numbering them after the last one of their aggregate.

    `writes` are statements to run in the same round trip: no two of them on the same row. LookupError where
    one of them finds no row: what happened to nothing is not told.
    """
    before = [render(statement, values) for statement, values in writes]
    arguments = [argument for each in before for argument in each.arguments]
    status = await connection.execute(
        _appending(
            tuple(each.sql for each in before),
            tuple(len(each.arguments) for each in before),
            tuple(isinstance(statement, Update) for statement, _ in writes),
            _APPEND_ONE if len(events) == 1 else _APPEND,
        ),
        *arguments,
        *(events[0] if len(events) == 1 else _columns(events)),
    )
    if status != f"INSERT 0 {len(events)}":
        raise LookupError("a change that travels with its events found no row")


@cache
def _appending(
    writes: tuple[str, ...], sizes: tuple[int, ...], updates: tuple[bool, ...], events: str
) -> str:
    """One statement out of several; each goes on counting its parameters where the one before ended.

    What updates must have found its row. What inserts either did or was an error.
    """
    parts, landed, used = [], "", 0
    for number, (sql, size, update) in enumerate(zip(writes, sizes, updates, strict=True)):
        returning = " RETURNING 1" if update else ""
        parts.append(f"write{number} AS ({_counting_from(used, sql)}{returning})")
        landed += f" AND EXISTS (SELECT FROM write{number})" if update else ""
        used += size
    return "WITH " + ", ".join((*parts, _counting_from(used, events.replace("{landed}", landed))))


def _counting_from(used: int, sql: str) -> str:
    return re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + used}", sql)


def _columns(events: Sequence[Pending]) -> Iterator[Sequence[Any]]:
    counts = Counter((event.tenant_id, event.aggregate_id) for event in events)
    left = counts.copy()
    gaps = []
    for event in events:
        key = (event.tenant_id, event.aggregate_id)
        left[key] -= 1
        gaps.append(left[key])
    # Sorted, so that two transactions that touch the same aggregates lock them in the same order.
    heads = sorted(counts)
    transposed: list[Any] = list(zip(*events, strict=True))
    *columns, audiences, traceparents = transposed
    yield from (
        [tenant for tenant, _ in heads],
        [aggregate for _, aggregate in heads],
        [counts[head] for head in heads],
        gaps,
        *columns,
        [",".join(audience) for audience in audiences],
        traceparents,
    )
