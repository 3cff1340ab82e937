"""Promise 16: hostile input is never a 500, and no trace of the inside leaks."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from typing import Any

import grpc
import httpx
import schemathesis
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, Phase, given, seed, settings

from chassis.plans import Plan, compile_service
from deploy.local.services import SERVICES
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.contract import contracts

CALLER = "admin"
LEAK = re.compile(
    rb"Traceback|File \"|/site-packages/|/libs/chassis|sqlalchemy|asyncpg\.|psycopg|SELECT .* FROM|grpc\._|"
    rb"line \d+, in |Error\('|0x[0-9a-f]{8,}"
)
TRIES = 3
"""What takes too long each time is a finding; that the machine was too busy once is none."""
NOT_FUZZED = ("/v1/live", "/v1/session:sign-out", "/v1/session:refresh")
"""An endless stream; and two that end the session the others need."""
OURS = ("authorization", "connection", "content-length", "host", "transfer-encoding")


async def ask(client: httpx.AsyncClient, case: Any, authorization: str) -> httpx.Response | None:
    """One generated request; None where it cannot even be written down as HTTP."""
    try:
        made = case.as_transport_kwargs(base_url=str(client.base_url), headers={})
        headers = {
            key: str(value).encode("latin-1", "ignore")
            for key, value in dict(made.get("headers") or {}).items()
            if key.lower() not in OURS
        }
        content = made.get("data")
        request = httpx.Request(
            made["method"],
            made["url"],
            params=made.get("params"),
            headers=headers | {"authorization": authorization.encode()},
            cookies=made.get("cookies"),
            json=made.get("json"),
            content=content if isinstance(content, bytes | str) else None,
        )
        return await client.send(request)
    except (httpx.InvalidURL, httpx.LocalProtocolError, httpx.UnsupportedProtocol, ValueError, TypeError):
        return None


async def test_hostile_http_is_never_a_500(proof: Proof, crowd: Crowd) -> None:
    """Requests made from the OpenAPI document: right in form and wrong in every way it can think of."""
    each = proof.size(4, 80)
    tenant = await crowd.tenant(CALLER)
    document = (await crowd.http.get("/openapi.json")).json()
    schema = schemathesis.openapi.from_dict(document)
    found: list[Any] = [operation.ok() for operation in schema.get_all_operations()]  # type: ignore[union-attr]
    operations = [one for one in found if one.path not in NOT_FUZZED]
    proof.of(16, "hostile input: HTTP from OpenAPI", load=f"{len(operations)} operations x {each}")
    loop = asyncio.get_running_loop()
    wrong = schemathesis.GenerationMode.NEGATIVE
    statuses: Counter[int] = Counter()
    bad: list[str] = []

    def look(operation: Any, reply: httpx.Response | None) -> None:
        if reply is None:
            return
        statuses[reply.status_code] += 1
        where = f"{operation.method.upper()} {operation.path}: {reply.status_code}"
        if reply.status_code >= 500 and reply.status_code not in (501, 503):
            bad.append(f"{where} {reply.text[:300]} for {reply.request.url} {reply.request.content[:300]!r}")
        if LEAK.search(reply.content) and "json" in reply.headers.get("content-type", ""):
            bad.append(f"{where} leaks {reply.text[:300]}")
        if reply.status_code >= 400 and "problem+json" not in reply.headers.get("content-type", ""):
            bad.append(f"{where} is no problem+json")

    def fuzz(operation: Any) -> None:
        """Runs on a thread, since Hypothesis is not asynchronous; the requests run on the loop."""

        @seed(16)
        @settings(
            max_examples=each,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy() | operation.as_strategy(generation_mode=wrong))
        def generated(case: Any) -> None:
            if case.path_parameters and "tenant" in case.path_parameters and random.random() < 0.9:
                case.path_parameters["tenant"] = tenant
            future = asyncio.run_coroutine_threadsafe(one(case), loop)
            look(operation, future.result(timeout=60))

        generated()

    async def one(case: Any) -> httpx.Response | None:
        for _ in range(TRIES):
            reply = await ask(crowd.http, case, await crowd.token(CALLER))
            if reply is None or reply.status_code != 504:
                break
        return reply

    for operation in operations:
        await asyncio.to_thread(fuzz, operation)
    assert bad == []
    total = sum(statuses.values())
    families = Counter(f"{status // 100}xx" for status in statuses.elements())
    summary = ", ".join(f"{count} x {family}" for family, count in sorted(families.items()))
    proof.found(cases=total, figure=f"0 x 500 ({summary})")


def mutations(plan: Plan, message: Any, dice: random.Random, count: int) -> list[bytes]:
    """A message's bytes, cut, doubled, flipped and replaced by noise."""
    good = message.SerializeToString()
    found = [b"", b"\xff" * 20, good + good, good[:-1], dice.randbytes(2000), b"\x0a\xff\xff\xff\xff\x0f"]
    while len(found) < count:
        spoilt = bytearray(good or b"\x00")
        for _ in range(dice.randint(1, 4)):
            match dice.randrange(3):
                case 0:
                    spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
                case 1:
                    spoilt.insert(dice.randrange(len(spoilt) + 1), dice.randrange(256))
                case 2 if len(spoilt) > 1:
                    del spoilt[dice.randrange(len(spoilt))]
        found.append(bytes(spoilt))
    return found[:count]


async def test_hostile_bytes_kill_no_service(proof: Proof, crowd: Crowd) -> None:
    """Byte-mutated protobufs at every RPC of every service, as a person who is signed in."""
    each = proof.size(12, 100)
    methods = sorted(contracts.methods(), key=lambda pair: pair[1].full_name)
    proof.of(16, "hostile input: mutated protobuf", load=f"{len(methods)} RPCs x {each}")
    tenant = await crowd.tenant(CALLER)
    pids = crowd.stack.pids()
    dice = random.Random(16)
    codes: Counter[str] = Counter()
    bad: list[str] = []
    for service, method in methods:
        plan = compile_service(service)[f"/{service.full_name}/{method.name}"]
        name = service.full_name.split(".")[1]
        hosts = SERVICES if name == "operations" else (name,)
        message: Any = GetMessageClass(method.input_type)()
        if plan.in_tenant:
            message.tenant = tenant
        for host in hosts:
            address = f"127.0.0.1:{crowd.stack.around.ports[f'{host}-grpc']}"
            async with grpc.aio.insecure_channel(address) as channel:
                call: Any = channel.unary_unary(plan.path)
                metadata = [("authorization", await crowd.token(CALLER)), ("if-match", "1")]
                for raw in mutations(plan, message, dice, each):
                    try:
                        await call(raw, metadata=metadata, timeout=10)
                        codes["OK"] += 1
                    except grpc.aio.AioRpcError as error:
                        codes[error.code().name] += 1
                        said = repr(error.trailing_metadata()).encode() + (error.details() or "").encode()
                        if LEAK.search(said):
                            bad.append(f"{plan.path} on {host} leaks {said[:300]!r}")
                        if error.code() in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN):
                            bad.append(f"{plan.path} on {host}: {error.code().name} for {raw[:80]!r}")
    assert bad == []
    assert crowd.stack.pids() == pids, "a process did not survive"
    total = sum(codes.values())
    proof.found(cases=total, figure=f"0 internal errors, {len(pids)} of {len(pids)} processes survived")
