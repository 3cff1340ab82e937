"""Every reason a service can refuse with has a sentence in Chinese and in English."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor

import chassis.errors
import chassis.refusals
from buf.validate import validate_pb2
from chassis.errors import DomainError
from chassis.messages import LOCALES, load
from tests.contract import contracts

ROOT = Path(__file__).resolve().parents[2]
SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/pyproject.toml"))
FAMILIES = ("string", "bytes", "bool", "enum", "repeated", "map", "any", "timestamp", "duration")
MESSAGE_RULES: Any = validate_pb2.DESCRIPTOR.extensions_by_name["message"]
ERRORS = {
    name
    for module in (chassis.errors, chassis.refusals)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, DomainError)
}


def sources(service: str) -> Iterator[Path]:
    """The Python files whose reasons a service can utter."""
    folder = ROOT / "libs/chassis/chassis" if service == "chassis" else ROOT / "services" / service / service
    yield from sorted(folder.rglob("*.py"))


def reasons(path: Path) -> Iterator[tuple[str, int]]:
    """The reason codes that a file raises, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = node.args + [word.value for word in node.keywords if word.arg == "reason"]
        if name in ERRORS:
            candidates = given[:1] + [word.value for word in node.keywords if word.arg == "reason"]
        elif name == "FieldError":
            candidates = given[1:2] + [word.value for word in node.keywords if word.arg == "reason"]
        else:
            continue
        for candidate in candidates:
            for part in ast.walk(candidate):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value, node.lineno


@pytest.mark.parametrize("service", ["chassis", *SERVICES])
def test_every_reason_has_a_sentence_in_both_languages(service: str) -> None:
    packages = ("chassis",) if service == "chassis" else ("chassis", service)
    missing = [
        f"{path.relative_to(ROOT)}:{line}: {reason} in {locale}"
        for locale in LOCALES
        for known in [{key for package in packages for key in load(package, locale)[0]}]
        for path in sources(service)
        for reason, line in reasons(path)
        if reason.isupper() and reason not in known
    ]
    assert missing == []


@pytest.mark.parametrize("service", ["chassis", *SERVICES])
def test_both_languages_say_the_same_things_with_the_same_parameters(service: str) -> None:
    (chinese, chinese_terms), (english, english_terms) = (load(service, locale) for locale in LOCALES)
    assert chinese.keys() == english.keys()
    assert chinese_terms.keys() >= english_terms.keys(), "what needs a word in English needs one in Chinese"
    for reason in chinese:
        assert parameters(chinese[reason]) == parameters(english[reason]), reason


def parameters(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def rule_reasons() -> Iterator[tuple[str, str]]:
    """(service, reason) of every rule that a request can break."""
    for _, method in contracts.methods():
        service = method.full_name.split(".")[1]
        yield from ((service, reason) for reason in message_reasons(method.input_type, set()))


def message_reasons(message: Descriptor, seen: set[str]) -> Iterator[str]:
    if message.full_name in seen or message.full_name.startswith("google."):
        return
    seen.add(message.full_name)
    for rule in message.GetOptions().Extensions[MESSAGE_RULES].cel:
        yield cel_reason(rule.id)
    for field in message.fields:
        rules = field.GetOptions().Extensions[validate_pb2.field]
        if rules.required:
            yield "FIELD_REQUIRED"
        yield from (cel_reason(rule.id) for rule in rules.cel)
        yield from typed_reasons(rules)
        if field.message_type is not None:
            yield from message_reasons(field.message_type, seen)


def typed_reasons(rules: validate_pb2.FieldRules) -> Iterator[str]:
    kind = rules.WhichOneof("type")
    if kind is None:
        return
    typed = getattr(rules, kind)
    names = {field.name for field, _ in typed.ListFields()}
    if kind in ("repeated", "map"):
        for inner in ("items", "keys", "values"):
            if inner in names:
                names.remove(inner)
                yield from typed_reasons(getattr(typed, inner))
    family = kind if kind in FAMILIES else "number"
    low, high = names & {"gt", "gte"}, names & {"lt", "lte"}
    if family == "number" and low and high:
        names -= low | high
        names.add(f"{low.pop()}_{high.pop()}")
    for name in names:
        yield f"FIELD_{family}_{name}".upper()


def cel_reason(rule: str) -> str:
    return "FIELD_" + "".join(c if c.isalnum() else "_" for c in rule.upper())


def test_every_rule_of_a_request_has_a_sentence_in_both_languages() -> None:
    missing = {
        f"{service}: {reason} in {locale}"
        for service, reason in rule_reasons()
        for locale in LOCALES
        if reason not in load("chassis", locale)[0]
        and (service not in SERVICES or reason not in load(service, locale)[0])
    }
    assert sorted(missing) == []
