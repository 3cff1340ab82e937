"""JSON, path and query to messages, by readers compiled from descriptors.

Strict: an unknown field, a wrong type, a number out of range or two members of a oneof are each a
field error with the path of the field, and all of them are reported at once. Rules that need more than
the type (`buf.validate`) are the owning service's.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import inf, isfinite
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from chassis.errors import FieldError
from gateway.transcoding.wellknown import READERS, REFUSED, WRAPPERS, Wrong, bytes_from, clean, short_names

Errors = list[FieldError]
Reader = Callable[[Any, str, Errors], Any]
"""Value, path and where to put errors → what the message's constructor takes, or WRONG."""

WRONG = object()

_INT32 = (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_SINT32, FieldDescriptor.TYPE_SFIXED32)
_UINT32 = (FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_FIXED32)
_INT64 = (FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_SINT64, FieldDescriptor.TYPE_SFIXED64)
_UINT64 = (FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_FIXED64)
_LIMITS = {
    **dict.fromkeys(_INT32, (-(2**31), 2**31 - 1)),
    **dict.fromkeys(_UINT32, (0, 2**32 - 1)),
    **dict.fromkeys(_INT64, (-(2**63), 2**63 - 1)),
    **dict.fromkeys(_UINT64, (0, 2**64 - 1)),
}
_LONG = frozenset((*_INT64, *_UINT64))
_FLOAT_MAX = 3.4028235677973362e38
_WORDS = {"NaN": float("nan"), "Infinity": inf, "-Infinity": -inf}
_NESTING_LIMIT = 40
"""How deep messages of our own may nest; only recursive types could go further."""


def _integer(low: int, high: int, long: bool, raw: object) -> int:
    if long and isinstance(raw, str):
        return _integer_text(low, high, raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Wrong("FIELD_WRONG_TYPE", expected="integer")
    if not low <= raw <= high:
        raise Wrong("FIELD_OUT_OF_RANGE", low=str(low), high=str(high))
    return raw


def _integer_text(low: int, high: int, raw: str) -> int:
    digits = raw.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 20):
        raise Wrong("FIELD_WRONG_TYPE", expected="integer")
    return _integer(low, high, False, int(raw))


def _number(limit: float, raw: object) -> float:
    if isinstance(raw, str) and raw in _WORDS:
        return _WORDS[raw]
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Wrong("FIELD_WRONG_TYPE", expected="number")
    if isfinite(raw) and abs(raw) > limit:
        raise Wrong("FIELD_OUT_OF_RANGE", low=str(-limit), high=str(limit))
    return raw


def _number_text(limit: float, raw: str) -> float:
    try:
        return _number(limit, _WORDS[raw] if raw in _WORDS else float(raw))
    except ValueError as error:
        raise error if isinstance(error, Wrong) else Wrong("FIELD_WRONG_TYPE", expected="number") from None


def _boolean(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise Wrong("FIELD_WRONG_TYPE", expected="boolean")
    return raw


def _boolean_text(raw: str) -> bool:
    if raw not in ("true", "false"):
        raise Wrong("FIELD_WRONG_TYPE", expected="boolean")
    return raw == "true"


def _string(raw: object) -> str:
    if not isinstance(raw, str):
        raise Wrong("FIELD_WRONG_TYPE", expected="string")
    return clean(raw)


def _bytes(raw: object) -> bytes:
    if not isinstance(raw, str):
        raise Wrong("FIELD_WRONG_TYPE", expected="string")
    return bytes_from(raw)


def _enum(numbers: Mapping[str, int], raw: object) -> int:
    if not isinstance(raw, str):
        raise Wrong("FIELD_WRONG_TYPE", expected="string")
    number = numbers.get(raw)
    if number is None:
        raise Wrong("FIELD_UNKNOWN_VALUE", values=",".join(numbers))
    return number


def _numbers(enum: EnumDescriptor) -> dict[str, int]:
    return {name: number for number, name in short_names(enum).items()}


def scalar(of: FieldDescriptor) -> Callable[[object], Any]:
    """Reads one JSON value of a field that is no message; raises Wrong."""
    if of.enum_type is not None:
        return partial(_enum, _numbers(of.enum_type))
    if of.type in _LIMITS:
        return partial(_integer, *_LIMITS[of.type], of.type in _LONG)
    if of.type == FieldDescriptor.TYPE_FLOAT:
        return partial(_number, _FLOAT_MAX)
    if of.type == FieldDescriptor.TYPE_DOUBLE:
        return partial(_number, inf)
    if of.type == FieldDescriptor.TYPE_BOOL:
        return _boolean
    return _bytes if of.type == FieldDescriptor.TYPE_BYTES else _string


def scalar_text(of: FieldDescriptor) -> Callable[[str], Any]:
    """The same for text that came in a path, a query or as a map's key."""
    if of.message_type is not None:
        name = of.message_type.full_name
        if name in WRAPPERS:
            return scalar_text(of.message_type.fields_by_name["value"])
        return READERS[name]
    if of.enum_type is None and of.type in _LIMITS:
        return partial(_integer_text, *_LIMITS[of.type])
    if of.type == FieldDescriptor.TYPE_FLOAT:
        return partial(_number_text, _FLOAT_MAX)
    if of.type == FieldDescriptor.TYPE_DOUBLE:
        return partial(_number_text, inf)
    return _boolean_text if of.type == FieldDescriptor.TYPE_BOOL else scalar(of)


def guarded(read: Callable[[Any], Any], raw: Any, path: str, errors: Errors) -> Any:
    """What `read` makes of a value; WRONG, with a field error, where it cannot."""
    try:
        return read(raw)
    except Wrong as wrong:
        errors.append(FieldError(path, wrong.reason, wrong.params))
        return WRONG


@dataclass(slots=True)
class Shape:
    """A message type with its compiled fields."""

    build: Callable[..., Message]
    fields: dict[str, tuple[Reader, str]] = field(default_factory=dict)
    """Name → reader and the oneof it belongs to ("" for none)."""

    def read(self, raw: object, path: str, errors: Errors) -> Any:
        """The message a JSON object stands for."""
        if not isinstance(raw, dict):
            errors.append(FieldError(path, "FIELD_WRONG_TYPE", {"expected": "object"}))
            return WRONG
        if path.count(".") > _NESTING_LIMIT:
            errors.append(FieldError(path[:100], "FIELD_TOO_DEEP", {"limit": str(_NESTING_LIMIT)}))
            return WRONG
        values = self.values(raw, f"{path}." if path else "", errors)
        return WRONG if errors else self.build(**values)

    def values(self, raw: Mapping[str, object], prefix: str, errors: Errors) -> dict[str, Any]:
        """The constructor's arguments; null is the same as leaving a field out."""
        values: dict[str, Any] = {}
        chosen: dict[str, str] = {}
        for name, value in raw.items():
            known = self.fields.get(name)
            if known is None:
                errors.append(FieldError(f"{prefix}{name}"[:200], "FIELD_UNKNOWN"))
                continue
            read, oneof = known
            if value is None and read.__name__ != _NULLABLE:
                continue
            if oneof and chosen.setdefault(oneof, name) != name:
                errors.append(FieldError(prefix + name, "FIELD_ONLY_ONE", {"other": chosen[oneof]}))
                continue
            values[name] = read(value, prefix + name, errors)
        return values


_NULLABLE = "read_value"


class Decoders:
    """Compiles message types and remembers what it compiled."""

    def __init__(self) -> None:
        self._shapes: dict[str, Shape] = {}

    def shape(self, descriptor: Descriptor) -> Shape:
        """The compiled form of a message type."""
        known = self._shapes.get(descriptor.full_name)
        if known is not None:
            return known
        if descriptor.full_name in REFUSED:
            raise ValueError(f"{descriptor.full_name} has no JSON form here")
        shape = self._shapes[descriptor.full_name] = Shape(GetMessageClass(descriptor))
        for each in descriptor.fields:
            oneof = each.containing_oneof
            # `optional` is a oneof of one in the descriptor; there is nothing to choose in it.
            name = oneof.name if oneof is not None and len(oneof.fields) > 1 else ""
            shape.fields[each.name] = (self._field(each), name)
        return shape

    def _field(self, of: FieldDescriptor) -> Reader:
        if of.message_type is not None and of.message_type.GetOptions().map_entry:
            return self._map(of.message_type)
        one = self._one(of)
        if not of.is_repeated:
            return one

        def read_list(raw: object, path: str, errors: Errors) -> Any:
            if not isinstance(raw, list):
                errors.append(FieldError(path, "FIELD_WRONG_TYPE", {"expected": "list"}))
                return WRONG
            return [one(item, f"{path}[{index}]", errors) for index, item in enumerate(raw)]

        return read_list

    def _one(self, of: FieldDescriptor) -> Reader:
        if of.message_type is None:
            return partial_reader(scalar(of))
        name = of.message_type.full_name
        if name == "google.protobuf.Value":

            def read_value(raw: object, path: str, errors: Errors) -> Any:
                return guarded(READERS[name], raw, path, errors)

            return read_value
        if name in READERS:
            return partial_reader(READERS[name])
        shape = self.shape(of.message_type)
        if name in WRAPPERS:
            inner = scalar(of.message_type.fields_by_name["value"])

            def read_wrapped(raw: object, path: str, errors: Errors) -> Any:
                value = guarded(inner, raw, path, errors)
                return WRONG if value is WRONG else shape.build(value=value)

            return read_wrapped

        def read_message(raw: object, path: str, errors: Errors) -> Any:
            return shape.read(raw, path, errors)

        return read_message

    def _map(self, entry: Descriptor) -> Reader:
        key = scalar_text(entry.fields_by_name["key"])
        value = self._one(entry.fields_by_name["value"])

        def read_map(raw: object, path: str, errors: Errors) -> Any:
            if not isinstance(raw, dict):
                errors.append(FieldError(path, "FIELD_WRONG_TYPE", {"expected": "object"}))
                return WRONG
            found: dict[Any, Any] = {}
            for name, item in raw.items():
                at = f"{path}.{name}"[:200]
                found[guarded(key, name, at, errors)] = value(item, at, errors)
            return found

        return read_map


def partial_reader(read: Callable[[Any], Any]) -> Reader:
    """A reader that turns Wrong into a field error."""

    def read_scalar(raw: object, path: str, errors: Errors) -> Any:
        return guarded(read, raw, path, errors)

    return read_scalar


class QueryReader:
    """Reads query parameters into a request: `states=NEW&states=DONE`, nested fields by dots."""

    def __init__(self, decoders: Decoders, request: Descriptor, bound: Iterable[str]) -> None:
        self._decoders = decoders
        self._request = request
        self._readers: dict[str, tuple[Callable[[str], Any], bool]] = {}
        self._collect(request, "", frozenset(bound), depth=0)

    @property
    def names(self) -> tuple[str, ...]:
        """Every parameter that is understood."""
        return tuple(self._readers)

    def values(self, pairs: Iterable[tuple[str, str]], errors: Errors) -> dict[str, Any]:
        """The constructor's arguments; nested messages as dictionaries, which constructors take too."""
        values: dict[str, Any] = {}
        for name, text in pairs:
            known = self._readers.get(name)
            if known is None:
                errors.append(FieldError(name[:200], "FIELD_UNKNOWN_PARAMETER"))
                continue
            read, repeated = known
            value = guarded(read, text, name, errors)
            at = values
            *outer, last = name.split(".")
            for part in outer:
                at = at.setdefault(part, {})
            if repeated:
                at.setdefault(last, []).append(value)
            elif last in at:
                errors.append(FieldError(name, "FIELD_GIVEN_TWICE"))
            else:
                at[last] = value
        return values

    def _collect(self, message: Descriptor, prefix: str, bound: frozenset[str], depth: int) -> None:
        for each in message.fields:
            name = prefix + each.name
            if name in bound:
                continue
            inner = each.message_type
            if inner is None or inner.full_name in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
                self._readers[name] = (scalar_text(each), each.is_repeated)
            elif inner.full_name in WRAPPERS:
                build = self._decoders.shape(inner).build
                self._readers[name] = (_wrapping(scalar_text(each), build), each.is_repeated)
            elif not each.is_repeated and inner.full_name not in READERS and depth < 2:
                self._collect(inner, f"{name}.", bound, depth + 1)


def _wrapping(read: Callable[[str], Any], build: Callable[..., Message]) -> Callable[[str], Any]:
    return lambda text: build(value=read(text))
