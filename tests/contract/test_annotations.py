"""Nothing is written twice: every RPC says its route, its rules and who may call it."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor, ServiceDescriptor

from buf.validate import validate_pb2
from chassis.plans import compile_plan
from louyu.options.v1 import access_pb2
from tests.contract import contracts

METHODS = sorted(contracts.methods(), key=lambda pair: pair[1].full_name)
IDS = [method.full_name for _, method in METHODS]
WITH_TENANT = (access_pb2.SCOPE_TENANT, access_pb2.SCOPE_PARTY, access_pb2.SCOPE_SPAN)
OPEN = (access_pb2.SCOPE_PUBLIC, access_pb2.SCOPE_ACCOUNT, access_pb2.SCOPE_SERVICE)


def route(method: MethodDescriptor) -> tuple[str, str]:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern") or ""
    return verb, getattr(rule, verb) if verb else ""


def access(method: MethodDescriptor) -> access_pb2.Access:
    return method.GetOptions().Extensions[access_pb2.access]


def has_rules(field: FieldDescriptor) -> bool:
    return bool(field.GetOptions().HasExtension(validate_pb2.field))


@pytest.mark.parametrize(("service", "method"), METHODS, ids=IDS)
def test_every_rpc_has_a_route_rules_and_an_access_option(
    service: ServiceDescriptor, method: MethodDescriptor
) -> None:
    compile_plan(service, method)
    verb, path = route(method)
    option = access(method)
    assert verb, "no google.api.http"
    assert option.sensitivity != access_pb2.SENSITIVITY_UNSPECIFIED
    prefix = {
        access_pb2.SCOPE_SERVICE: "/internal/",
        access_pb2.SCOPE_ACCOUNT: "/v1/me",
        access_pb2.SCOPE_PUBLIC: "/v1/",
    }.get(option.scope, "/v1/tenants/{tenant}/")
    assert path.startswith(prefix)
    if option.scope in WITH_TENANT:
        assert re.fullmatch(r"[a-z_]+\.[a-z]+", option.permission)
        tenant = method.input_type.fields_by_name["tenant"]
        assert tenant.number == 1
        assert tenant.GetOptions().Extensions[validate_pb2.field].string.uuid
    elif option.scope in (access_pb2.SCOPE_PUBLIC, access_pb2.SCOPE_SERVICE):
        assert not option.permission
    for name in re.findall(r"{(\w+)", path):
        assert has_rules(method.input_type.fields_by_name[name]), f"{name} in the path has no rules"


def unruled(message: Descriptor, seen: set[str]) -> set[str]:
    """Strings, bytes and lists in a request that anyone could make as long as they like."""
    found: set[str] = set()
    if message.full_name in seen or message.full_name.startswith("google."):
        return found
    seen.add(message.full_name)
    for field in message.fields:
        name = f"{message.name}.{field.name}"
        if field.message_type is not None:
            if not field.message_type.GetOptions().map_entry:
                found |= unruled(field.message_type, seen)
            if field.is_repeated and not has_rules(field):
                found.add(name)
        elif field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES) and not has_rules(field):
            found.add(name)
    return found


@pytest.mark.parametrize("method", [method for _, method in METHODS], ids=IDS)
def test_no_request_field_is_without_a_limit(method: MethodDescriptor) -> None:
    assert unruled(method.input_type, set()) == set()


def test_no_two_rpcs_share_a_route() -> None:
    routes = defaultdict(list)
    for _, method in METHODS:
        verb, path = route(method)
        routes[verb, re.sub(r"{[^}]*}", "{}", path)].append(method.full_name)
    assert {key: names for key, names in routes.items() if len(names) > 1} == {}


def test_lists_are_paged() -> None:
    for _, method in METHODS:
        verb, _ = route(method)
        fields = method.input_type.fields_by_name
        if verb == "get" and "page_size" in fields and access(method).scope != access_pb2.SCOPE_SERVICE:
            assert "page_token" in fields, method.full_name
            assert "next_page_token" in method.output_type.fields_by_name, method.full_name


def test_permissions_and_the_matrix_name_the_same_things() -> None:
    from identity.grants.matrix import matrix

    given = matrix().permissions
    asked = {access(method).permission for _, method in METHODS} - {""}
    seen = {
        message.GetOptions().Extensions[access_pb2.event].permission for message in contracts.events()
    } - {""}
    assert asked | seen <= given, f"no role gives {sorted((asked | seen) - given)}"
    assert given <= asked, f"nothing asks for {sorted(given - asked)}"


def test_everything_is_explained() -> None:
    """Comments are the API documentation; the generator keeps them beside the contracts."""
    import json
    from importlib.resources import files

    comments = json.loads(files("louyu").joinpath("comments.json").read_text(encoding="utf-8"))
    silent = [method.full_name for _, method in METHODS if not comments.get(method.full_name)]
    silent += [
        f"{message.full_name}.{field.name}"
        for message in contracts.messages()
        for field in message.fields
        if message.full_name.startswith("louyu.") and not comments.get(f"{message.full_name}.{field.name}")
    ]
    assert silent == []
