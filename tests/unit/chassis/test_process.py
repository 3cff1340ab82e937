"""A whole process: starts without NATS, answers on both ports, drains on SIGTERM, ends when a loop does."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from chassis.tokens import Claims, SigningKey, issue_access
from deploy.local.ports import internal_ports
from louyu.identity.v1 import clock_pb2, grants_pb2, sessions_pb2
from louyu.identity.v1.clock_pb2_grpc import ClockServiceServicer, add_ClockServiceServicer_to_server
from louyu.identity.v1.grants_pb2_grpc import GrantsServiceServicer, add_GrantsServiceServicer_to_server
from louyu.identity.v1.sessions_pb2_grpc import SessionsServiceServicer, add_SessionsServiceServicer_to_server
from louyu.ticket.v1 import requests_pb2
from louyu.ticket.v1.requests_pb2_grpc import RequestsServiceStub
from tests.fixtures.waiting import eventually
from tests.unit.chassis.stage import ACCOUNT, TENANT, TICKET

PROGRAM = """
import asyncio, sys
from chassis import health
from chassis.process import Process, run
from louyu.ticket.v1 import requests_pb2
from louyu.ticket.v1.requests_pb2_grpc import RequestsServiceServicer, add_RequestsServiceServicer_to_server

class Requests(RequestsServiceServicer):
    async def GetTicket(self, request, context):
        await asyncio.sleep(0.5)
        return requests_pb2.Ticket(id=request.id)

Requests.__abstractmethods__ = frozenset()

async def ends(stop):
    await asyncio.sleep(0.3)

if "drains" in sys.argv:
    health.NOTICE_S = 3.0  # what is sent to it meanwhile is served, on a busy machine too

async def start(process: Process) -> None:
    process.serve(add_RequestsServiceServicer_to_server, Requests())
    if "ends" in sys.argv:
        process.background("short", ends)

run("ticket", start)
"""
KEY = SigningKey("k1", b"1" * 32)
SEED = b"3" * 32


class Grants(GrantsServiceServicer):
    async def ListEffectiveGrants(self, request: Any, context: Any) -> grants_pb2.ListEffectiveGrantsResponse:
        grant = grants_pb2.EffectiveGrant(tenant=TENANT, permission="requests.read", letter="B")
        return grants_pb2.ListEffectiveGrantsResponse(account=request.account, active=True, grants=[grant])

    async def ListGrantChanges(self, request: Any, context: Any) -> grants_pb2.ListGrantChangesResponse:
        return grants_pb2.ListGrantChangesResponse(position=0)


class Sessions(SessionsServiceServicer):
    async def ListKeys(self, request: Any, context: Any) -> sessions_pb2.ListKeysResponse:
        x = urlsafe_b64encode(KEY.public).decode().rstrip("=")
        return sessions_pb2.ListKeysResponse(keys=[sessions_pb2.PublicKey(kid=KEY.kid, x=x)])


class Clock(ClockServiceServicer):
    async def GetClock(self, request: Any, context: Any) -> clock_pb2.Clock:
        return clock_pb2.Clock(offset_seconds=-86_400)


for servicer in (Grants, Sessions, Clock):
    servicer.__abstractmethods__ = frozenset()


@dataclass
class Running:
    """A process under test."""

    process: asyncio.subprocess.Process
    grpc_port: int
    ops_port: int

    async def get(self, path: str) -> tuple[int, str]:
        """GET on the ops port."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ops_port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()
        return int(answer.split(" ")[1]), answer.partition("\r\n\r\n")[2]

    async def ready(self) -> None:
        """Waits until /readyz says so."""
        async with asyncio.timeout(60):
            while True:
                try:
                    if (await self.get("/readyz"))[0] == 200:
                        return
                except (OSError, IndexError):
                    pass
                await asyncio.sleep(0.05)


@asynccontextmanager
async def running(tmp_path: Path, *arguments: str, **settings: str) -> AsyncIterator[Running]:
    identity = grpc.aio.server()
    unsure: Any = (Grants, Sessions, Clock)
    add_GrantsServiceServicer_to_server(unsure[0](), identity)
    add_SessionsServiceServicer_to_server(unsure[1](), identity)
    add_ClockServiceServicer_to_server(unsure[2](), identity)
    identity_port = identity.add_insecure_port("127.0.0.1:0")
    await identity.start()
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    ports = internal_ports(("grpc", "ops"), {})
    grpc_port, ops_port = ports["grpc"], ports["ops"]
    environment = {
        **os.environ,
        "LOUYU_GRPC_PORT": str(grpc_port),
        "LOUYU_OPS_PORT": str(ops_port),
        "LOUYU_ADDRESSES": json.dumps({"identity": f"127.0.0.1:{identity_port}"}),
        "LOUYU_SERVICE_KEY": b64encode(SEED).decode(),
        "LOUYU_NATS_URL": "nats://127.0.0.1:1",
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(program), *arguments, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield Running(process, grpc_port, ops_port)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await identity.stop(0)


def bearer() -> str:
    now = time.time()
    return "Bearer " + issue_access(KEY, Claims(ACCOUNT, "p", "s", "account", now + 300), now)


async def test_a_process_serves_and_drains(tmp_path: Path) -> None:
    async with running(tmp_path, "drains") as process:
        await process.ready()
        assert await process.get("/healthz") == (200, "ok\n")
        assert (await process.get("/nothing"))[0] == 404
        async with grpc.aio.insecure_channel(f"127.0.0.1:{process.grpc_port}") as channel:
            stub = RequestsServiceStub(channel)
            request = requests_pb2.GetTicketRequest(tenant=TENANT, id=TICKET)
            metadata = [("authorization", bearer())]
            assert (await stub.GetTicket(request, metadata=metadata)).id == TICKET
            status, metrics = await process.get("/metrics")
            assert status == 200
            assert (
                'louyu_rpc_total{code="OK",rpc="RequestsService/GetTicket",tenant_class="none"} 1.0'
                in metrics
            )
            under_way = asyncio.ensure_future(stub.GetTicket(request, metadata=metadata))
            await asyncio.sleep(0.2)
            process.process.send_signal(signal.SIGTERM)

            async def drains() -> bool:
                return (await process.get("/readyz"))[0] == 503

            await eventually(drains)
            # Sent before callers could know: it is served like the one under way.
            assert (await stub.GetTicket(request, metadata=metadata)).id == TICKET
            assert (await under_way).id == TICKET
        async with asyncio.timeout(60):
            assert await process.process.wait() == 0


async def test_a_process_ends_when_one_of_its_loops_does(tmp_path: Path) -> None:
    async with running(tmp_path, "ends") as process, asyncio.timeout(60):
        assert await process.process.wait() == 1


async def test_a_walkable_clock_starts_where_identity_says(tmp_path: Path) -> None:
    async with running(tmp_path, LOUYU_CLOCK="walkable", LOUYU_LOG="console") as process:
        await process.ready()
        process.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            assert await process.process.wait() == 0


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"LOUYU_CLOCK": "sundial"}, "LOUYU_CLOCK"),
        ({"LOUYU_GRPC_PORT": "seven"}, "LOUYU_GRPC_PORT"),
        ({"LOUYU_SECRET": "not base64!"}, "LOUYU_SECRET"),
    ],
)
async def test_wrong_settings_are_one_line_that_names_the_variable(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    async with running(tmp_path, **settings) as process, asyncio.timeout(60):
        assert await process.process.wait() == 1
        assert process.process.stderr is not None
        said = (await process.process.stderr.read()).decode().strip()
        assert told in said
        assert "\n" not in said
