"""Calls to other services: a deadline always, retries only where safe, and the context travels along."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any
from urllib.parse import quote

import grpc
from google.protobuf.descriptor import FileDescriptor

from chassis.context import current
from chassis.plans import compile_service
from chassis.tokens import Tokens

CALL_S = 5.0
"""The deadline of a call whose caller has none itself."""
MARGIN_S = 0.05
"""Kept back from the time that is left, so that our own answer still reaches the caller."""
OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),  # and up to a fifth more: a new replica is found by then
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
    ("grpc.max_metadata_size", 16_384),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
)

_ENDS: ContextVar[float | None] = ContextVar("louyu_deadline", default=None)
_AUTHORIZATION: ContextVar[str] = ContextVar("louyu_authorization", default="")


class Deadline:
    """A block that ends with TimeoutError after `seconds`; calls made inside it inherit what is left."""

    __slots__ = ("_ends", "_timeout", "_token")

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._timeout = asyncio.timeout(seconds)
        self._token: Token[float | None] | None = None

    async def __aenter__(self) -> None:
        self._token = _ENDS.set(self._ends)
        await self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _ENDS.reset(self._token)
        await self._timeout.__aexit__(kind, error, trace)


def remaining_s(longest: float = CALL_S) -> float:
    """How long a call made now may take."""
    ends = _ENDS.get()
    return longest if ends is None else max(0.001, min(longest, ends - time.monotonic() - MARGIN_S))


def act_for(authorization: str) -> None:
    """Remember in whose name the running task works: calls it makes carry the same token."""
    _AUTHORIZATION.set(authorization)


class Channels:
    """One channel per service, opened at first use."""

    def __init__(self, addresses: Mapping[str, str], tokens: Tokens) -> None:
        self._addresses = addresses
        self._tokens = tokens
        self._open: dict[tuple[str, bool], grpc.aio.Channel] = {}

    def to(self, service: str) -> grpc.aio.Channel:
        """A channel whose calls carry this service's credentials, the caller's token, the request's
        context and a deadline by themselves."""
        return self._channel(service, [Forward(service, self._tokens)])

    def bare(self, service: str) -> grpc.aio.Channel:
        """A channel without any of that, for an edge that passes `metadata` and `timeout` itself."""
        return self._channel(service, [])

    def _channel(self, service: str, interceptors: list[grpc.aio.ClientInterceptor]) -> grpc.aio.Channel:
        key = (service, bool(interceptors))
        channel = self._open.get(key)
        if channel is None:
            address = self._addresses.get(service)
            if address is None:
                raise LookupError(f"LOUYU_ADDRESSES does not name {service}")
            target, replicas = target_of(address)
            options = (*OPTIONS, ("grpc.service_config", service_config(service, replicas=replicas)))
            channel = grpc.aio.insecure_channel(target, options=options, interceptors=interceptors)
            self._open[key] = channel
        return channel

    async def close(self) -> None:
        """Close every channel, giving calls under way a second."""
        channels, self._open = list(self._open.values()), {}
        await asyncio.gather(*(channel.close(grace=1.0) for channel in channels))


class Forward(grpc.aio.UnaryUnaryClientInterceptor):
    """Gives an outgoing call its credentials, context and deadline."""

    def __init__(self, service: str, tokens: Tokens) -> None:
        self._service = service
        self._tokens = tokens

    async def intercept_unary_unary(
        self,
        continuation: Callable[[grpc.aio.ClientCallDetails, Any], Any],
        client_call_details: grpc.aio.ClientCallDetails,
        request: Any,
    ) -> Any:
        metadata = grpc.aio.Metadata(*forwarded(self._tokens.for_service(self._service)))
        for key, value in client_call_details.metadata or ():
            metadata.add(key, value)
        timeout = client_call_details.timeout
        details = grpc.aio.ClientCallDetails(
            client_call_details.method,
            remaining_s() if timeout is None else remaining_s(timeout),
            metadata,
            client_call_details.credentials,
            client_call_details.wait_for_ready,
        )
        return await continuation(details, request)


def forwarded(service_authorization: str) -> list[tuple[str, str]]:
    """The metadata of a call made on behalf of the current context."""
    context = current()
    pairs = (
        ("x-service-authorization", service_authorization),
        ("authorization", _AUTHORIZATION.get()),
        ("x-request-id", context.request_id),
        ("x-correlation-id", context.correlation_id),
        ("traceparent", context.traceparent),
        ("accept-language", context.locale),
        ("idempotency-key", context.idempotency_key),
        ("x-purpose", quote(context.purpose)),
        ("x-reason", quote(context.reason)),
    )
    return [(key, value) for key, value in pairs if value]


def target_of(address: str) -> tuple[str, bool]:
    """An entry of LOUYU_ADDRESSES as gRPC addresses it, and whether it may name several replicas: IP
    addresses with ports, separated by commas, or `dns:///` and a name that resolves to all of them."""
    if "," in address:
        return ("ipv6:" if address.startswith("[") else "ipv4:") + address, True
    return address, address.startswith("dns:")


def service_config(service: str, *, replicas: bool = False) -> str:
    """round_robin, and up to three tries for the RPCs that only read (a GET in the contract). Writes
    are never retried here: their Idempotency-Key makes it safe for the caller to do so.

    Of several replicas each is asked to tell when it drains, so that calls go to the others before it
    stops taking them. Behind a single address there may be nobody else: its calls go on to the end."""
    prefix = f"louyu.{service}.v1."
    modules = [module for name, module in sys.modules.items() if name.startswith(prefix)]
    reads = [
        {"service": contract.full_name, "method": plan.path.rpartition("/")[2]}
        for module in modules
        if isinstance(file := getattr(module, "DESCRIPTOR", None), FileDescriptor)
        for contract in file.services_by_name.values()
        for plan in compile_service(contract).values()
        if plan.reads
    ]
    config: dict[str, Any] = {"loadBalancingConfig": [{"round_robin": {}}]}
    if replicas:
        config["healthCheckConfig"] = {"serviceName": ""}
    if reads:
        retry = {
            "maxAttempts": 3,
            "initialBackoff": "0.05s",
            "maxBackoff": "0.5s",
            "backoffMultiplier": 3,
            "retryableStatusCodes": ["UNAVAILABLE"],
        }
        config["methodConfig"] = [{"name": reads, "retryPolicy": retry}]
    return json.dumps(config)
