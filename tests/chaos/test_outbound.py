"""Promise 19, as far as there is anything to promise: nobody can make the district call an address of theirs.

No RPC takes an address that a process would open, so there is no guard against inner addresses either. The
first contract that takes one turns this red, and has to bring the guard, the signature and the secrets.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from buf.validate import validate_pb2
from chassis.ids import new_id
from deploy.local.stack import Stack
from gateway.transcoding.contracts import Rpc, rpcs
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd, Json
from tests.fixtures.waiting import eventually

PEOPLE = ("admin", "worker")
FORMS = (
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/hook",
    "http://2130706433:{port}/",
    "http://0x7f.1:{port}/",
    "http://127.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "https://user@127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_",
    "hook@[127.0.0.1]:{port}",
)
HEADERS = (
    "referer",
    "forwarded",
    "x_forwarded_host",
    "x_forwarded_server",
    "x_callback_url",
    "x_webhook_url",
)
ADDRESS = re.compile(r"(^|_)(url|uri|href|endpoint|webhook|callback_to|host|hostname|domain)s?($|_)")
_DEPTH = 4


def fields(message: Descriptor, path: tuple[str, ...] = ()) -> Iterator[tuple[str, FieldDescriptor]]:
    """Every field of a request and of what it contains."""
    for field in message.fields:
        name = ".".join((*path, field.name))
        yield name, field
        if field.message_type is not None and len(path) < _DEPTH and not _known(field.message_type):
            yield from fields(field.message_type, (*path, field.name))


def _names_a_row(field: FieldDescriptor) -> bool:
    """It holds an id and nothing else: a host who receives is no host to connect to."""
    found: bool = field.GetOptions().Extensions[validate_pb2.field].string.uuid
    return found


def _known(message: Descriptor) -> bool:
    return message.full_name.startswith("google.")


def filled(message: Descriptor, text: str, depth: int = 0) -> Json:
    """A request with the text wherever a text goes."""
    return {
        field.name: [value] if field.is_repeated else value
        for field in message.fields
        if (value := _value(field, text, depth)) is not None
    }


def _value(field: FieldDescriptor, text: str, depth: int) -> Any:
    kind = field.message_type
    if kind is not None:
        if kind.full_name == "google.protobuf.Struct":
            return {"url": text}
        return None if _known(kind) or depth > _DEPTH else filled(kind, text, depth + 1)
    if field.enum_type is not None:
        unset, first, *_ = field.enum_type.values
        return first.name.removeprefix(unset.name.removesuffix("UNSPECIFIED"))
    if field.type == field.TYPE_STRING:
        return text
    return field.type == field.TYPE_BOOL or 1


@asynccontextmanager
async def bait() -> AsyncIterator[tuple[int, list[str]]]:
    """Something inside that nobody has business with: its port, and who called."""
    callers: list[str] = []

    async def called(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(str(writer.get_extra_info("peername")))
        writer.close()

    async with await asyncio.start_server(called, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with await asyncio.start_server(called, "::1", port):
            yield port, callers


def strangers(stack: Stack) -> set[str]:
    """Whom our processes are connected to, beside each other and what they were told to use."""
    ours = {*stack.around.ports.values(), stack.around.public_port}
    return {
        f"{name} → {each.raddr.ip}:{each.raddr.port}"
        for name, pid in stack.pids().items()
        for each in psutil.Process(pid).net_connections("inet")
        if each.status == psutil.CONN_ESTABLISHED and not {each.laddr.port, each.raddr.port} & ours
    }


def test_no_request_takes_an_address() -> None:
    taken = {
        f"{rpc.plan.path} {name}"
        for rpc in rpcs()
        for name, field in fields(rpc.request)
        if field.type == field.TYPE_STRING and ADDRESS.search(field.name) and not _names_a_row(field)
    }
    assert taken == set(), "an address from outside needs the guard of promise 19"


async def test_nobody_makes_us_call_an_address(proof: Proof, crowd: Crowd) -> None:
    """Addresses of something inside, in every text of every request and in headers that other software obeys,
    and in the words that people write and others are told of by mail."""
    forms = FORMS[: proof.size(2, len(FORMS))]
    proof.of(19, "nobody makes us call (no webhooks yet)", load=f"{len(rpcs())} RPCs, {len(forms)} addresses")
    outside: set[str] = set()
    accepted = tried = 0
    async with bait() as (port, callers):
        for form in forms:
            text = form.format(port=port)
            headers = dict.fromkeys(HEADERS, text)
            for rpc in rpcs():
                for login in PEOPLE:
                    status = await ask(crowd, login, rpc, text, headers)
                    tried += 1
                    accepted += status < 300
            reply = await crowd.call("worker", "POST", *await order(crowd, text), idempotency_key=new_id())
            accepted += reply.raise_for_status().status_code < 300
            outside |= strangers(crowd.stack)
        await asyncio.sleep(2)  # what is told by events is told by then
        outside |= strangers(crowd.stack)
        assert callers == []
        _, writer = await asyncio.open_connection("127.0.0.1", port)

        async def seen() -> bool:
            return len(callers) == 1

        await eventually(seen)  # whoever had called would have been seen
        writer.close()
    assert outside == set()
    assert accepted > 0
    proof.found(
        cases=tried, figure=f"0 calls; {accepted} requests were accepted, with the address as mere words"
    )


async def ask(crowd: Crowd, login: str, rpc: Rpc, text: str, headers: dict[str, str]) -> int:
    """One RPC with the text everywhere, in the caller's own tenant; the status."""
    binding = rpc.bindings[0]
    path = binding.template.replace("{tenant}", await crowd.tenant(login)).replace("{service}", "ticket")
    path = re.sub(r"{\w+}", new_id(), path)
    body = filled(rpc.request, text) if binding.body else None
    named = set(re.findall(r"{(\w+)}", binding.template))
    if body is not None:
        body = {name: value for name, value in body.items() if name not in named}
    reply = await crowd.call(login, binding.verb, path, body, **headers)
    assert reply.status_code != 500, reply.text
    return reply.status_code


async def order(crowd: Crowd, text: str) -> tuple[str, Json]:
    """An order that says nothing but the address."""
    tenant = await crowd.tenant("worker")
    body = {"service_item_id": await crowd.item("worker"), "summary": f"请看 {text}", "synthetic": True}
    return f"/v1/tenants/{tenant}/requests", body
