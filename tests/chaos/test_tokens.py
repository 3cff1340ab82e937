"""Promise 18: no bad token gets through the gateway or straight to a service; keys rotate under load."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import grpc
import pytest

from chassis.refusals import decode
from louyu.ticket.v1 import requests_pb2
from louyu.ticket.v1.requests_pb2_grpc import RequestsServiceStub
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.unit.chassis.test_tokens import BAD

CALLER = "worker"


def variants(good: str) -> dict[str, str]:
    """A real token, spoilt in ways that only somebody who holds one can."""
    head, body, signature = good.split(".")
    return {
        "real, signature cut": f"{head}.{body}.{signature[:-2]}",
        "real, without signature": f"{head}.{body}.",
        "real, other header": f"eyJhbGciOiJub25lIn0.{body}.{signature}",
        "real, body of another": f"{head}.{body[:-8]}AAAAAAAA.{signature}",
        "real, twice": f"{good}.{good}",
    }


async def test_no_bad_token_gets_in(proof: Proof, crowd: Crowd) -> None:
    good = (await crowd.token(CALLER)).removeprefix("Bearer ")
    corpus = {name: bad for name, bad in (BAD | variants(good)).items() if bad}
    proof.of(18, "tokens: no bad one gets in", load=f"{len(corpus)} bad tokens at gateway and service")
    tenant = await crowd.tenant(CALLER)
    path = f"/v1/tenants/{tenant}/requests"
    assert (await crowd.http.get(path, headers={"authorization": f"Bearer {good}"})).status_code == 200
    ticket = f"127.0.0.1:{crowd.stack.around.ports['ticket-grpc']}"
    cases = 0
    async with grpc.aio.insecure_channel(ticket) as channel:
        stub = RequestsServiceStub(channel)
        request = requests_pb2.ListTicketsRequest(tenant=tenant)
        await stub.ListTickets(request, metadata=[("authorization", f"Bearer {good}")], timeout=10)
        for name, bad in corpus.items():
            header = f"Bearer {bad}".encode()
            reply = await crowd.http.get(path, headers=[(b"authorization", header)])
            assert reply.status_code == 401, f"{name}: {reply.status_code} {reply.text}"
            assert "www-authenticate" in reply.headers
            cases += 1
            if not bad.isascii():
                continue  # metadata cannot carry it
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.ListTickets(request, metadata=[("authorization", f"Bearer {bad}")], timeout=10)
            assert decode(caught.value).http_status == 401, name
            cases += 1
    proof.found(cases=cases, figure=f"{cases} x 401")


async def test_keys_rotate_under_load(proof: Proof, crowd: Crowd) -> None:
    rotations = proof.size(2, 10)
    proof.of(18, "tokens: keys rotate under load", load="20 callers", faults=f"{rotations} key rotations")
    tenant = await crowd.tenant(CALLER)
    district = await crowd.tenant("operator")
    path = f"/v1/tenants/{tenant}/requests"
    statuses: Counter[int] = Counter()
    done = asyncio.Event()

    async def calling() -> None:
        while not done.is_set():
            statuses[(await crowd.call(CALLER, "GET", path)).status_code] += 1

    async def signing_in() -> None:
        """New tokens are signed with the new key at once."""
        while not done.is_set():
            fresh = Crowd(crowd.stack)
            async with fresh:
                statuses[(await fresh.call("contact", "GET", "/v1/me")).status_code] += 1
            await asyncio.sleep(0.3)

    callers = [asyncio.create_task(calling()) for _ in range(20)]
    callers.append(asyncio.create_task(signing_in()))
    started = time.monotonic()
    try:
        for _ in range(rotations):
            await asyncio.sleep(1.5)
            rotated = await crowd.call("operator", "POST", f"/v1/tenants/{district}/sessions:rotateKeys", {})
            assert rotated.is_success, rotated.text
        await asyncio.sleep(2.0)
    finally:
        done.set()
        await asyncio.gather(*callers)
    total = sum(statuses.values())
    assert statuses == {200: total}, statuses
    proof.found(cases=total, figure=f"0 errors in {time.monotonic() - started:.0f} s")
