"""The contracts as the gateway sees them: every RPC that HTTP may reach, and every event.

All of it is read from the descriptors in libs/contracts when the process starts. A new RPC in proto/
is a new route here without a line of code.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor import Descriptor, FileDescriptor, MethodDescriptor

import louyu
from chassis.plans import Plan, compile_plan
from louyu.options.v1 import access_pb2


@dataclass(frozen=True, slots=True)
class Binding:
    """One HTTP route of an RPC."""

    verb: str
    """The HTTP method."""
    template: str
    """The path as `google.api.http` writes it: /v1/tenants/{tenant}/requests/{id}:assign."""
    body: str
    """"*": the whole request but the path; a field's name: that field; empty: there is no body."""


@dataclass(frozen=True, slots=True)
class Rpc:
    """One RPC that HTTP may reach."""

    plan: Plan
    service: str
    """Which process answers; empty where the request says it."""
    hosted_by: str
    """The request field that says which process answers; empty where the package does."""
    request: Descriptor
    reply: Descriptor
    method: MethodDescriptor
    bindings: tuple[Binding, ...]
    sensitivity: str


@dataclass(frozen=True, slots=True)
class EventKind:
    """Who may see an event on the live channel."""

    name: str
    """Full name of the message, as in the ce-type header."""
    aggregate: str
    permission: str
    """Empty: only the accounts that the event names as its audience."""
    party: str = ""
    """The field that names the tenant on the other side; empty where there is none."""


def contract_files() -> Iterator[FileDescriptor]:
    """The descriptors of every generated module, in a stable order."""
    names = sorted(
        module.name
        for module in pkgutil.walk_packages(louyu.__path__, "louyu.")
        if module.name.endswith("_pb2")
    )
    for name in names:
        yield importlib.import_module(name).DESCRIPTOR


@cache
def rpcs() -> tuple[Rpc, ...]:
    """Every RPC with a route, by file and in the order the contract gives them.

    RPCs between services (SCOPE_SERVICE) are left out: nothing outside can name them.
    """
    found: list[Rpc] = []
    for file in contract_files():
        for service in file.services_by_name.values():
            for method in service.methods:
                plan = compile_plan(service, method)
                if plan.mode != "service":
                    found.append(_rpc(plan, file, method))
    return tuple(found)


@cache
def events() -> dict[str, EventKind]:
    """Every event by its full name."""
    found: dict[str, EventKind] = {}
    for file in contract_files():
        for message in file.message_types_by_name.values():
            if message.GetOptions().HasExtension(access_pb2.event):
                event = message.GetOptions().Extensions[access_pb2.event]
                found[message.full_name] = EventKind(
                    message.full_name, event.aggregate, event.permission, event.party
                )
    return found


@cache
def comments() -> dict[str, str]:
    """The comments of proto/ by full name: generated Python keeps none."""
    table: dict[str, str] = json.loads(files("louyu").joinpath("comments.json").read_text(encoding="utf-8"))
    return table


def _rpc(plan: Plan, file: FileDescriptor, method: MethodDescriptor) -> Rpc:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    access = method.GetOptions().Extensions[access_pb2.access]
    bindings = tuple(_binding(plan.path, each) for each in (rule, *rule.additional_bindings))
    return Rpc(
        plan=plan,
        service="" if access.hosted_by else file.package.split(".")[1],
        hosted_by=access.hosted_by,
        request=method.input_type,
        reply=method.output_type,
        method=method,
        bindings=bindings,
        sensitivity=access_pb2.Sensitivity.Name(access.sensitivity),
    )


def _binding(path: str, rule: http_pb2.HttpRule) -> Binding:
    pattern = rule.WhichOneof("pattern")
    if pattern is None or pattern == "custom":
        raise ValueError(f"{path} has no plain google.api.http pattern")
    return Binding(verb=pattern.upper(), template=getattr(rule, pattern), body=rule.body)
