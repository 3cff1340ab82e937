"""The OpenAPI 3.1 document: every route of the contracts, and the few that are written by hand.

python -m gateway.api.document services/web/openapi.json            write it
python -m gateway.api.document services/web/openapi.json --check    fail if it is not up to date
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.api.rules import JSON
from gateway.api.schemas import Schemas, message_of, owner
from gateway.transcoding.contracts import Binding, Rpc, comments, rpcs
from gateway.transcoding.decoding import Decoders
from gateway.transcoding.requests import RequestReader
from gateway.transcoding.routes import placeholders
from louyu.options.v1 import access_pb2

DESCRIPTION = """\
The REST interface of Louyu. `tenant` in a path is the organisation in whose name the caller acts.

JSON is snake_case; enums have no prefix; 64-bit integers are strings; times are RFC 3339 in UTC.
Lists are paged: send `next_page_token` back as `page_token`. A change that requires `If-Match` takes the
`etag` the caller has read. `Idempotency-Key` makes a POST safe to repeat: the same key answers with the
same reply for a day. Every refusal is `application/problem+json` with a stable `reason`, a sentence in
Chinese and English, and the fields that are wrong."""

_HTTP_BODY = "google.api.HttpBody"
_VERSION = "1.0.0"


def document(handwritten: FastAPI, routes: Iterable[Rpc] | None = None) -> JSON:
    """The whole description."""
    found = tuple(rpcs() if routes is None else routes)
    schemas = Schemas(_messages(found), comments())
    by_hand = _by_hand(handwritten)
    paths: dict[str, JSON] = {}
    tags: dict[str, str] = {}
    taken: set[str] = set()
    for rpc in found:
        tag = _tag(rpc)
        tags.setdefault(tag, schemas.comment(rpc.method.containing_service.full_name))
        for number, binding in enumerate(rpc.bindings):
            template = re.sub(r"=\*+\}", "}", binding.template)
            operation = _operation(rpc, binding, schemas, tag)
            operation["operationId"] = _operation_id(rpc, number, taken)
            paths.setdefault(template, {})[binding.verb.lower()] = operation
    for path, item in by_hand["paths"].items():
        paths.setdefault(path, {}).update(item)
    components = {**schemas.components, **by_hand["components"], **_PROBLEMS}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Louyu 楼宇", "version": _VERSION, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": tags[name]} for name in sorted(tags)] + by_hand["tags"],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(components.items())),
            "parameters": _PARAMETERS,
            "responses": _RESPONSES,
            "securitySchemes": _SECURITY,
        },
        "security": [{"bearer": []}],
    }


def _messages(found: Iterable[Rpc]) -> list[Descriptor]:
    return [side for rpc in found for side in (rpc.request, rpc.reply) if side.full_name != _HTTP_BODY]


def _tag(rpc: Rpc) -> str:
    """The capability: the noun that names the contract's file."""
    return rpc.method.containing_service.file.name.rpartition("/")[2].removesuffix(".proto")


def _operation_id(rpc: Rpc, number: int, taken: set[str]) -> str:
    name = rpc.method.name + (str(number + 1) if number else "")
    if name in taken:
        name = f"{rpc.method.containing_service.file.package.split('.')[1].capitalize()}{name}"
    taken.add(name)
    return name


def _operation(rpc: Rpc, binding: Binding, schemas: Schemas, tag: str) -> JSON:
    access = rpc.method.GetOptions().Extensions[access_pb2.access]
    said = schemas.comment(f"{rpc.method.containing_service.full_name}.{rpc.method.name}")
    operation: JSON = {
        "tags": [tag],
        "summary": re.split(r"(?<=[.;:])\s", said, maxsplit=1)[0].rstrip(".;:"),
        "description": said,
        "x-louyu-access": {
            "permission": access.permission,
            "scope": access_pb2.Scope.Name(access.scope).removeprefix("SCOPE_"),
            "sensitivity": rpc.sensitivity,
            "etag_required": access.etag_required,
        },
    }
    parameters = _parameters(rpc, binding, schemas)
    if parameters:
        operation["parameters"] = parameters
    names = placeholders(binding.template)
    if binding.body == "*":
        operation["requestBody"] = _body(schemas.body(rpc.request, names))
    elif binding.body:
        field = _field(rpc.request, binding.body)
        operation["requestBody"] = _body(schemas.reference(message_of(field), "request"))
    operation["responses"] = _responses(rpc, schemas)
    if rpc.plan.mode == "public":
        operation["security"] = []
    return operation


def _field(message: Descriptor, name: str) -> FieldDescriptor:
    """A field by its path, parts separated by dots."""
    *outer, last = name.split(".")
    for part in outer:
        message = message_of(message.fields_by_name[part])
    return message.fields_by_name[last]


def _body(schema: JSON) -> JSON:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _parameters(rpc: Rpc, binding: Binding, schemas: Schemas) -> list[JSON]:
    found: list[JSON] = []
    for name in placeholders(binding.template):
        field = rpc.request.fields_by_name[name]
        schema, _ = schemas.parameter(field)
        said = schemas.comment(f"{rpc.request.full_name}.{name}")
        found.append({"name": name, "in": "path", "required": True, "description": said, "schema": schema})
    for name in RequestReader(rpc, binding, Decoders()).query.names:
        field = _field(rpc.request, name)
        schema, required = schemas.parameter(field)
        said = schemas.comment(f"{owner(field).full_name}.{field.name}")
        found.append(
            {"name": name, "in": "query", "required": required, "description": said, "schema": schema}
        )
    plan = rpc.plan
    if plan.etag_required:
        found.append({"$ref": "#/components/parameters/IfMatchRequired"})
    elif plan.fills_etag and not plan.reads:
        found.append({"$ref": "#/components/parameters/IfMatch"})
    if not plan.reads:
        found.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if plan.needs_reason:
        found.append({"$ref": "#/components/parameters/Reason"})
        found.append({"$ref": "#/components/parameters/Purpose"})
    return found


def _responses(rpc: Rpc, schemas: Schemas) -> JSON:
    if rpc.reply.full_name == _HTTP_BODY:
        content: JSON = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        good: JSON = {"description": "The document.", "content": content}
    else:
        schema = schemas.reference(rpc.reply, "reply")
        good = {
            "description": schemas.comment(rpc.reply.full_name) or "Done.",
            "content": {"application/json": {"schema": schema}},
        }
        if "etag" in rpc.reply.fields_by_name:
            etag = {"schema": {"type": "string"}, "description": "The version of the reply."}
            good["headers"] = {"ETag": etag}
    statuses = ["400", "429", "503"]
    if rpc.plan.mode != "public":
        statuses += ["401", "403", "404"]
    if not rpc.plan.reads:
        statuses += ["409", "413", "415", "422"]
    if rpc.plan.fills_etag:
        statuses.append("412")
    if rpc.plan.etag_required:
        statuses.append("428")
    responses = {"200": good}
    responses |= {status: {"$ref": "#/components/responses/Problem"} for status in sorted(statuses)}
    responses["default"] = {"$ref": "#/components/responses/Problem"}
    return responses


def _by_hand(handwritten: FastAPI) -> JSON:
    """FastAPI's own description of the routes that are no RPC, in the same style."""
    described = handwritten.openapi()
    for item in described["paths"].values():
        for operation in item.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
            operation["summary"] = operation.get("description", "").split(".")[0]
    components = described.get("components", {}).get("schemas", {})
    unused = ("HTTPValidationError", "ValidationError")
    kept = {name: schema for name, schema in components.items() if name not in unused}
    return {"paths": described["paths"], "components": kept, "tags": described.get("tags", [])}


def _header(name: str, description: str, schema: JSON, *, required: bool = False) -> JSON:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


_TEXT: JSON = {"type": "string", "maxLength": 1500}
_PARAMETERS: JSON = {
    "IdempotencyKey": _header(
        "Idempotency-Key",
        "Makes the request safe to repeat: 1 to 200 printable ASCII characters, new for each intent.",
        {"type": "string", "pattern": "^[!-~]{1,200}$"},
    ),
    "IfMatch": _header("If-Match", "The etag the caller has seen; checked when given.", {"type": "string"}),
    "IfMatchRequired": _header(
        "If-Match",
        "The etag the caller has seen, unless the body has it. Missing: 428; no longer current: 412.",
        {"type": "string"},
    ),
    "Reason": _header("X-Reason", "Why this is read; percent-encoded UTF-8; audited.", _TEXT, required=True),
    "Purpose": _header("X-Purpose", "For which purpose it is read; percent-encoded UTF-8; audited.", _TEXT),
}
_MESSAGES: JSON = {
    "type": "object",
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
    "required": ["zh", "en"],
}
_PROBLEMS: dict[str, JSON] = {
    "Messages": {**_MESSAGES, "description": "The same sentence in Chinese and English."},
    "FieldProblem": {
        "type": "object",
        "description": "One field that was refused.",
        "properties": {
            "field": {"type": "string", "description": "Its path in the request, e.g. `materials[2].name`."},
            "reason": {"type": "string", "description": "Stable code."},
            "detail": {"type": "string", "description": "The sentence in the language asked for."},
            "messages": {"$ref": "#/components/schemas/Messages"},
        },
        "required": ["field", "reason", "detail", "messages"],
    },
    "Problem": {
        "type": "object",
        "description": "A refusal (RFC 9457).",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "The sentence in the language asked for."},
            "reason": {"type": "string", "description": "Stable code, for programs."},
            "messages": {"$ref": "#/components/schemas/Messages"},
            "fields": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
            "state": {"type": "string", "description": "The state that does not allow the verb (409)."},
            "allowed": {
                "type": "array",
                "items": {"type": "string"},
                "description": "The verbs that the state allows (409).",
            },
            "request_id": {"type": "string", "description": "To be given to an administrator."},
        },
        "required": ["type", "title", "status", "detail", "reason", "messages", "request_id"],
    },
}
_RESPONSES: JSON = {
    "Problem": {
        "description": "Refused; `reason` says why.",
        "headers": {
            "Retry-After": {
                "schema": {"type": "integer"},
                "description": "With 429 and 503: seconds until another try makes sense.",
            }
        },
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
_SECURITY: JSON = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}


def write(text: str, target: Path, *, check: bool) -> None:
    """Write the document, or fail where it differs from what is there."""
    current = target.read_text(encoding="utf-8") if target.is_file() else ""
    if current == text:
        return
    if check:
        sys.exit(f"louyu: {target} is not what proto/ generates; run: make gen")
    target.write_text(text, encoding="utf-8")


def main() -> None:
    from gateway.app import described

    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("target", type=Path)
    parser.add_argument("--check", action="store_true", help="change nothing, fail on a difference")
    options = parser.parse_args()
    whole: Any = document(described())
    write(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", options.target, check=options.check)


if __name__ == "__main__":
    main()
