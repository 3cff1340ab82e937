"""A gRPC server with the real interceptor in front of a servicer that a test writes, and no database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from chassis.context import Scope
from chassis.grants import Changes, Effective, Grants, Held
from chassis.messages import Messages
from chassis.refusals import Refusal, decode
from chassis.server import Edge, Guarded
from chassis.tokens import Claims, PublishedKeys, SigningKey, Tokens, issue_access
from louyu.ticket.v1 import requests_pb2
from louyu.ticket.v1.requests_pb2_grpc import (
    RequestsServiceServicer,
    RequestsServiceStub,
    add_RequestsServiceServicer_to_server,
)

TENANT = "01980000-0000-7000-8000-000000000001"
OTHER = "01980000-0000-7000-8000-000000000002"
SUSPENDED = "01980000-0000-7000-8000-000000000003"
ACCOUNT = "01980000-0000-7000-8000-00000000000a"
TICKET = "01980000-0000-7000-8000-0000000000f1"
BOTH = {"requests.read": (Scope("B"),), "requests.handle": (Scope("B"),)}

Answer = Callable[[Any], Awaitable[requests_pb2.Ticket]]


@dataclass
class Stage:
    """What a test can change and look at."""

    key: SigningKey = field(default_factory=lambda: SigningKey("k1", b"1" * 32))
    service_key: SigningKey = field(default_factory=lambda: SigningKey("gateway", b"2" * 32))
    effective: Effective = field(
        default_factory=lambda: Effective(
            active=True,
            tenants={TENANT: Held(BOTH, "building"), SUSPENDED: Held(BOTH, "building", suspended=True)},
        )
    )
    position: int = 0
    pending: list[Changes] = field(default_factory=list)
    loads: int = 0
    answer: Answer | None = None
    seen: list[Any] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    stub: RequestsServiceStub = None  # type: ignore[assignment]
    grants: Grants = None  # type: ignore[assignment]
    channel: grpc.aio.Channel = None  # type: ignore[assignment]

    def authorization(self, session: str = "s1", lifetime_s: float = 600.0) -> str:
        """A valid Authorization value of the stage's account."""
        now = time.time()
        return "Bearer " + issue_access(
            self.key, Claims(ACCOUNT, "p1", session, "account", now + lifetime_s), now
        )

    async def load(self, account_id: str) -> Effective:
        self.loads += 1
        return self.effective

    async def feed(self, after: int) -> Changes:
        return self.pending.pop(0) if self.pending else Changes(self.position)

    async def keys(self) -> dict[str, bytes]:
        return {self.key.kid: self.key.public}

    async def assign(self, **metadata: str) -> requests_pb2.Ticket:
        """Calls AssignTicket in TENANT; metadata names have underscores for dashes."""
        request = requests_pb2.AssignTicketRequest(tenant=TENANT, id=TICKET, assignee=ACCOUNT)
        reply: requests_pb2.Ticket = await self.call(self.stub.AssignTicket, request, **metadata)
        return reply

    async def call(self, method: Any, request: Any, **metadata: str) -> Any:
        """Calls a method as the stage's account unless `authorization` says otherwise."""
        metadata.setdefault("authorization", self.authorization())
        pairs = [(key.replace("_", "-"), value) for key, value in metadata.items() if value]
        return await method(request, metadata=pairs, timeout=60)

    async def refused(self, call: Awaitable[Any]) -> Refusal:
        """The refusal a call must end in."""
        try:
            await call
        except grpc.aio.AioRpcError as error:
            return decode(error)
        raise AssertionError("the call was not refused")


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """A running stage."""
    stage = Stage()
    tokens = Tokens("ticket", PublishedKeys(stage.keys), {"gateway": stage.service_key.public}, None)
    stage.grants = Grants(stage.load, stage.feed)
    await stage.grants.poll_once()
    stage.grants._good = float("inf")  # nobody polls here, and a busy machine's tests outlive an answer
    edge = Edge(Messages("ticket"), tokens, stage.grants)

    class Servicer(RequestsServiceServicer):
        async def _answer(self, request: Any) -> requests_pb2.Ticket:
            stage.seen.append(request)
            stage.arrived.set()
            return await stage.answer(request) if stage.answer else requests_pb2.Ticket(id=request.id)

        async def AssignTicket(self, request: Any, context: Any) -> requests_pb2.Ticket:
            return await self._answer(request)

        async def GetTicket(self, request: Any, context: Any) -> requests_pb2.Ticket:
            return await self._answer(request)

    Servicer.__abstractmethods__ = frozenset()  # the other methods stay as generated: UNIMPLEMENTED
    servicer: Any = Servicer
    server = grpc.aio.server()
    guarded: Any = Guarded(server, edge)
    add_RequestsServiceServicer_to_server(servicer(), guarded)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    stage.channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
    stage.stub = RequestsServiceStub(stage.channel)
    try:
        yield stage
    finally:
        await stage.channel.close()
        await server.stop(0)
