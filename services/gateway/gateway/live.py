"""`GET /v1/live`: hints that something changed, as server-sent events.

One NATS subscription for events and one for what services only hint at, held while somebody has a channel
open; each message goes to the connections that may know of it. A hint says which aggregate changed and
nothing about it: the reader asks the API, which checks again. Hints are not replayed: whoever reconnects
reads anew.

A connection is told of an event if its account holds the event's permission in that tenant with a letter
that spans the tenant, holds it so in the tenant that the event names as the other side, or is named
itself in the event's audience.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Annotated

import nats.errors
import orjson
import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from google.protobuf.message import DecodeError
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from prometheus_client import Counter, Gauge

from chassis.context import Scope
from chassis.errors import DomainError, Exhausted, NotFound, Unavailable
from chassis.events import HINTS, PREFIX, message_class
from chassis.grants import Held
from chassis.tokens import Claims
from gateway.admission import Admission
from gateway.http import VISIT, Visit
from gateway.settings import GatewaySettings
from gateway.transcoding.contracts import EventKind, events

SUBJECTS = (f"{PREFIX}.>", f"{HINTS}.>")
"""What services keep of their events, and what they only hint at."""
TENANT_WIDE = frozenset("BDSTU")
_CHECK_S = 2.0
"""How often a quiet connection asks whether it may still be open: well within the 5 s of a revocation."""
_LINGER_S = 30.0
"""How long the subscriptions outlive the last channel: a page that is loaded anew needs them again."""
_FLUSH_S = 1
_PENDING = 20_000
_ANY_LETTER = frozenset(("overview.read",))
"""Permissions whose every letter may know *that* something changed: figures say nothing about a person."""

_CONNECTIONS = Gauge("louyu_live_connections", "Live channels open.")
_HINTS = Counter("louyu_live_hints_total", "Hints put on live channels.")
_OVERFLOWS = Counter("louyu_live_overflows_total", "Live channels ended because their reader was too slow.")
_log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Connection:
    """One open channel."""

    claims: Claims
    only: str
    """The one tenant it follows; empty for all of the account's."""
    queue: asyncio.Queue[bytes | None]
    """None: the reader is too slow and must read anew."""
    wide: dict[str, frozenset[str]] = field(default_factory=dict)
    """Tenant → permissions held there with a tenant-wide letter."""

    def learn(self, tenants: Mapping[str, Held]) -> None:
        """Take over what the account holds now."""
        self.wide = {
            tenant_id: frozenset(
                name for name, scopes in held.permissions.items() if name in _ANY_LETTER or _spans(scopes)
            )
            for tenant_id, held in tenants.items()
            if not held.suspended and self.only in ("", tenant_id)
        }

    def put(self, hint: bytes) -> None:
        """Queue a hint. A reader that has fallen too far behind is told to start afresh."""
        try:
            self.queue.put_nowait(hint)
        except asyncio.QueueFull:
            if self.queue.get_nowait() is not None:
                _OVERFLOWS.inc()
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)


class Live:
    """All open channels of the process."""

    def __init__(self, admission: Admission, settings: GatewaySettings) -> None:
        self._admission = admission
        self._settings = settings
        self._kinds = events()
        self._accounts: dict[str, set[Connection]] = {}
        self._open = 0
        self._bus: Client | None = None
        self._held: list[Subscription] = []
        self._changing = asyncio.Lock()
        self._stopping = asyncio.Event()

    async def follow(self, bus: Client, connected: Awaitable[None], stop: asyncio.Event) -> None:
        """Pass on hints from NATS until told to stop; then end every channel.

        Channels open also while NATS is away. When it comes, and when it comes back, they end with the word
        to read anew: what happened meanwhile was told to nobody.
        """

        reaching = asyncio.ensure_future(connected)
        stopped = asyncio.create_task(stop.wait(), name="live-stop")
        try:
            await asyncio.wait({reaching, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if reaching.done():
                reaching.result()  # a bus that cannot be reached at all ends the process
                self._bus = bus
            while not stopped.done():
                await self._subscribe()
                await asyncio.wait({stopped}, timeout=_LINGER_S)
                await self._unsubscribe()
        finally:
            self._stopping.set()
            reaching.cancel()
            stopped.cancel()

    async def _subscribe(self) -> None:
        """Listen, if there is anybody to tell and the bus has been reached."""
        async with self._changing:
            if self._bus is None or self._held or not self._open:
                return
            for subject in SUBJECTS:
                self._held.append(
                    await self._bus.subscribe(subject, cb=self.receive, pending_msgs_limit=_PENDING)
                )
            # From here on nothing is missed: what the reader does next may already be told by a hint.
            with contextlib.suppress(TimeoutError, nats.errors.Error):
                await self._bus.flush(timeout=_FLUSH_S)

    async def _unsubscribe(self) -> None:
        """Stop listening, if nobody is left: every event of the district would be read for no one."""
        async with self._changing:
            if self._open:
                return
            held, self._held = self._held, []
            for subscription in held:
                with contextlib.suppress(nats.errors.Error):
                    await subscription.unsubscribe()

    async def receive(self, message: Msg) -> None:
        """One event from the bus."""
        hint = _hint(message.subject, message.headers or {}, self._kinds)
        if hint is None:
            return
        kind, tenant_id, audience, frame = hint
        sides = {tenant_id, _other_side(kind, message)}
        for account_id in audience:
            for connection in self._accounts.get(account_id, ()):
                connection.put(frame)
        if not kind.permission:
            return
        for account_id, connections in self._accounts.items():
            if account_id in audience:
                continue
            for connection in connections:
                if any(kind.permission in connection.wide.get(side, ()) for side in sides):
                    connection.put(frame)

    async def connect(
        self,
        request: Request,
        tenant: Annotated[str, Query(max_length=36, description="Only this organisation's changes.")] = "",
    ) -> StreamingResponse:
        """Hints of changes as `text/event-stream`. Read it with fetch, since EventSource cannot send the
        Authorization header. The channel ends when the token does; come back with a new one."""
        visit: Visit = request.scope[VISIT]
        claims = await self._admission.claims(visit.text(b"authorization"), visit.address)
        held = await self._admission.still(claims)
        if tenant and tenant not in held:
            raise NotFound("TENANT_NOT_FOUND")
        mine = self._accounts.get(claims.account_id, set())
        if len(mine) >= self._settings.live_per_account:
            raise Exhausted("LIVE_TOO_MANY", retry_after_s=10.0)
        if self._open >= self._settings.live_connections:
            raise Unavailable("OVERLOADED", retry_after_s=10.0)
        connection = Connection(claims, tenant, asyncio.Queue(self._settings.live_queue))
        connection.learn(held)
        return StreamingResponse(
            self._stream(connection),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    async def _stream(self, connection: Connection) -> AsyncIterator[bytes]:
        self._enter(connection)
        try:
            await self._subscribe()
            era = self._era()
            yield b": connected\nretry: 2000\n\n"
            alive = time.monotonic()
            while await self._may_stay(connection):
                hints = await self._wait(connection)
                if hints is None or self._era() != era:
                    yield b'event: reset\ndata: {"type":"reset"}\n\n'
                    return
                if hints:
                    yield hints
                    alive = time.monotonic()
                elif time.monotonic() - alive > self._settings.keep_alive_s:
                    yield b": alive\n\n"
                    alive = time.monotonic()
            yield b'event: end\ndata: {"type":"end"}\n\n'
        finally:
            self._leave(connection)

    def _era(self) -> int:
        """Another number after every time in which nothing was heard. nats-py subscribes again by itself."""
        return self._bus.stats["reconnects"] if self._bus is not None and self._held else -1

    async def _wait(self, connection: Connection) -> bytes | None:
        """What is queued, as one piece; empty after a while without anything."""
        try:
            async with asyncio.timeout(_CHECK_S):
                first = await connection.queue.get()
        except TimeoutError:
            return b""
        hints = [first]
        while not connection.queue.empty():
            hints.append(connection.queue.get_nowait())
        return None if None in hints else b"".join(hint for hint in hints if hint)

    async def _may_stay(self, connection: Connection) -> bool:
        if self._stopping.is_set() or time.time() >= connection.claims.expires_at:
            return False
        try:
            held = await self._admission.still(connection.claims)
        except DomainError:
            return False
        connection.learn(held)
        return not connection.only or connection.only in held

    def _enter(self, connection: Connection) -> None:
        self._accounts.setdefault(connection.claims.account_id, set()).add(connection)
        self._open += 1
        _CONNECTIONS.set(self._open)

    def _leave(self, connection: Connection) -> None:
        mine = self._accounts[connection.claims.account_id]
        mine.discard(connection)
        if not mine:
            del self._accounts[connection.claims.account_id]
        self._open -= 1
        _CONNECTIONS.set(self._open)


def router(live: Live) -> APIRouter:
    """The route of the live channel."""
    routes = APIRouter(tags=["live"])
    routes.add_api_route(
        "/v1/live",
        live.connect,
        methods=["GET"],
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}, "description": "Hints, as they come."}},
        openapi_extra={"security": [{"bearer": []}]},
    )
    return routes


def _spans(scopes: tuple[Scope, ...]) -> bool:
    return any(scope.letter in TENANT_WIDE for scope in scopes)


def _other_side(kind: EventKind, message: Msg) -> str:
    """The tenant on the other side of what the event is about; empty where there is none."""
    if not kind.party:
        return ""
    try:
        return str(getattr(message_class(kind.name).FromString(message.data), kind.party))
    except DecodeError:
        return ""


def _hint(
    subject: str, headers: Mapping[str, str], kinds: Mapping[str, EventKind]
) -> tuple[EventKind, str, tuple[str, ...], bytes] | None:
    """Kind, tenant, audience and frame of an event; None for what is not for live channels."""
    kind = kinds.get(headers.get("ce-type", ""))
    parts = subject.split(".")
    if kind is None or len(parts) < 6:
        return None
    tenant_id = headers.get("louyu-tenant") or parts[3]
    audience = tuple(filter(None, headers.get("louyu-audience", "").split(",")))
    event_id = headers.get("ce-id", "")
    body = {
        "id": event_id,
        "type": kind.name,
        "tenant": tenant_id,
        "aggregate": kind.aggregate,
        "aggregate_id": headers.get("ce-subject") or tenant_id,
        "seq": int(seq) if (seq := headers.get("louyu-seq", "")).isdigit() else 0,
        "time": headers.get("ce-time", ""),
    }
    start = f"id: {event_id}\n".encode() if event_id else b""
    _HINTS.inc()
    return kind, tenant_id, audience, start + b"data: " + orjson.dumps(body) + b"\n\n"
