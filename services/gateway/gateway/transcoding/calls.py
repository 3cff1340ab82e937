"""The way of one call: HTTP in, gRPC over, JSON back.

Everything that depends on the RPC alone is worked out when the process starts (an Endpoint). What is
left for a request is: token, grants and rate from memory; the body read and decoded; one gRPC call;
the reply encoded.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from mimetypes import guess_extension
from typing import Any

import grpc
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from chassis import refusals, tracing
from chassis.errors import NotFound, Unavailable
from gateway.admission import Admission, Visitor
from gateway.files.claims import Claims
from gateway.http import (
    VISIT,
    ASGIApp,
    ASGIScope,
    Headers,
    NoSuchMethod,
    Receive,
    Send,
    UnsupportedMedia,
    Visit,
    answer,
    read_body,
)
from gateway.limits import InFlight
from gateway.settings import GatewaySettings
from gateway.transcoding.contracts import Binding, Rpc
from gateway.transcoding.decoding import Decoders
from gateway.transcoding.encoding import Encoders
from gateway.transcoding.requests import RequestReader
from gateway.transcoding.routes import Match, Routes

JSON = b"application/json"
_ENCODERS, _DECODERS = Encoders(), Decoders()
_NEVER_CACHED = (b"cache-control", b"no-store")
_CODES = {code: code.name for code in grpc.StatusCode}


class Refused(Exception):
    """A service's refusal, on its way to the client."""

    def __init__(self, refusal: refusals.Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class Backends:
    """The gRPC side: channels, their methods and how many calls are under way to each service."""

    def __init__(self, channel: Callable[[str], grpc.aio.Channel], settings: GatewaySettings) -> None:
        self._channel = channel
        self._settings = settings
        self._calls: dict[tuple[str, str], Any] = {}
        # A tenant counts over all services: three slow ones must not let it fill the gateway.
        self._all = InFlight(settings.in_flight_all, settings.in_flight_tenant)
        self._in_flight: dict[str, InFlight] = {}

    def call(self, service: str, rpc: Rpc) -> Any:
        """The gRPC method of an RPC at a service; NotFound for a service that does not exist."""
        found = self._calls.get((service, rpc.plan.path))
        if found is None:
            try:
                channel = self._channel(service)
            except LookupError:
                raise NotFound("SERVICE_NOT_FOUND", params={"service": service}) from None
            found = self._calls[service, rpc.plan.path] = channel.unary_unary(
                rpc.plan.path,
                request_serializer=GetMessageClass(rpc.request).SerializeToString,
                response_deserializer=GetMessageClass(rpc.reply).FromString,
            )
        return found

    def check(self) -> None:
        """Unavailable where the gateway has enough under way already, whoever calls what."""
        self._all.check()

    def enter(self, service: str, tenant_id: str) -> None:
        """Count a call in; Unavailable where the gateway, the service or the tenant has enough under way."""
        own = self._in_flight.get(service)
        if own is None:
            own = self._in_flight[service] = InFlight(self._settings.in_flight, self._settings.in_flight)
        self._all.enter(tenant_id)
        try:
            own.enter("")
        except Unavailable:
            self._all.leave(tenant_id)
            raise

    def leave(self, service: str, tenant_id: str) -> None:
        """Count it out."""
        self._all.leave(tenant_id)
        self._in_flight[service].leave("")


@dataclass(frozen=True, slots=True)
class Edge:
    """What all endpoints share."""

    admission: Admission
    backends: Backends
    claims: Claims
    settings: GatewaySettings


class Endpoint:
    """One route of one RPC."""

    def __init__(
        self,
        rpc: Rpc,
        binding: Binding,
        reader: RequestReader,
        dump: Callable[[Message], bytes] | None,
        edge: "Edge",
    ) -> None:
        self.rpc = rpc
        self.plan = rpc.plan
        self.name = f"{binding.verb} {binding.template}"
        self._reader = reader
        self._dump = dump
        self._admission = edge.admission
        self._backends = edge.backends
        self._claims = edge.claims
        self._takes_body = bool(binding.body)
        self._limit = edge.settings.body_limit
        self._timeout_s = edge.settings.read_s if rpc.plan.reads else edge.settings.write_s
        self._document_name = re.sub(r"[^a-z0-9]+", "-", binding.template.rpartition("/")[2]).strip("-")
        reply_etag = rpc.reply.fields_by_name.get("etag")
        self._has_etag = reply_etag is not None and reply_etag.type == reply_etag.TYPE_STRING

    async def answer(
        self, visit: Visit, scope: ASGIScope, path: Mapping[str, str], receive: Receive, send: Send
    ) -> int:
        """Answer one request; returns the status. DomainError and Refused say no."""
        self._backends.check()  # before anything is done for a call that is turned away anyhow
        authorization = visit.text(b"authorization")
        visitor = await self._admission.admit(self.plan, path.get("tenant", ""), authorization, visit.address)
        body = b""
        if self._takes_body:
            body = await read_body(visit, receive, self._limit)
            if body and not visit.text(b"content-type").lower().startswith("application/json"):
                raise UnsupportedMedia("MEDIA_TYPE_NOT_JSON")
        request = self._reader.read(path, scope["query_string"], body)
        service: str = self.rpc.service or getattr(request, self.rpc.hosted_by)
        call = self._backends.call(service, self.rpc)
        # Counted until the reply is on its way, not only while the service works: a gateway that is itself
        # behind has to turn away as well.
        self._backends.enter(service, visitor.tenant_id)
        try:
            if self._claims.seen(body):
                await self._claims.keep(body, tenant_id=visitor.tenant_id, account_id=visitor.account_id)
            reply = await self._call(call, visit, visitor, authorization, request)
            return await self._send(visit, reply, send)
        finally:
            self._backends.leave(service, visitor.tenant_id)

    async def _call(
        self, call: Any, visit: Visit, visitor: Visitor, authorization: str, request: Message
    ) -> Message:
        span = tracing.start(self.plan.name, visit.text(b"traceparent"))
        metadata = _metadata(visit, authorization if visitor.claims else "", span.traceparent)
        code = "OK"
        try:
            reply: Message = await call(request, metadata=metadata, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            code = _CODES[error.code()]
            raise Refused(refusals.decode(error)) from None
        finally:
            span.end(code)
        return reply

    async def _send(self, visit: Visit, reply: Message, send: Send) -> int:
        if self._dump is None:
            return await _send_document(reply, self._document_name, send)
        headers: Headers = [(b"content-type", JSON), _NEVER_CACHED]
        if self._has_etag:
            etag: str = reply.etag  # type: ignore[attr-defined]
            if etag:
                headers.append((b"etag", f'"{etag}"'.encode()))
                if self.plan.reads and visit.etag(b"if-none-match") == etag:
                    await answer(send, 304, headers)
                    return 304
        await answer(send, 200, headers, self._dump(reply))
        return 200


def _metadata(visit: Visit, authorization: str, traceparent: str) -> list[tuple[str, str]]:
    """What travels with the call. Nothing the client sent passes but what is named here, so no header
    can pretend to be another service or another account."""
    metadata = [
        ("x-request-id", visit.request_id),
        ("traceparent", traceparent),
        ("accept-language", visit.locale),
    ]
    if authorization:
        metadata.append(("authorization", authorization))
    headers = visit.headers
    if b"idempotency-key" in headers:
        metadata.append(("idempotency-key", visit.idempotency_key()))
    if b"if-match" in headers:
        metadata.append(("if-match", visit.etag(b"if-match")))
    if b"x-purpose" in headers:
        metadata.append(("x-purpose", visit.quoted(b"x-purpose")))
    if b"x-reason" in headers:
        metadata.append(("x-reason", visit.quoted(b"x-reason")))
    return metadata


async def _send_document(reply: Message, name: str, send: Send) -> int:
    """A document a service made (PDF, XLSX, iCalendar). It is for saving, never for rendering here."""
    assert isinstance(reply, HttpBody)
    kind = reply.content_type or "application/octet-stream"
    if not kind.isascii() or not kind.isprintable():
        kind = "application/octet-stream"
    name += guess_extension(kind.partition(";")[0]) or ""
    headers: Headers = [
        (b"content-type", kind.encode()),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
        (b"content-security-policy", b"sandbox; default-src 'none'"),
        _NEVER_CACHED,
    ]
    await answer(send, 200, headers, reply.data)
    return 200


class Transcoding:
    """ASGI middleware that answers every route of the contracts and passes on everything else."""

    def __init__(self, app: ASGIApp, routes: Routes[Endpoint]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        found = self._routes.find(scope["method"], path)
        if isinstance(found, Match):
            visit: Visit = scope[VISIT]
            scope["louyu.route"] = found.target.name
            await found.target.answer(visit, scope, found.params, receive, send)
        else:
            scope["louyu.allowed"] = found or ()
            await self._app(scope, receive, send)


def compile_endpoints(rpcs: Iterable[Rpc], edge: Edge) -> Routes[Endpoint]:
    """The dispatch tree of all bindings; ValueError where two of them claim one route."""
    routes: Routes[Endpoint] = Routes()
    for rpc in rpcs:
        document = rpc.reply.full_name == HttpBody.DESCRIPTOR.full_name
        dump = None if document else _ENCODERS.dump(rpc.reply)
        for binding in rpc.bindings:
            reader = RequestReader(rpc, binding, _DECODERS)
            endpoint = Endpoint(rpc, binding, reader, dump, edge)
            routes.add(binding.verb, binding.template, endpoint)
    return routes


def method_not_allowed(allowed: Iterable[str]) -> NoSuchMethod:
    """The refusal of a known address with another method."""
    return NoSuchMethod("METHOD_NOT_ALLOWED", params={"methods": ", ".join(allowed)})
