"""Promise 14: a slow service keeps nobody waiting beyond the deadline, and nothing of it stays behind."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import time
from collections import Counter
from pathlib import Path

import asyncpg
import httpx

from chassis.ids import new_id
from deploy.local.services import WITH_DATABASE
from deploy.local.stack import Stack
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.fixtures.waiting import eventually

FILER, READER = "worker", "secretary"
READ_S, WRITE_S, SIGN_IN_S = 10.0, 15.0, 5.0
"""The gateway's deadlines."""
MARGIN_S = 0.2
CALLERS = 8
SPARE = 4
"""Sockets that may be more than before: a connection is sometimes kept ready."""

_PATHS = {
    "identity": "/v1/tenants/{}/grants:roles",
    "membership": "/v1/tenants/{}/enterprises:summary",
    "activity": "/v1/tenants/{}/calendar?page_size=1",
    "ticket": "/v1/tenants/{}/requests?page_size=1",
    "window": "/v1/tenants/{}/departments?page_size=1",
    "notification": "/v1/me/messages?page_size=1",
    "dashboard": "/v1/tenants/{}/overview",
}


def sockets(pid: int) -> int:
    """How many sockets a process has open."""
    count = 0
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            count += entry.readlink().name.startswith("socket:")
        except FileNotFoundError:
            continue  # closed at this moment
    return count


async def connections(stack: Stack) -> dict[str, int]:
    """Sockets of every process, and what PostgreSQL has open for them."""
    found = {name: sockets(pid) for name, pid in stack.pids().items()}
    connection = await asyncpg.connect(stack.superuser_url("postgres"))
    try:
        backends = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        return found | {"postgres": await connection.fetchval(backends)}
    finally:
        await connection.close()


class Callers:
    """People who call one after the other and keep a record of how long each answer took."""

    def __init__(self, crowd: Crowd, http: httpx.AsyncClient, tenant: str) -> None:
        self._crowd = crowd
        self._http = http
        self._tenant = tenant
        self.took: dict[str, list[float]] = {"read": [], "write": [], "sign-in": []}
        self.statuses: Counter[int] = Counter()

    async def ready(self) -> None:
        """Signed in: that is not what is measured, and may take longer than the calls."""
        await self._crowd.item(FILER)
        await self._crowd.token(READER)

    async def until(self, ends: float, service: str) -> None:
        """Everybody calls until then, and waits for the last answer."""
        item = await self._crowd.item(FILER)
        token = {"authorization": await self._crowd.token(READER)}
        filer = {"authorization": await self._crowd.token(FILER)}
        orders = f"/v1/tenants/{self._tenant}/requests"

        async def read() -> httpx.Response:
            return await self._http.get(_PATHS[service].format(self._tenant), headers=token)

        async def write() -> httpx.Response:
            body = {"service_item_id": item, "summary": "请尽快处理"}
            return await self._http.post(orders, json=body, headers=filer | {"idempotency-key": new_id()})

        async def sign_in() -> httpx.Response:
            # A token that nobody was given: identity has to look, and there is no password to compute.
            cookie = f"louyu_refresh={base64.urlsafe_b64encode(os.urandom(48)).decode()}"
            headers = {"origin": self._crowd.stack.url, "cookie": cookie}
            return await self._http.post("/v1/session:refresh", headers=headers)

        async def one(kind: str) -> None:
            call = {"read": read, "write": write, "sign-in": sign_in}[kind]
            while time.monotonic() < ends:
                began = time.monotonic()
                reply = await call()
                self.took[kind].append(time.monotonic() - began)
                self.statuses[reply.status_code] += 1
                await asyncio.sleep(0.05)

        kinds = ("read", "read", "write", "sign-in") * (CALLERS // 4)
        await asyncio.gather(*(one(kind) for kind in kinds))


async def test_deadlines_hold(proof: Proof, crowd: Crowd) -> None:
    """A service stands still, as one does on a machine that swaps: its connections stay open and nothing
    answers. In a short run it is the one that reads are slowest to give up on, a little longer than their
    deadline; in a full run each of them, for longer than any deadline."""
    stopped = proof.size(13, 17)
    services = WITH_DATABASE if proof.full else ("ticket",)
    proof.of(
        14,
        "deadlines hold",
        load=f"{CALLERS} callers without pause: reads, writes, sessions",
        faults=f"SIGSTOP of {', '.join(services)} for {stopped} s",
    )
    tenant = await crowd.tenant(FILER)
    slowest = dict.fromkeys(("read", "write", "sign-in"), 0.0)
    statuses: Counter[int] = Counter()
    before: dict[str, int] = {}
    for service in services:
        async with httpx.AsyncClient(base_url=crowd.stack.url, timeout=60) as http:
            callers = Callers(crowd, http, tenant)
            await callers.ready()
            await callers.until(time.monotonic() + 1, service)  # connections are opened with the first calls
            assert set(callers.statuses) == {200, 401}, callers.statuses
        before = before or await connections(crowd.stack)
        pid = crowd.stack.pids()[service]
        async with httpx.AsyncClient(base_url=crowd.stack.url, timeout=60) as http:
            callers = Callers(crowd, http, tenant)
            await callers.ready()
            os.kill(pid, signal.SIGSTOP)
            try:
                ends = time.monotonic() + stopped
                calling = asyncio.create_task(callers.until(ends, service))
                await asyncio.sleep(stopped)
            finally:
                os.kill(pid, signal.SIGCONT)
            await calling
        statuses += callers.statuses
        assert set(statuses) <= {200, 401, 429, 503, 504}, statuses
        for kind, took in callers.took.items():
            slowest[kind] = max(slowest[kind], *took)
        assert await back_to(crowd.stack, before), (before, await connections(crowd.stack))
        assert crowd.stack.pids()[service] == pid, "it was not restarted"

        async def serves(service: str = service) -> bool:
            path = _PATHS[service].format(tenant)
            return (await crowd.call(READER, "GET", path)).is_success

        await eventually(serves, 60)
    assert statuses[504] or statuses[503], "the fault was felt"
    if proof.full:
        assert slowest["read"] <= READ_S + MARGIN_S, slowest
        assert slowest["write"] <= WRITE_S + MARGIN_S, slowest
        assert slowest["sign-in"] <= SIGN_IN_S + MARGIN_S, slowest
    shown = ", ".join(f"{kind} {took:.2f} s" for kind, took in slowest.items())
    proof.found(
        cases=sum(statuses.values()),
        figure=f"slowest {shown} (deadlines {READ_S:.0f}, {WRITE_S:.0f}, {SIGN_IN_S:.0f}); "
        "connections as before",
    )


async def back_to(stack: Stack, before: dict[str, int]) -> bool:
    """Whether no process keeps more connections than it had. What a pool opened under a burst, it closes when
    it was idle for five minutes."""

    async def as_before() -> bool:
        now = await connections(stack)
        return all(now[name] <= count + SPARE for name, count in before.items())

    try:
        await eventually(as_before, 360)
    except TimeoutError:
        return False
    return True
