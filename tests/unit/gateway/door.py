"""The gateway over a backend that a test writes: real routes, tokens, grants and JSON, no sockets."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import httpx
from google.protobuf.message import Message

from chassis import refusals
from chassis.context import Scope
from chassis.errors import DomainError
from chassis.files import FileReferences
from chassis.grants import Changes, Effective, Grants, Held
from chassis.ids import new_id
from chassis.messages import Messages
from chassis.ops import Ops
from chassis.tokens import Claims, PublishedKeys, SigningKey, Tokens, issue_access
from gateway.app import Gateway, Parts
from gateway.files.storage import Storage
from gateway.settings import GatewaySettings
from gateway.site import Site

TENANT = "0192f0c1-0000-7000-8000-0000000000aa"
OTHER = "0192f0c1-0000-7000-8000-0000000000bb"
SUSPENDED = "0192f0c1-0000-7000-8000-0000000000cc"
ACCOUNT = "0192f0c1-0000-7000-8000-000000000001"
LIAISON = "0192f0c1-0000-7000-8000-000000000002"
TICKET = "0192f0c1-0000-7000-8000-000000000011"

Answer = Callable[[Any, dict[str, str]], Message | Awaitable[Message]]


def refused(error: DomainError) -> grpc.aio.AioRpcError:
    """What a client sees of a service that raised `error`."""
    code, text, trailer = refusals.encode(error, Messages(), "")
    metadata = grpc.aio.Metadata((refusals.TRAILER, trailer))
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), metadata, details=text)


@dataclass
class Backend:
    """Stands for every service. `answers` has one function per RPC path; `calls` is what arrived."""

    answers: dict[str, Answer] = field(default_factory=dict)
    calls: list[tuple[str, str, Any, dict[str, str]]] = field(default_factory=list)

    def channel(self, service: str) -> Any:
        if service not in (
            "identity",
            "ticket",
            "activity",
            "window",
            "notification",
            "membership",
            "dashboard",
        ):
            raise LookupError(service)
        return _Channel(self, service)


@dataclass
class _Channel:
    backend: Backend
    service: str

    def unary_unary(
        self, path: str, request_serializer: Any = None, response_deserializer: Any = None, **_: Any
    ) -> Any:
        async def call(request: Any, metadata: Any = (), timeout: float | None = None) -> Any:
            headers = dict(metadata or ())
            self.backend.calls.append((self.service, path, request, headers))
            answer = self.backend.answers.get(path)
            if answer is None:
                raise grpc.aio.AioRpcError(
                    grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata()
                )
            try:
                reply = answer(request, headers)
                if not isinstance(reply, Message):
                    reply = await reply
            except DomainError as error:
                raise refused(error) from None
            return response_deserializer(reply.SerializeToString())

        return call


@dataclass
class Door:
    """A gateway with its client and the backend behind it."""

    gateway: Gateway
    backend: Backend
    client: httpx.AsyncClient
    key: SigningKey
    grants: Grants
    references: FileReferences
    held: dict[str, Effective]

    def allow(self, permission: str) -> None:
        """Give the secretary one more permission."""
        tenants = self.held[ACCOUNT].tenants
        more = Held({**tenants[TENANT].permissions, permission: (Scope("B"),)})
        self.held[ACCOUNT] = Effective(True, {**tenants, TENANT: more})

    def token(
        self, account_id: str = ACCOUNT, session_id: str = "s1", kind: str = "account", seconds: float = 600
    ) -> str:
        """An Authorization value."""
        claims = Claims(account_id, new_id(), session_id, kind, time.time() + seconds)
        return "Bearer " + issue_access(self.key, claims, time.time())


def effective() -> dict[str, Effective]:
    """A secretary of TENANT, and a liaison who holds the same permission for one floor only."""
    wide, floor = (Scope("B"),), (Scope("F", "3F"),)
    names = ("requests.read", "requests.file", "requests.handle", "catalogue.read", "catalogue.manage")
    secretary = Held(dict.fromkeys((*names, "overview.read", "operations.manage"), wide))
    return {
        ACCOUNT: Effective(True, {TENANT: secretary, SUSPENDED: Held({names[0]: wide}, suspended=True)}),
        LIAISON: Effective(True, {TENANT: Held({"requests.read": floor})}),
    }


@asynccontextmanager
async def opened(
    folder: Path, settings: GatewaySettings | None = None, site: Site | None = None
) -> AsyncIterator[Door]:
    """A gateway with two accounts, and nothing behind it yet."""
    key, own = SigningKey("k1", bytes(range(32))), SigningKey("gateway", bytes(32))
    services = {"gateway": own.public, "ticket": SigningKey("ticket", b"t" * 32).public}
    backend, held = Backend(), effective()

    async def published() -> dict[str, bytes]:
        return {"k1": key.public}

    async def load(account_id: str) -> Effective:
        return held.get(account_id, Effective(True))

    async def changes(_: Any) -> Changes:
        return Changes(position=1)

    grants = Grants(load, changes)
    await grants.poll_once()
    grants._good = float("inf")  # nobody polls here, and a busy machine's tests outlive an answer
    references = FileReferences("gateway", own, services)
    parts = Parts(
        tokens=Tokens("gateway", PublishedKeys(published), services, own),
        grants=grants,
        references=references,
        channel=backend.channel,
        bare=backend.channel,
        storage=Storage(str(folder)),
        site=site or Site({}),
        ops=Ops(),
        secret=b"s" * 32,
        settings=settings or GatewaySettings(),
    )
    gateway = Gateway(parts)
    transport = httpx.ASGITransport(gateway.asgi, client=("203.0.113.9", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://louyu.test") as client:
        yield Door(gateway, backend, client, key, grants, references, held)
