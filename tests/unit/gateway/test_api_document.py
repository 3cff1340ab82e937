from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import gateway
from chassis.messages import LOCALES, load
from gateway.api.document import document
from gateway.api.page import page
from gateway.app import described
from gateway.transcoding.contracts import comments, rpcs
from tests.unit.gateway.door import Door


@cache
def whole() -> dict[str, Any]:
    return document(described())


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in whole()["paths"].items():
        for verb, operation in item.items():
            yield path, verb, operation


def test_every_route_is_described_once_and_by_its_own_name() -> None:
    described_routes = {(verb.upper(), path) for path, verb, _ in operations()}
    bound = {(binding.verb, binding.template) for rpc in rpcs() for binding in rpc.bindings}
    assert bound <= described_routes
    by_hand = described_routes - bound
    assert {path for _, path in by_hand} == {
        "/v1/session:sign-in", "/v1/session:refresh", "/v1/session:sign-out", "/v1/oauth/token",
        "/.well-known/jwks.json", "/v1/tenants/{tenant}/files", "/v1/files/{reference}", "/v1/live",
    }  # fmt: skip
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))


def test_the_document_is_the_same_each_time() -> None:
    first = json.dumps(document(described()))
    assert json.dumps(document(described())) == first


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(whole())
    for reference in set(re.findall(r'"\$ref": "#/components/([^"]+)"', text)):
        kind, name = reference.split("/")
        assert name in whole()["components"][kind], reference


def test_every_schema_is_valid() -> None:
    for name, schema in whole()["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema, name


def test_the_access_option_is_published() -> None:
    assign = whole()["paths"]["/v1/tenants/{tenant}/requests/{id}:assign"]["post"]
    assert assign["x-louyu-access"] == {
        "permission": "requests.handle", "scope": "TENANT", "sensitivity": "P1", "etag_required": True,
    }  # fmt: skip
    assert {"$ref": "#/components/parameters/IfMatchRequired"} in assign["parameters"]
    assert "428" in assign["responses"]


def test_rules_become_limits() -> None:
    create = whole()["components"]["schemas"]["CreateTicketRequest"]
    assert create["required"] == ["service_item_id", "summary"]
    assert create["additionalProperties"] is False
    summary = create["properties"]["summary"]
    assert (summary["minLength"], summary["maxLength"]) == (2, 1000)
    assert create["properties"]["attachments"]["maxItems"] == 9
    item = whole()["components"]["schemas"]["CreateServiceItemRequest"]["properties"]
    assert item["affairs"]["enum"] == ["PARTY", "GOVERNMENT", "SOCIAL", "BUSINESS", "LEGAL"]
    assert (item["resolution_hours"]["minimum"], item["resolution_hours"]["maximum"]) == (1, 8760)
    assert item["code"]["pattern"].startswith("^[a-z]")


def test_replies_promise_what_is_always_there() -> None:
    ticket = whole()["components"]["schemas"]["Ticket"]
    assert {"id", "state", "rating", "attachments"} <= set(ticket["required"])
    assert "create_time" not in ticket["required"]
    assert ticket["properties"]["create_time"]["format"] == "date-time"


def test_a_oneof_is_a_one_of() -> None:
    schema = whole()["components"]["schemas"]["CheckInRequest"]
    assert all(set(choice) == {"required"} for choice in schema["oneOf"])


def test_comments_are_the_documentation() -> None:
    ticket = whole()["components"]["schemas"]["Ticket"]
    assert ticket["properties"]["rating"]["description"] == comments()["louyu.ticket.v1.Ticket.rating"]
    for path, verb, operation in operations():
        assert operation["description"], (verb, path)


def test_the_page_stands_alone() -> None:
    html = page(whole())
    assert "<script" not in html
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', html)
    assert "Orders a service item" in html


async def test_document_and_page_are_served(door: Door) -> None:
    reply = await door.client.get("/openapi.json")
    assert reply.json() == whole()
    html = await door.client.get("/docs")
    assert html.headers["content-type"] == "text/html; charset=utf-8"
    assert (await door.client.get("/docs/style.css")).headers["content-type"] == "text/css; charset=utf-8"


def test_every_sentence_is_there_in_both_languages_and_used() -> None:
    own = [load("gateway", locale) for locale in LOCALES]
    assert own[0][0].keys() == own[1][0].keys()
    assert own[0][1].keys() == own[1][1].keys()
    source = "\n".join(path.read_text() for path in Path(gateway.__file__).parent.rglob("*.py"))
    for reason in own[0][0]:
        assert f'"{reason}"' in source, reason
    known = own[0][0].keys() | load("chassis", "en")[0].keys()
    raised = set(re.findall(r'"([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)"', source))
    # Identity's own reason, and a gRPC status.
    assert raised - known <= {"TOTP_REQUIRED", "INVALID_ARGUMENT"}


@pytest.mark.parametrize("name", ["SignIn", "Ticket"])
def test_nothing_internal_is_described(name: str) -> None:
    assert "refresh_token" not in json.dumps(whole()["components"]["schemas"].get(name, {}))
    assert not [path for path in whole()["paths"] if path.startswith("/internal")]
