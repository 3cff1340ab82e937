"""Requests against the rules written in their proto (buf.validate)."""

import re

from google.protobuf.message import Message
from protovalidate import CompilationError, EvaluationError, Validator, Violation

from chassis.errors import FieldError, Invalid

_VALIDATOR = Validator()
_NUMERIC = re.compile(r"^(?:s?fixed(?:32|64)|[su]?int(?:32|64)|float|double)\.")
_FIGURE = re.compile(r"-?\d+(?:\.\d+)?")


def check(message: Message) -> None:
    """Nothing, for a message that keeps its rules (3 µs); Invalid with one FieldError per broken rule."""
    try:
        violations = _VALIDATOR.collect_violations(message)
    except (CompilationError, EvaluationError) as error:
        raise RuntimeError(f"the rules of {message.DESCRIPTOR.full_name} cannot be evaluated") from error
    if violations:
        raise Invalid("INVALID_REQUEST", fields=[_field_error(violation) for violation in violations])


def _field_error(violation: Violation) -> FieldError:
    """`string.max_len` becomes reason FIELD_STRING_MAX_LEN with its limit as parameter; the numeric types
    share FIELD_NUMBER_…; a rule of our own (CEL) keeps its id: FIELD_<ID>."""
    rule = _NUMERIC.sub("number.", violation.proto.rule_id)
    reason = "FIELD_" + re.sub(r"[^A-Z0-9]+", "_", rule.upper()) if rule else "FIELD_INVALID"
    limit = "–".join(_FIGURE.findall(violation.proto.message))
    return FieldError(_path(violation), reason, {"limit": limit, "rule": violation.proto.message})


def _path(violation: Violation) -> str:
    path = ""
    for element in violation.proto.field.elements if violation.proto.field else ():
        path += f".{element.field_name}" if path else element.field_name
        subscript = element.subscript
        if subscript is not None:
            path += f"[{subscript.value}]"
    return path
