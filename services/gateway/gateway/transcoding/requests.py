"""One HTTP request into one request message, by its route."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from chassis.errors import FieldError, Invalid
from gateway.transcoding.contracts import Binding, Rpc
from gateway.transcoding.decoding import Decoders, Errors, QueryReader, Shape, guarded, scalar_text
from gateway.transcoding.routes import placeholders

_PARAMETER_LIMIT = 200


class RequestReader:
    """Builds the request message of one binding.

    `body: "*"`: every field that the path does not name comes from the JSON object, and there are no
    query parameters. `body: "field"`: that field is the JSON object, the rest are query parameters.
    No body: all are query parameters.
    """

    def __init__(self, rpc: Rpc, binding: Binding, decoders: Decoders) -> None:
        descriptor = rpc.request
        self._shape: Shape = decoders.shape(descriptor)
        names = placeholders(binding.template)
        for name in names:
            _path_field(descriptor, name, binding.template)
        self._path = {name: scalar_text(descriptor.fields_by_name[name]) for name in names}
        self.body = binding.body
        self._field = None
        query: Iterable[str] = names
        if binding.body == "*":
            query = descriptor.fields_by_name
        elif binding.body:
            self._field = self._shape.fields[binding.body][0]
            query = (*names, binding.body)
        self.query = QueryReader(decoders, descriptor, query)
        """The query parameters that are understood."""

    def read(self, path: Mapping[str, str], query: bytes, body: bytes) -> Message:
        """The request message; Invalid, naming every wrong field, where there is none to be made."""
        errors: Errors = []
        values: dict[str, Any] = {}
        if self.body:
            values = self._from_body(_load(body) if body.strip() else {}, path, errors)
        elif body:
            errors.append(FieldError("", "FIELD_NO_BODY"))
        if query:
            values.update(self.query.values(_pairs(query), errors))
        for name, read in self._path.items():
            values[name] = guarded(read, path[name], name, errors)
        if not errors:
            try:
                return self._shape.build(**values)
            except (ValueError, TypeError) as error:  # a text that is no UTF-8 (a lone surrogate)
                raise Invalid("MALFORMED_JSON") from error
        raise Invalid("INVALID_REQUEST", fields=errors)

    def _from_body(self, raw: object, path: Mapping[str, str], errors: Errors) -> dict[str, Any]:
        if self._field is not None:
            return {self.body: self._field(raw, self.body, errors)}
        if not isinstance(raw, dict):
            raise Invalid("BODY_NOT_AN_OBJECT")
        for name, value in path.items():
            # A client may send back what it has read; what it may not is to contradict the path.
            if name in raw and raw.pop(name) != value:
                errors.append(FieldError(name, "FIELD_CONTRADICTS_PATH"))
        return self._shape.values(raw, "", errors)


def _path_field(descriptor: Descriptor, name: str, template: str) -> None:
    field = descriptor.fields_by_name.get(name)
    if field is None or field.is_repeated or field.type == FieldDescriptor.TYPE_MESSAGE:
        raise ValueError(f"{template}: {name} is no plain field of {descriptor.full_name}")


def _load(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except (orjson.JSONDecodeError, RecursionError):
        raise Invalid("MALFORMED_JSON") from None


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_PARAMETER_LIMIT
        )
    except ValueError:
        raise Invalid("MALFORMED_QUERY") from None
