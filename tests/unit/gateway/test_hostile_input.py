"""Whatever is sent, the gateway answers with a status of its own choosing, never with a 500."""

from __future__ import annotations

import asyncio
import string
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest_asyncio
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.settings import GatewaySettings
from gateway.transcoding.contracts import Binding, Rpc, rpcs
from gateway.transcoding.routes import placeholders
from tests.unit.gateway.door import TENANT, Answer, Door, opened

BINDINGS = [(rpc, binding) for rpc in rpcs() for binding in rpc.bindings]
NAMES = sorted({field.name for rpc in rpcs() for field in rpc.request.fields})
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
HEADER_NAMES = [
    "authorization",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-purpose",
    "x-reason",
    "accept-language",
    "x-request-id",
    "traceparent",
    "content-type",
    "cookie",
    "range",
    "x-forwarded-for",
    "accept-encoding",
]
PRINTABLE = st.text(string.printable.strip(), max_size=30)


@pytest_asyncio.fixture(scope="module")
async def door(tmp_path_factory: Any) -> AsyncIterator[Door]:
    """A gateway over services that answer everything with an empty message, for someone who may do all."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    free = GatewaySettings(account_rate=0, tenant_rate=0, address_rate=0)
    async with opened(folder, free) as found:
        for rpc in rpcs():
            if rpc.plan.permission:
                found.allow(rpc.plan.permission)
            found.backend.answers[rpc.plan.path] = answering(GetMessageClass(rpc.reply)())
        yield found


def answering(message: Message) -> Answer:
    return lambda request, headers: message


def address(binding: Binding, draw: st.DrawFn) -> str:
    path = binding.template
    for name in placeholders(path):
        value = TENANT if name == "tenant" else draw(PRINTABLE.filter(bool))
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


@st.composite
def requests(draw: st.DrawFn) -> tuple[Rpc, str, str, bytes, dict[str, str], str]:
    rpc, binding = draw(st.sampled_from(BINDINGS))
    fields = [field.name for field in rpc.request.fields]
    body = b""
    if binding.body:
        known = st.dictionaries(st.sampled_from(fields or NAMES), ANY_JSON, max_size=4)
        body = draw(
            st.one_of(
                known.map(dumped), ANY_JSON.map(dumped), st.binary(max_size=20), known.map(dumped).map(cut)
            )
        )
    query = draw(st.lists(st.tuples(st.sampled_from(NAMES), PRINTABLE), max_size=3))
    text = "&".join(f"{name}={quote(value, safe='%&=')}" for name, value in query)
    headers = draw(st.dictionaries(st.sampled_from(HEADER_NAMES), PRINTABLE, max_size=3))
    return rpc, binding.verb, address(binding, draw), body, headers, text


def dumped(raw: Any) -> bytes:
    try:
        return orjson.dumps(raw, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:  # an integer beyond 64 bits, a lone surrogate
        return repr(raw).encode("utf-8", "surrogatepass")


def cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


async def test_no_request_is_a_500(door: Door) -> None:
    loop = asyncio.get_running_loop()
    token = door.token(seconds=3600)

    async def send(case: tuple[Rpc, str, str, bytes, dict[str, str], str]) -> Any:
        _, method, path, body, headers, query = case
        merged = {"authorization": token, "content-type": "application/json", **headers}
        return await door.client.request(method, f"{path}?{query}", content=body, headers=merged)

    @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
    @given(requests())
    def each(case: tuple[Rpc, str, str, bytes, dict[str, str], str]) -> None:
        reply = asyncio.run_coroutine_threadsafe(send(case), loop).result(30)
        assert reply.status_code < 500 or reply.status_code in (501, 503), (case, reply.text)
        if reply.status_code >= 400:
            problem = reply.json()
            assert problem["status"] == reply.status_code
            assert problem["messages"]["zh"]
            assert problem["messages"]["en"]
            assert "Traceback" not in reply.text

    await asyncio.to_thread(each)
