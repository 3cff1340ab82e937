"""The running bench: the district, its people, the control beside it, and the waiting in between."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import nats
from nats.js.errors import NotFoundError

from deploy.local.ports import internal_ports
from deploy.local.program import Program, http_ok
from deploy.local.services import WITH_DATABASE
from deploy.local.stack import ROOT, Stack
from deploy.local.supervisor import Output, Supervisor
from tests.bench.people import People

# One account may be as fast as it can; commit times let event lag be read from the databases themselves.
SETTINGS = {
    "LOUYU_GATEWAY_ACCOUNT_RATE": "0",
    "LOUYU_GATEWAY_TENANT_RATE": "0",
    "LOUYU_GATEWAY_ADDRESS_RATE": "0",
    "LOUYU_LOG_LEVEL": "warning",
}
POSTGRES_SETTINGS = {"track_commit_timestamp": "on"}


@dataclass(eq=False, slots=True)
class Bench:
    """What every figure is measured on."""

    stack: Stack
    people: People
    control_port: int
    control_url: str

    @property
    def port(self) -> int:
        """The gateway's."""
        return self.stack.around.public_port

    async def quiet(self, *, within_s: float = 120.0) -> None:
        """Waits until every event is relayed and every consumer has caught up."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if await self.waiting_events() == 0:
                await asyncio.sleep(0.5)
                return
            await asyncio.sleep(0.2)
        raise TimeoutError(f"{await self.waiting_events()} events still wait")

    async def waiting_events(self) -> int:
        """Events in outboxes, and events that consumers have not applied."""
        waiting = 0
        for service in WITH_DATABASE:
            connection = await asyncpg.connect(self.stack.superuser_url(service))
            waiting += await connection.fetchval("SELECT count(*) FROM outbox")
            await connection.close()
        client = await nats.connect(self.stack.nats_url)
        try:
            jetstream = client.jetstream()
            for stream in await jetstream.streams_info():
                with contextlib.suppress(NotFoundError):
                    for consumer in await jetstream.consumers_info(stream.config.name or ""):
                        waiting += (consumer.num_pending or 0) + (consumer.num_ack_pending or 0)
        finally:
            await client.close()
        return waiting


@contextlib.asynccontextmanager
async def control(stack: Stack, folder: Path) -> AsyncIterator[tuple[int, str]]:
    """The monolith on a database of its own on the same server; yields its port and a superuser's URL."""
    admin = await asyncpg.connect(stack.superuser_url("postgres"))
    if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = 'control'"):
        await admin.execute("CREATE DATABASE control")
    await admin.close()
    url = stack.superuser_url("control")
    port = internal_ports(["control"], {})["control"]
    environment = {"CONTROL_DATABASE_URL": url.replace("postgresql://", "postgresql+asyncpg://", 1)}

    async def ready(_: int) -> bool:
        return await http_ok(port, "/openapi.json")

    program = Program(
        name="control",
        argv=[
            sys.executable, "-m", "granian", "--interface", "asgi", "--workers", "1", "--port", str(port),
            "--log-level", "warning", "tests.bench.control.app:app",
        ],
        env=environment,
        cwd=ROOT,
        ready=ready,
    )  # fmt: skip
    make = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.control.tables", cwd=ROOT, env={**environment, "PATH": ""}
    )
    if await make.wait() != 0:
        raise RuntimeError("the control's tables could not be made")
    supervisor = Supervisor(Output(folder))
    await supervisor.start(program)
    try:
        yield port, url
    finally:
        await supervisor.stop()
