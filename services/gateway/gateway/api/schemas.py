"""Messages as JSON Schema (the dialect of OpenAPI 3.1), with the comments of proto/ as descriptions.

A message has up to two forms. Replies always carry every field without presence, so these are
`required`. Requests carry what the caller wants to say: `required` is what the rules insist on, unknown
fields are refused, and a message nested in a request is named `…Input` to keep the two apart.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, OneofDescriptor

from buf.validate import validate_pb2
from gateway.api.rules import JSON, Limits, limits
from gateway.transcoding.wellknown import WRAPPERS, short_names

Side = Literal["request", "reply"]

_WELL_KNOWN: Mapping[str, JSON] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,9})?s$"},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
    "google.protobuf.Value": {},
}
_INTEGER = {"type": "integer", "format": "int32"}
_LONG = {"type": "string", "pattern": "^-?[0-9]{1,20}$"}
_SCALARS: Mapping[int, JSON] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number"},
    FieldDescriptor.TYPE_FLOAT: {"type": "number"},
    FieldDescriptor.TYPE_INT32: _INTEGER,
    FieldDescriptor.TYPE_SINT32: _INTEGER,
    FieldDescriptor.TYPE_SFIXED32: _INTEGER,
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_FIXED32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_INT64: _LONG,
    FieldDescriptor.TYPE_SINT64: _LONG,
    FieldDescriptor.TYPE_SFIXED64: _LONG,
    FieldDescriptor.TYPE_UINT64: _LONG,
    FieldDescriptor.TYPE_FIXED64: _LONG,
}


class Schemas:
    """Collects the schemas that a document needs."""

    def __init__(self, messages: Iterable[Descriptor], comments: Mapping[str, str]) -> None:
        self._comments = comments
        self._names = _names(messages)
        self.components: dict[str, JSON] = {}

    def reference(self, descriptor: Descriptor, side: Side) -> JSON:
        """Where the schema of a message stands; it is written at the first call."""
        known = _WELL_KNOWN.get(descriptor.full_name)
        if known is not None:
            return dict(known)
        if descriptor.full_name in WRAPPERS:
            return dict(self._one(descriptor.fields_by_name["value"], side, Limits(), {}))
        name = self._names[descriptor.full_name] + ("Input" if side == "request" else "")
        if name not in self.components:
            self.components[name] = {}
            self.components[name] = self._object(descriptor, side, frozenset())
        return {"$ref": f"#/components/schemas/{name}"}

    def body(self, descriptor: Descriptor, bound: Iterable[str]) -> JSON:
        """The body of a request whose `bound` fields are in its path."""
        name = self._names[descriptor.full_name]
        self.components[name] = self._object(descriptor, "request", frozenset(bound))
        return {"$ref": f"#/components/schemas/{name}"}

    def parameter(self, of: FieldDescriptor) -> tuple[JSON, bool]:
        """The schema of a field in a path or query, and whether it must be there."""
        rules = limits(of)
        schema = self._field(of, "request", rules)
        schema.pop("description", None)
        return schema, rules.required

    def comment(self, name: str, extra: Iterable[str] = ()) -> str:
        """What proto/ says about an element, its lines joined to paragraphs."""
        paragraphs = self._comments.get(name, "").split("\n\n")
        text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
        return " ".join(part for part in (text, *extra) if part)

    def _object(self, descriptor: Descriptor, side: Side, bound: frozenset[str]) -> JSON:
        properties: dict[str, JSON] = {}
        required: list[str] = []
        for field in descriptor.fields:
            if field.name in bound:
                continue
            rules = limits(field) if side == "request" else Limits()
            properties[field.name] = self._field(field, side, rules)
            if rules.required if side == "request" else not field.has_presence:
                required.append(field.name)
        schema: JSON = {"type": "object", "properties": properties}
        rules_in_words = _message_rules(descriptor) if side == "request" else ()
        description = self.comment(descriptor.full_name, rules_in_words)
        if description:
            schema["description"] = description
        if required:
            schema["required"] = required
        if side == "request":
            schema["additionalProperties"] = False
        choices = [each for each in descriptor.oneofs if len(each.fields) > 1]
        if len(choices) == 1:
            schema["oneOf"] = _one_of(choices[0])
        elif choices:
            schema["allOf"] = [{"oneOf": _one_of(choice)} for choice in choices]
        return schema

    def _field(self, of: FieldDescriptor, side: Side, rules: Limits) -> JSON:
        schema = self._whole(of, side, rules)
        description = self.comment(f"{owner(of).full_name}.{of.name}", rules.words)
        if description:
            schema["description"] = description
        return schema

    def _whole(self, of: FieldDescriptor, side: Side, rules: Limits) -> JSON:
        if of.message_type is not None and of.message_type.GetOptions().map_entry:
            value = of.message_type.fields_by_name["value"]
            one = self._one(value, side, Limits(), rules.items)
            return {"type": "object", "additionalProperties": one, **rules.keywords}
        if of.is_repeated:
            return {"type": "array", "items": self._one(of, side, Limits(), rules.items), **rules.keywords}
        schema = self._one(of, side, rules, rules.keywords)
        if rules.zero_allowed and schema.get("type") == "string" and rules.keywords:
            return {"anyOf": [schema, {"const": ""}]}
        return schema

    def _one(self, of: FieldDescriptor, side: Side, rules: Limits, keywords: JSON) -> JSON:
        if of.message_type is not None:
            return self.reference(of.message_type, side)
        if of.enum_type is not None:
            return self._enum(of.enum_type, rules)
        return {**_SCALARS[of.type], **keywords}

    def _enum(self, enum: EnumDescriptor, rules: Limits) -> JSON:
        names = short_names(enum)
        if rules.excluded or rules.allowed is not None:
            kept = names.keys() - rules.excluded
            kept = kept if rules.allowed is None else kept & rules.allowed
            return {"type": "string", "enum": [name for number, name in names.items() if number in kept]}
        component = self._names.setdefault(enum.full_name, _short(enum.full_name))
        if component not in self.components:
            lines = [self.comment(enum.full_name)]
            for value in enum.values:
                said = self.comment(f"{enum.full_name}.{value.name}")
                lines.append(f"- `{names[value.number]}`: {said}" if said else f"- `{names[value.number]}`")
            description = "\n".join(line for line in lines if line)
            self.components[component] = {
                "type": "string",
                "enum": list(names.values()),
                "description": description,
            }
        return {"$ref": f"#/components/schemas/{component}"}


def _one_of(choice: OneofDescriptor) -> list[JSON]:
    """Exactly one member; also none, where the contract does not insist."""
    members: list[JSON] = [{"required": [field.name]} for field in choice.fields]
    options = choice.GetOptions()
    if options.HasExtension(validate_pb2.oneof) and options.Extensions[validate_pb2.oneof].required:
        return members
    return [*members, {"not": {"anyOf": [dict(member) for member in members]}}]


def message_of(field: FieldDescriptor) -> Descriptor:
    """The type of a field that holds messages."""
    if field.message_type is None:
        raise TypeError(f"{field.full_name} holds no message")
    return field.message_type


def owner(field: FieldDescriptor) -> Descriptor:
    """The message that a field is declared in."""
    if field.containing_type is None:
        raise TypeError(f"{field.full_name} is declared in no message")
    return field.containing_type


def _message_rules(descriptor: Descriptor) -> list[str]:
    options = descriptor.GetOptions()
    # The stubs take the option called `message` for the module of that name.
    extension: Any = validate_pb2.message
    if not options.HasExtension(extension):
        return []
    rules: validate_pb2.MessageRules = options.Extensions[extension]
    return [rule.message or rule.expression for rule in rules.cel]


def _short(full_name: str) -> str:
    return "".join(part for part in full_name.split(".") if part[:1].isupper())


def _names(messages: Iterable[Descriptor]) -> dict[str, str]:
    """A name for every message and enum that can be reached: its own, with the service's before it where
    two services use the same."""
    reached: dict[str, str] = {}
    waiting: list[Any] = list(messages)
    while waiting:
        item = waiting.pop()
        if item.full_name in reached:
            continue
        reached[item.full_name] = _short(item.full_name)
        for field in getattr(item, "fields", ()):
            waiting.extend(each for each in (field.message_type, field.enum_type) if each is not None)
    taken: dict[str, list[str]] = {}
    for full_name, short in reached.items():
        taken.setdefault(short, []).append(full_name)
    for short, full_names in taken.items():
        if len(full_names) > 1:
            for full_name in full_names:
                reached[full_name] = full_name.split(".")[1].capitalize() + short
    return reached
