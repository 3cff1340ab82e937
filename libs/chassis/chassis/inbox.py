"""Where a consumer stands in each aggregate, and what it has put aside.

Positions are the inbox: an event is applied in the transaction that moves its aggregate's position
to its number, so it has its effect once, in order, however often and in whatever order NATS
delivers it. An aggregate with a dead letter is parked: its later events wait behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from chassis.database import Connection
from chassis.events import Event

_POSITIONS: Final = """
SELECT k.aggregate_id::text AS aggregate_id, p.seq,
       EXISTS (SELECT FROM dead_letters d WHERE d.consumer = $1 AND d.tenant_id = k.tenant_id
               AND d.aggregate_id = k.aggregate_id) AS parked
FROM unnest($2::uuid[], $3::uuid[]) AS k (tenant_id, aggregate_id)
LEFT JOIN positions p ON p.consumer = $1 AND p.tenant_id = k.tenant_id
                     AND p.aggregate_id = k.aggregate_id
"""
# Two deliveries of one event may be applied at once (a late acknowledgement, a second process): the second
# finds that the position is no longer where its first event begins, changes no row, and its transaction is
# rolled back by the caller. So does one whose position is gone (a projection built anew): only a first
# event begins where there is none.
_ADVANCE: Final = """
INSERT INTO positions AS p (consumer, tenant_id, aggregate_id, seq)
SELECT $1, k.tenant_id, k.aggregate_id, k.last
FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[]) AS k (tenant_id, aggregate_id, first, last)
WHERE k.first = 1 OR EXISTS (SELECT FROM positions AS known WHERE known.consumer = $1
                             AND known.tenant_id = k.tenant_id AND known.aggregate_id = k.aggregate_id)
ON CONFLICT (consumer, tenant_id, aggregate_id) DO UPDATE SET seq = excluded.seq
WHERE p.seq = ($6::text::jsonb ->> excluded.aggregate_id::text)::bigint - 1
"""
_PARK: Final = """
INSERT INTO dead_letters (consumer, event_id, tenant_id, event_type, aggregate_id, seq, headers,
                          payload, error, attempts, waiting, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10, $11, clock_timestamp())
ON CONFLICT (consumer, event_id) DO UPDATE SET attempts = dead_letters.attempts + 1,
                                               error = excluded.error
"""


async def positions(
    connection: Connection, consumer: str, events: Iterable[Event]
) -> tuple[dict[str, int], set[str]]:
    """The last applied number per aggregate, and which aggregates are parked."""
    keys = {(event.tenant_id, event.aggregate_id) for event in events}
    rows = await connection.fetch(_POSITIONS, consumer, [tenant for tenant, _ in keys], [a for _, a in keys])
    return (
        {row["aggregate_id"]: row["seq"] or 0 for row in rows},
        {row["aggregate_id"] for row in rows if row["parked"]},
    )


async def advance(connection: Connection, consumer: str, events: Sequence[Event]) -> bool:
    """Move the positions past these events; False when another delivery was quicker, or began anew."""
    first: dict[str, int] = {}
    last: dict[tuple[str, str], int] = {}
    for event in events:
        first.setdefault(event.aggregate_id, event.seq)
        last[(event.tenant_id, event.aggregate_id)] = event.seq
    ordered = sorted(last.items())
    status = await connection.execute(
        _ADVANCE,
        consumer,
        [tenant for (tenant, _), _ in ordered],
        [aggregate for (_, aggregate), _ in ordered],
        [first[aggregate] for (_, aggregate), _ in ordered],
        [seq for _, seq in ordered],
        orjson.dumps(first).decode(),
    )
    return int(status.rsplit(" ", 1)[-1]) == len(ordered)


async def park(
    connection: Connection,
    consumer: str,
    identity: Mapping[str, Any],
    headers: str,
    payload: bytes,
    *,
    error: str,
    attempts: int,
    waiting: bool,
) -> None:
    """Put an event aside. `identity` holds event_id, tenant_id, event_type, aggregate_id and seq."""
    await connection.execute(
        _PARK,
        consumer,
        identity["event_id"],
        identity["tenant_id"],
        identity["event_type"],
        identity["aggregate_id"],
        identity["seq"],
        headers,
        payload,
        error[:500],
        attempts,
        waiting,
    )
