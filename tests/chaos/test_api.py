"""Promises 9 and 10: retries are safe, updates are not lost. Through the gateway, on the real stack."""

from __future__ import annotations

import asyncio
from collections import Counter

import asyncpg
import httpx

from chassis.ids import new_id
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.fixtures.waiting import eventually

FILER, HANDLER = "worker", "clerk"


async def stored(crowd: Crowd, tenant: str) -> int:
    """How many tickets the tenant really has."""
    connection = await asyncpg.connect(crowd.stack.superuser_url("ticket"))
    try:
        found: int = await connection.fetchval(
            "SELECT count(*) FROM requests_tickets WHERE tenant_id = $1", tenant
        )
        return found
    finally:
        await connection.close()


async def test_retries_are_safe(proof: Proof, crowd: Crowd) -> None:
    rounds = proof.size(4, 40)
    proof.of(
        9,
        "safe retries",
        load=f"{rounds} x 50 concurrent POSTs, one Idempotency-Key each round",
        faults="gateway killed under a request",
    )
    tenant = await crowd.tenant(FILER)
    await crowd.item(FILER)
    statuses: Counter[int] = Counter()
    for _ in range(rounds):
        before = await stored(crowd, tenant)
        key = new_id()
        replies = await asyncio.gather(*(crowd.order(FILER, idempotency_key=key) for _ in range(50)))
        statuses.update(reply.status_code for reply in replies)
        assert {reply.status_code for reply in replies} <= {200, 201, 409}
        refused = [reply.json()["reason"] for reply in replies if reply.status_code == 409]
        assert set(refused) <= {"REQUEST_IN_PROGRESS"}
        assert len({reply.json()["id"] for reply in replies if reply.is_success}) == 1
        assert await stored(crowd, tenant) == before + 1

        again = await crowd.order(FILER, idempotency_key=key)
        assert again.json()["id"] == next(reply.json()["id"] for reply in replies if reply.is_success)
        body = {"service_item_id": await crowd.item(FILER), "summary": "另外一件事"}
        path = f"/v1/tenants/{tenant}/requests"
        other = await crowd.call(FILER, "POST", path, body, idempotency_key=key)
        assert (other.status_code, other.json()["reason"]) == (422, "IDEMPOTENCY_KEY_REUSED")

    repeated = await killed_between_commit_and_reply(crowd, tenant, proof.size(3, 20))
    summary = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    proof.found(cases=rounds * 52 + repeated, figure=f"{rounds} effects; {summary}")


async def killed_between_commit_and_reply(crowd: Crowd, tenant: str, times: int) -> int:
    """The gateway dies while requests are under way; the same key gives one effect all the same."""
    for number in range(times):
        before = await stored(crowd, tenant)
        key = new_id()
        first = asyncio.create_task(crowd.order(FILER, idempotency_key=key))
        await asyncio.sleep(0.002 + 0.008 * number / times)
        crowd.stack["gateway"].kill()
        await asyncio.gather(first, return_exceptions=True)
        replies: list[httpx.Response] = []

        async def retried(key: str = key, replies: list[httpx.Response] = replies) -> bool:
            try:
                reply = await crowd.order(FILER, idempotency_key=key)
            except httpx.HTTPError:
                return False
            replies.append(reply)
            return reply.is_success

        await eventually(retried, 60)
        assert await stored(crowd, tenant) == before + 1
    return times


async def test_no_update_is_lost(proof: Proof, crowd: Crowd) -> None:
    rounds = proof.size(2, 20)
    proof.of(10, "no lost update", load=f"{rounds} x 100 concurrent If-Match writes to one ticket")
    tenant = await crowd.tenant(FILER)
    handler = (await crowd.call(HANDLER, "GET", "/v1/me")).json()["account"]["id"]
    won = lost = 0
    for _ in range(rounds):
        ticket = (await crowd.order(FILER)).raise_for_status().json()
        path = f"/v1/tenants/{tenant}/requests/{ticket['id']}:assign"
        body = {"assignee": handler}
        missing = await crowd.call(HANDLER, "POST", path, body)
        assert (missing.status_code, missing.json()["reason"]) == (428, "ETAG_REQUIRED")
        etag = f'"{ticket["etag"]}"'
        replies = await asyncio.gather(
            *(crowd.call(HANDLER, "POST", path, body, if_match=etag) for _ in range(100))
        )
        statuses = Counter(reply.status_code for reply in replies)
        assert statuses == {200: 1, 412: 99}, statuses
        won, lost = won + 1, lost + 99
        winner = next(reply.json() for reply in replies if reply.is_success)
        seen = await crowd.call(HANDLER, "GET", f"/v1/tenants/{tenant}/requests/{ticket['id']}")
        assert seen.json()["etag"] == winner["etag"]
    proof.found(cases=rounds * 101, figure=f"{won} x 200, {lost} x 412, 428 without If-Match")
