"""The edge around every RPC.

context → authenticate → authorize → validate → deadline → metrics → errors, along a plan compiled from
the method's annotations. Servicers below it see a checked request and a bound Context, and raise
DomainError; nothing else knows gRPC statuses.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import DecodeError, Message

from chassis import metrics, tracing
from chassis.client import Deadline, act_for
from chassis.context import Caller, CallerKind, Context, Scope, bind
from chassis.errors import (
    DomainError,
    EtagRequired,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from chassis.grants import Grants
from chassis.ids import is_id, new_id
from chassis.messages import Messages, locale_of
from chassis.plans import Plan, compile_service
from chassis.refusals import TRAILER, Failure, TooLate, encode
from chassis.tokens import Claims, Tokens
from chassis.validation import check

DEADLINE_S = 20.0
"""The longest any RPC runs, also for callers that set no deadline."""
SPAN_LIMIT = 64
"""More tenants than these are read from projections, not from their own rows."""
_KEY_LIMIT = 200

_log = structlog.get_logger(__name__)
_Call: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_Handlers: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class Edge:
    """Goes around every handler once, when its servicer is added: calls pay for no chain of interceptors."""

    def __init__(self, messages: Messages, tokens: Tokens, grants: Grants) -> None:
        self._messages = messages
        self._tokens = tokens
        self._grants = grants
        self.services: list[str] = []
        """Full names of the services behind it."""

    def around(self, service: ServiceDescriptor, handlers: Mapping[str, _Handlers]) -> dict[str, _Handlers]:
        """The handlers of a service, by method, behind the edge. ValueError where its annotations are
        incomplete."""
        plans = compile_service(service)
        self.services.append(service.full_name)
        return {
            name: self._wrap(plans[f"/{service.full_name}/{name}"], inner) for name, inner in handlers.items()
        }

    def _wrap(self, plan: Plan, inner: _Handlers) -> _Handlers:
        # Requests are parsed in _run rather than by gRPC: bytes that are no message are then a refusal
        # like any other instead of an error with a stack trace.
        parse: Any = inner.request_deserializer
        handle: Any = inner.unary_unary

        async def unary(raw: bytes, call: _Call) -> Message | None:
            return await self._run(plan, parse, handle, raw, call)

        return grpc.unary_unary_rpc_method_handler(unary, None, inner.response_serializer)

    async def _run(
        self,
        plan: Plan,
        parse: Callable[[bytes], Message],
        handle: Callable[[Message, _Call], Awaitable[Message]],
        raw: bytes,
        call: _Call,
    ) -> Message | None:
        started = time.perf_counter()
        headers = {key: text for key, text in call.invocation_metadata() or () if isinstance(text, str)}
        request_id = _identifier(headers.get("x-request-id", "")) or new_id()
        context = Context(request_id=request_id, method=plan.name)
        admitted = _NOBODY
        code = grpc.StatusCode.OK
        span = tracing.start(plan.name, headers.get("traceparent", ""))
        with bind(context):
            try:
                request: Any = _parse(parse, raw)
                tenant_id = request.tenant if plan.in_tenant else ""
                admitted = await self._admit(plan, tenant_id, headers)
                _bring_etag(plan, request, headers.get("if-match", ""))
                context = _context(plan, request, tenant_id, admitted, headers, request_id, span.traceparent)
                _demand(plan, context)
                check(request)
                limit = min(call.time_remaining() or DEADLINE_S, DEADLINE_S)
                with bind(context):
                    async with Deadline(limit):
                        return await handle(request, call)
            except asyncio.CancelledError as error:
                # Ours to pass on only when this task is being cancelled (the caller hung up). One that
                # leaked out of the handler would leave the caller waiting for ever.
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    code = grpc.StatusCode.CANCELLED
                    raise
                code = self._refuse(call, error, context)
                return None
            except Exception as error:
                code = self._refuse(call, error, context)
                return None
            finally:
                metrics.observe_rpc(
                    plan.name, code.name, admitted.tenant_class, time.perf_counter() - started
                )
                span.end(code.name)

    async def _admit(self, plan: Plan, tenant_id: str, headers: dict[str, str]) -> "_Admitted":
        """Who calls, and may they?"""
        service = ""
        if "x-service-authorization" in headers:
            service = self._tokens.caller(headers["x-service-authorization"])
        if plan.mode in ("service", "public"):
            if plan.mode == "service" and not service:
                raise Unauthenticated("SERVICE_TOKEN_REQUIRED")
            if plan.callers and service not in plan.callers:
                raise Forbidden("PERMISSION_DENIED", params={"permission": plan.name})
            return _Admitted(await self._anyone(plan, headers, service))
        authorization = headers.get("authorization")
        if authorization is None:
            raise Unauthenticated("TOKEN_REQUIRED")
        claims = await self._tokens.access(authorization)
        act_for(authorization)
        effective = await self._grants.of(claims.account_id, claims.session_id)
        caller = _caller(claims, service)
        if plan.mode == "account":
            if not plan.permission:
                return _Admitted(caller)
            scopes = effective.anywhere(plan.permission)
            if not scopes:
                raise Forbidden("PERMISSION_DENIED", params={"permission": plan.permission})
            return _Admitted(caller, scopes)
        held = effective.tenants.get(tenant_id)
        if held is None:
            raise NotFound("TENANT_NOT_FOUND")
        if held.suspended:
            raise Forbidden("TENANT_SUSPENDED")
        scopes = held.permissions.get(plan.permission, ())
        if not scopes:
            raise Forbidden("PERMISSION_DENIED", params={"permission": plan.permission})
        span = effective.span(plan.permission, tenant_id) if plan.mode == "span" else ()
        if plan.mode == "span" and not span:
            raise Forbidden("PERMISSION_DENIED", params={"permission": plan.permission})
        if len(span) > SPAN_LIMIT:
            raise TooLarge("SPAN_TOO_WIDE", params={"limit": str(SPAN_LIMIT)})
        return _Admitted(caller, scopes, span, held.tenant_class)

    async def _anyone(self, plan: Plan, headers: dict[str, str], service: str) -> Caller:
        """The caller of an RPC that needs no person: the person all the same where a token names one."""
        authorization = headers.get("authorization")
        if authorization is None:
            return Caller(kind="service", service=service) if service else Caller()
        try:
            claims = await self._tokens.access(authorization)
        except Unauthenticated:
            if plan.mode == "public":  # a stale token must not keep anyone from signing in
                return Caller()
            raise
        act_for(authorization)
        return _caller(claims, service)

    def _refuse(self, call: _Call, error: BaseException, context: Context) -> grpc.StatusCode:
        """Set the call's status. The status is set rather than aborted with: an aborted handler raises
        through gRPC, and the server's drain does not wait for it."""
        refusal = as_refusal(error)
        if isinstance(refusal, Failure):
            with bind(context):
                _log.error("rpc_failed", exc_info=error)
        code, text, trailer = encode(refusal, self._messages, context.request_id)
        call.set_code(code)
        call.set_details(text)
        call.set_trailing_metadata(((TRAILER, trailer),))
        return code


class Guarded:
    """Stands for the server while a servicer is added, so that its handlers go behind the edge."""

    def __init__(self, server: grpc.aio.Server, edge: Edge) -> None:
        self._server = server
        self._edge = edge

    def add_generic_rpc_handlers(self, handlers: tuple[Any, ...]) -> None:
        """Generated code names every handler here and once more below, where it is taken."""

    def add_registered_method_handlers(self, service: str, handlers: dict[str, _Handlers]) -> None:
        behind = self._edge.around(Default().FindServiceByName(service), handlers)
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, behind),))
        self._server.add_registered_method_handlers(service, behind)


def as_refusal(error: BaseException) -> DomainError:
    """What the caller is told about an exception. Anything unforeseen is a Failure that says nothing."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, TimeoutError):
        return TooLate("DEADLINE_EXCEEDED")
    transient = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
    if isinstance(error, grpc.aio.AioRpcError) and error.code() in transient:
        return Unavailable("DEPENDENCY_UNAVAILABLE", retry_after_s=1.0)
    if isinstance(error, ConnectionError | asyncio.CancelledError):
        return Unavailable("DEPENDENCY_UNAVAILABLE", retry_after_s=1.0)
    return Failure("INTERNAL")


def _parse(parse: Callable[[bytes], Message], raw: bytes) -> Message:
    try:
        return parse(raw)
    except (DecodeError, ValueError):
        raise Invalid("MALFORMED_REQUEST") from None


class _Admitted(NamedTuple):
    caller: Caller
    scopes: tuple[Scope, ...] = ()
    span: tuple[str, ...] = ()
    tenant_class: str = ""


_NOBODY = _Admitted(Caller())


def _caller(claims: Claims, service: str) -> Caller:
    kind: CallerKind = "client" if claims.kind == "client" else "account"
    return Caller(kind, claims.account_id, claims.person_id, claims.session_id, service)


def _bring_etag(plan: Plan, request: Any, if_match: str) -> None:
    if plan.fills_etag and if_match and not request.etag:
        request.etag = if_match.removeprefix("W/").strip('"')


def _context(
    plan: Plan,
    request: Any,
    tenant_id: str,
    admitted: _Admitted,
    headers: dict[str, str],
    request_id: str,
    traceparent: str,
) -> Context:
    return Context(
        request_id=request_id,
        tenant_id=tenant_id,
        caller=admitted.caller,
        permission=plan.permission,
        scopes=admitted.scopes,
        mode=plan.mode,
        locale=locale_of(headers.get("accept-language", "")),
        idempotency_key=headers.get("idempotency-key", ""),
        etag=request.etag if plan.fills_etag else "",
        purpose=unquote(headers.get("x-purpose", "")),
        reason=unquote(headers.get("x-reason", "")),
        traceparent=traceparent,
        correlation_id=_identifier(headers.get("x-correlation-id", "")) or request_id,
        method=plan.name,
        span=admitted.span,
    )


def _demand(plan: Plan, context: Context) -> None:
    """What the RPC asks of every caller beyond the rules of its message."""
    if plan.etag_required and not context.etag:
        raise EtagRequired
    if plan.needs_reason and not context.reason.strip():
        raise Invalid("REASON_REQUIRED")
    if len(context.idempotency_key) > _KEY_LIMIT:
        raise Invalid("IDEMPOTENCY_KEY_INVALID", params={"limit": str(_KEY_LIMIT)})


def _identifier(value: str) -> str:
    """The value if it is a UUID in its usual form, else nothing: it ends up in logs and in columns."""
    return value.lower() if is_id(value) else ""
