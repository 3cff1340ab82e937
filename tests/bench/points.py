"""How fast points are posted from events that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import nats
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.events import headers_of, subject_of
from chassis.ids import new_id
from louyu.activity.v1 import calendar_pb2
from tests.bench.bench import Bench

EVENTS = 30_000
PEOPLE = 100
"""In each tenant; each of them attends again and again."""
THERE = 50
"""How many were at an activity: that many are confirmed at once."""
IN_FLIGHT = 200
RULE = """
INSERT INTO points_rules (tenant_id, id, version, title, source, activity_kind, brand, delta, cap, cap_period,
                          from_at, set_by, created_at)
SELECT tenant, uuidv7(), 1, '参加活动', 'attendance', '', '', 5, 0, '', now() - interval '1 day', '', now()
FROM unnest($1::uuid[]) AS tenant
"""
TIMES = """
SELECT pg_xact_commit_timestamp(xmin) AS at FROM points_entries WHERE kind = 'rule' ORDER BY 1
"""


async def posting(bench: Bench) -> dict[str, float]:
    """Membership is away while attendances are confirmed; then it posts for all of them, each once."""
    await bench.quiet()
    membership = await asyncpg.connect(bench.stack.superuser_url("membership"))
    tenants = [tenant.id for tenant in bench.people.tenants]
    await membership.execute(RULE, tenants)
    await bench.stack["membership"].stop()
    await _confirm(bench, tenants)
    await bench.stack["membership"].start()
    await bench.quiet(within_s=300.0)
    times = [row["at"] for row in await membership.fetch(TIMES)]
    await membership.close()
    if len(times) != EVENTS:
        raise AssertionError(f"{EVENTS} attendances were confirmed, {len(times)} were posted")
    return {"points_post_per_s": len(times) / max((times[-1] - times[0]).total_seconds(), 0.001)}


async def _confirm(bench: Bench, tenants: list[str]) -> None:
    """Publish as activity's relay does, past its database: confirming this many would take its day."""
    people = {tenant: [(new_id(), new_id()) for _ in range(PEOPLE)] for tenant in tenants}
    client = await nats.connect(bench.stack.nats_url)
    js = client.jetstream(timeout=30)
    waiting = iter(range(EVENTS))

    async def publish(numbers: Iterator[int]) -> None:
        for number in numbers:
            tenant = tenants[number // THERE % len(tenants)]
            row, event = _attendance(tenant, *people[tenant][number % PEOPLE])
            subject = subject_of("activity", tenant, "enrolment", row["type"])
            await js.publish(subject, event, headers=headers_of("activity", row))

    try:
        await asyncio.gather(*(publish(waiting) for _ in range(IN_FLIGHT)))
    finally:
        await client.close()


def _attendance(tenant: str, account: str, person: str) -> tuple[dict[str, Any], bytes]:
    now = datetime.now(UTC)
    start = Timestamp()
    start.FromDatetime(now)
    event = calendar_pb2.AttendanceConfirmed(
        enrolment_id=new_id(),
        activity_id=new_id(),
        account=account,
        person_id=person,
        attendance=calendar_pb2.ENROLMENT_STATE_ATTENDED,
        kind=calendar_pb2.ACTIVITY_KIND_ORG_LIFE,
        title="主题党日",
        start_time=start,
    )
    row = {
        "event_id": new_id(),
        "type": event.DESCRIPTOR.full_name,
        "occurred_at": now,
        "aggregate_id": event.enrolment_id,
        "tenant_id": tenant,
        "aggregate": "enrolment",
        "seq": 1,
        "audience": [account],
        "correlation_id": "",
        "traceparent": "",
    }
    return row, event.SerializeToString()
