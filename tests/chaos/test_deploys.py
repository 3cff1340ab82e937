"""Promise 15: the processes are replaced one after another under load, and nobody notices."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field

import asyncpg
import httpx

from chassis.ids import new_id
from deploy.local.services import SERVICES, WITH_DATABASE
from deploy.local.stack import Stack
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.fixtures.waiting import eventually

FILER, READER = "worker", "secretary"
RATE = 40
"""Requests a second."""
WRITES = 0.25
"""The share of them that file a request."""
PLACES = 24
"""Connections at most; each is kept open between two requests."""
_READS = (
    "/v1/tenants/{}/grants:roles",
    "/v1/tenants/{}/enterprises:summary",
    "/v1/tenants/{}/calendar?page_size=1",
    "/v1/tenants/{}/requests?page_size=5",
    "/v1/tenants/{}/departments?page_size=1",
    "/v1/me/messages?page_size=1",
    "/v1/tenants/{}/overview",
)


@dataclass
class Load:
    """A steady stream of requests, whatever the answers, and what became of each."""

    crowd: Crowd
    tenant: str
    item: str
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    filed: set[str] = field(default_factory=set)
    step: str = "before"

    async def until(self, done: asyncio.Event) -> None:
        """Requests at RATE until then; returns with the last answer."""
        limits = httpx.Limits(max_connections=PLACES, max_keepalive_connections=PLACES)
        # Only a refused connect is tried again: what was sent is sent once.
        transport = httpx.AsyncHTTPTransport(limits=limits, retries=2)
        began, count = time.monotonic(), 0
        async with (
            httpx.AsyncClient(base_url=self.crowd.stack.url, timeout=30, transport=transport) as http,
            asyncio.TaskGroup() as group,
        ):
            while not done.is_set():
                group.create_task(self._one(http))
                count += 1
                await asyncio.sleep(max(0.0, began + count / RATE - time.monotonic()))

    async def _one(self, http: httpx.AsyncClient) -> None:
        reader = {"authorization": await self.crowd.token(READER)}
        filer = {"authorization": await self.crowd.token(FILER), "idempotency-key": new_id()}
        write = random.random() < WRITES
        path = f"/v1/tenants/{self.tenant}/requests" if write else random.choice(_READS).format(self.tenant)
        step, asked = self.step, time.monotonic()
        try:
            if write:
                body = {"service_item_id": self.item, "summary": "请尽快处理"}
                reply = await http.post(path, json=body, headers=filer)
            else:
                reply = await http.get(path, headers=reader)
        except httpx.HTTPError as error:
            self.failures.append(f"{step}: {path}: {error!r}")
            return
        self.took.append(time.monotonic() - asked)
        self.statuses[reply.status_code] += 1
        if not reply.is_success:
            self.failures.append(f"{step}: {path}: {reply.status_code} {reply.text[:200]}")
        elif write:
            self.filed.add(reply.json()["id"])


async def test_deploys_fail_nobody(proof: Proof, crowd: Crowd) -> None:
    """Each of the eight processes is replaced in turn. Whatever was sent is answered, and what was filed is
    there once and reaches those who follow the events, although two processes of a kind ran side by side.

    In a short run it is those that every call goes through, in a full run all of them, several times."""
    rounds, replaced_ones = proof.size(1, 6), SERVICES if proof.full else ("identity", "ticket", "gateway")
    proof.of(
        15,
        "zero-error deploys",
        load=f"{RATE} requests/s, {WRITES:.0%} of them writes",
        faults=f"each of {len(replaced_ones)} processes replaced, {rounds}×",
    )
    stack = crowd.stack
    load = Load(crowd, await crowd.tenant(FILER), await crowd.item(FILER))
    before, parked = await stored(stack), await dead_letters(stack)
    replaced: list[float] = []
    done = asyncio.Event()
    loading = asyncio.create_task(load.until(done))
    try:
        await asyncio.sleep(2)
        quiet = len(load.took)
        for number in range(rounds):
            for service in replaced_ones:
                load.step = f"{service} {number + 1}"
                pid, began = stack.pids()[service], time.monotonic()
                await stack.restart(service)
                replaced.append(time.monotonic() - began)
                assert stack.pids()[service] != pid
        load.step = "after"
        await asyncio.sleep(2)
    finally:
        done.set()
        await loading
    assert not load.failures, "\n".join(load.failures[:20])
    assert quiet
    assert load.filed
    after = await stored(stack)
    assert after - before == load.filed, "every request that was filed is there, and nothing else"
    await eventually(lambda: followed(stack, load.filed), 60)
    assert await dead_letters(stack) == parked, "no event was given up"
    p99 = statistics.quantiles(load.took, n=100)[98]
    proof.found(
        cases=len(load.took),
        figure=f"0 failed of {len(load.took)} requests, {len(load.filed)} written once each; "
        f"p50 {statistics.median(load.took) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, "
        f"slowest {max(load.took) * 1000:.0f} ms; a replacement takes {statistics.mean(replaced):.1f} s",
    )


async def ids(stack: Stack, service: str, query: str) -> list[str]:
    """One column of a service's database."""
    connection = await asyncpg.connect(stack.superuser_url(service))
    try:
        return [str(row[0]) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def stored(stack: Stack) -> set[str]:
    """The ids of all requests there are."""
    return set(await ids(stack, "ticket", "SELECT id FROM requests_tickets"))


async def dead_letters(stack: Stack) -> dict[str, list[str]]:
    """The events that each service gave up, by their ids."""
    query = "SELECT event_id FROM dead_letters ORDER BY event_id"
    return {service: await ids(stack, service, query) for service in WITH_DATABASE}


async def followed(stack: Stack, filed: set[str]) -> bool:
    """Whether the overview has come to know all of them."""
    return filed <= set(await ids(stack, "dashboard", "SELECT id FROM overview_tickets"))
