"""What the server does around each RPC, compiled once from its descriptor."""

from collections.abc import Mapping
from dataclasses import dataclass

from google.api import annotations_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from chassis.context import Mode
from louyu.options.v1 import access_pb2

_MODES: Mapping[int, Mode] = {
    access_pb2.SCOPE_PUBLIC: "public",
    access_pb2.SCOPE_ACCOUNT: "account",
    access_pb2.SCOPE_TENANT: "tenant",
    access_pb2.SCOPE_PARTY: "party",
    access_pb2.SCOPE_SPAN: "span",
    access_pb2.SCOPE_SERVICE: "service",
}
_WITH_TENANT = frozenset[Mode](("tenant", "party", "span"))


@dataclass(frozen=True, slots=True)
class Plan:
    """One RPC: who may call it, in which role it runs, what it must bring."""

    path: str
    """As gRPC names it: /louyu.ticket.v1.RequestsService/AssignTicket."""
    name: str
    """Short, for metrics and logs: RequestsService/AssignTicket."""
    permission: str
    mode: Mode
    in_tenant: bool
    """The request names the tenant in whose name the caller acts."""
    reads: bool
    """A GET over HTTP: safe to retry, changes nothing."""
    etag_required: bool
    fills_etag: bool
    """The request has an `etag` field, which If-Match fills where the body left it empty."""
    needs_reason: bool
    """A read of P3 data: refused without a stated reason."""
    callers: frozenset[str]
    """The only services that may call it; empty for any, and where people call."""


def compile_plan(service: ServiceDescriptor, method: MethodDescriptor) -> Plan:
    """The plan of one RPC. ValueError where its annotations are missing or contradict each other:
    a method that does not say who may call it is never served."""
    options = method.GetOptions()
    path = f"/{service.full_name}/{method.name}"
    if not options.HasExtension(access_pb2.access):
        raise ValueError(f"{path} has no louyu.options.v1.access")
    access = options.Extensions[access_pb2.access]
    mode = _MODES.get(access.scope)
    if mode is None:
        raise ValueError(f"{path} has no scope")
    fields = method.input_type.fields_by_name
    if mode in _WITH_TENANT and (not access.permission or "tenant" not in fields):
        raise ValueError(f"{path} runs in a tenant: it needs a permission and a field `tenant`")
    if access.etag_required and "etag" not in fields:
        raise ValueError(f"{path} requires an etag: its request needs a field `etag`")
    if access.callers and mode != "service":
        raise ValueError(f"{path} names services as callers: its scope has to be SCOPE_SERVICE")
    if method.client_streaming or method.server_streaming:
        raise ValueError(f"{path} streams, which the chassis does not serve")
    reads = options.Extensions[annotations_pb2.http].WhichOneof("pattern") == "get"
    return Plan(
        path=path,
        name=f"{service.name}/{method.name}",
        permission=access.permission,
        mode=mode,
        in_tenant=mode in _WITH_TENANT,
        reads=reads,
        etag_required=access.etag_required,
        fills_etag="etag" in fields,
        needs_reason=reads and access.sensitivity >= access_pb2.P3,
        callers=frozenset(access.callers),
    )


def compile_service(service: ServiceDescriptor) -> dict[str, Plan]:
    """The plans of all RPCs of a service, by path."""
    plans = (compile_plan(service, method) for method in service.methods)
    return {plan.path: plan for plan in plans}
