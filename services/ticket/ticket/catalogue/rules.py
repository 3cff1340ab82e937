"""Rules of the catalogue. No I/O, no protobuf, no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs
import orjson

from chassis.errors import FieldError, Invalid
from ticket.affairs import Affairs, Sensitivity, Station

MAX_FORM_BYTES: Final = 16_384
MAX_FORM_FIELDS: Final = 30


@dataclass(frozen=True, slots=True)
class Draft:
    """A service item as somebody wants to publish it."""

    code: str
    name_zh: str
    name_en: str
    summary_zh: str
    summary_en: str
    affairs: Affairs
    station: Station
    desk: str
    form: Mapping[str, Any]
    first_response_hours: int
    resolution_hours: int
    price_note: str
    sensitivity: Sensitivity
    synthetic: bool
    onsite: bool = False
    """Somebody has to come for it."""


def check_times(first_response_hours: int, resolution_hours: int) -> None:
    """The first response cannot be promised later than the result."""
    if first_response_hours > resolution_hours:
        raise Invalid(
            "RESPONSE_AFTER_RESOLUTION",
            fields=[FieldError("first_response_hours", "RESPONSE_AFTER_RESOLUTION")],
        )


def check_form(form: Mapping[str, Any]) -> None:
    """A form is a small JSON Schema of an object, without references to anything outside itself.

    Raises INVALID_FORM with the field `form`.
    """
    if not form:
        return
    body = orjson.dumps(form)
    small = len(body) <= MAX_FORM_BYTES and len(form.get("properties", {})) <= MAX_FORM_FIELDS
    if not small or form.get("type") != "object" or b'"$ref"' in body:
        raise Invalid("INVALID_FORM", fields=[FieldError("form", "INVALID_FORM")])
    try:
        jsonschema_rs.validator_for(dict(form))
    except ValueError as error:
        raise Invalid("INVALID_FORM", fields=[FieldError("form", "INVALID_FORM")]) from error


@lru_cache(maxsize=512)
def _validator(body: bytes) -> Any:
    return jsonschema_rs.validator_for(orjson.loads(body))


def check_filled(form: Mapping[str, Any], filled: Mapping[str, Any]) -> None:
    """What was filled in must satisfy the item's form; each fault names its field under `form`."""
    if not form:
        if filled:
            raise Invalid("FORM_NOT_EXPECTED", fields=[FieldError("form", "FORM_NOT_EXPECTED")])
        return
    faults = [
        FieldError(_path(error), "FORM_FIELD_INVALID")
        for error in _validator(orjson.dumps(form)).iter_errors(dict(filled))
    ]
    if faults:
        raise Invalid("FORM_INVALID", fields=faults)


def _path(error: Any) -> str:
    steps = ["form", *(str(step) for step in error.instance_path)]
    missing = getattr(error.kind, "property", None)
    if isinstance(missing, str):
        steps.append(missing)
    return ".".join(steps)
