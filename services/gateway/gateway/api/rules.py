"""The rules of `buf.validate` as JSON Schema keywords. What has no keyword is said in words."""

import re
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from buf.validate import validate_pb2

JSON = dict[str, Any]

_FORMATS = {
    "uuid": "uuid",
    "email": "email",
    "uri": "uri",
    "uri_ref": "uri-reference",
    "hostname": "hostname",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
}
_NUMERIC = frozenset(
    f"{kind}{size}" for kind in ("int", "uint", "sint", "fixed", "sfixed") for size in (32, 64)
) | {"float", "double"}
_BOUNDS = {"gte": "minimum", "lte": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
_WORDS = {"gte": "at least", "lte": "at most", "gt": "more than", "lt": "less than"}


@dataclass(slots=True)
class Limits:
    """What one field's rules ask for."""

    keywords: JSON = field(default_factory=dict)
    """Of the field, or of its elements' list or map."""
    items: JSON = field(default_factory=dict)
    """Of each element."""
    required: bool = False
    """Leaving it out is refused: its zero value breaks a rule."""
    excluded: frozenset[int] = frozenset()
    """Numbers of an enum that are refused."""
    allowed: frozenset[int] | None = None
    """The only numbers of an enum that are accepted."""
    words: list[str] = field(default_factory=list)
    zero_allowed: bool = False
    """The empty value passes although it would break the rules."""


def limits(of: FieldDescriptor) -> Limits:
    """The limits of a field."""
    found = Limits()
    options = of.GetOptions()
    if not options.HasExtension(validate_pb2.field):
        return found
    rules = options.Extensions[validate_pb2.field]
    found.zero_allowed = rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE
    found.keywords = _keywords(rules, found)
    demands = rules.required or (not of.has_presence and not found.zero_allowed and _refuses_zero(found))
    found.required = bool(demands)
    found.words.extend(rule.message or rule.expression for rule in rules.cel)
    return found


def _keywords(rules: validate_pb2.FieldRules, found: Limits) -> JSON:
    kind = rules.WhichOneof("type")
    if kind is None:
        return {}
    typed = getattr(rules, kind)
    if kind == "string":
        return _string(typed)
    if kind in _NUMERIC:
        return _number(typed, found, as_text=kind.endswith("64"))
    if kind == "enum":
        found.excluded = frozenset(typed.not_in)
        # `in` is a keyword, so the field can only be reached by its name.
        only = getattr(typed, "in")
        found.allowed = frozenset(only) if only else None
        return {}
    if kind == "repeated":
        found.items = _keywords(typed.items, Limits())
        return _present(typed, {"min_items": "minItems", "max_items": "maxItems"}) | (
            {"uniqueItems": True} if typed.unique else {}
        )
    if kind == "map":
        found.items = _keywords(typed.values, Limits())
        return _present(typed, {"min_pairs": "minProperties", "max_pairs": "maxProperties"})
    if kind == "bytes" and typed.HasField("max_len"):
        found.words.append(f"At most {typed.max_len} bytes.")
    if kind == "bool" and typed.HasField("const"):
        return {"const": typed.const}
    if kind in ("timestamp", "duration"):
        found.words.extend(_moments(typed))
    return {}


def _string(rules: validate_pb2.StringRules) -> JSON:
    words: JSON = _present(
        rules, {"min_len": "minLength", "max_len": "maxLength", "pattern": "pattern", "const": "const"}
    )
    if rules.HasField("len"):
        words |= {"minLength": rules.len, "maxLength": rules.len}
    known = rules.WhichOneof("well_known")
    if known in _FORMATS:
        words["format"] = _FORMATS[known]
    choices = getattr(rules, "in")
    if choices:
        words["enum"] = list(choices)
    return words


def _number(rules: Any, found: Limits, *, as_text: bool) -> JSON:
    bounds: JSON = {}
    for name, keyword in _BOUNDS.items():
        if name in rules.DESCRIPTOR.fields_by_name and rules.HasField(name):
            bounds[keyword] = getattr(rules, name)
            if as_text:
                found.words.append(f"{_WORDS[name].capitalize()} {getattr(rules, name)}.")
    choices = getattr(rules, "in")
    if choices and not as_text:
        bounds["enum"] = list(choices)
    if rules.HasField("const") and not as_text:
        bounds["const"] = rules.const
    if not as_text:
        return bounds
    # The JSON form is a string, on which numeric keywords say nothing; zero may be refused all the same.
    if bounds.get("minimum", 0) > 0 or bounds.get("exclusiveMinimum", -1) >= 0:
        found.required = True
    return {}


def _moments(rules: Any) -> list[str]:
    words = [
        f"Must be {said} now."
        for name, said in (("gt_now", "later than"), ("lt_now", "earlier than"))
        if name in rules.DESCRIPTOR.fields_by_name and getattr(rules, name)
    ]
    for name, said in _WORDS.items():
        if rules.HasField(name):
            words.append(f"{said.capitalize()} {getattr(rules, name).ToJsonString()}.")
    return words


def _present(rules: Any, names: dict[str, str]) -> JSON:
    return {keyword: getattr(rules, name) for name, keyword in names.items() if rules.HasField(name)}


def _refuses_zero(found: Limits) -> bool:
    words = found.keywords
    return bool(
        found.required
        or words.get("minLength", 0) > 0
        or words.get("minItems", 0) > 0
        or words.get("minProperties", 0) > 0
        or "format" in words
        or ("pattern" in words and re.search(words["pattern"], "") is None)
        or words.get("minimum", 0) > 0
        or words.get("exclusiveMinimum", -1) >= 0
        or ("enum" in words and words["enum"][0] not in ("", 0) and "" not in words["enum"])
        or words.get("const", "") not in ("", 0, False)
        or 0 in found.excluded
        or (found.allowed is not None and 0 not in found.allowed)
    )
