"""JSON bodies of the few hand-written routes: read with the same limits and refused in the same words."""

from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException

from chassis.errors import FieldError, Invalid, NotFound
from gateway.http import VISIT, NoSuchMethod, UnsupportedMedia, Visit, read_body

Model = TypeVar("Model", bound=BaseModel)

LIMIT = 64 * 1024
_REASONS = {
    "missing": "FIELD_MISSING",
    "extra_forbidden": "FIELD_UNKNOWN",
    "string_too_short": "FIELD_STRING_MIN_LEN",
    "string_too_long": "FIELD_STRING_MAX_LEN",
    "string_pattern_mismatch": "FIELD_STRING_PATTERN",
}


async def read_model(request: Request, model: type[Model]) -> Model:
    """The body as `model`; Invalid, naming every wrong field, where it is none."""
    visit: Visit = request.scope[VISIT]
    body = await read_body(visit, request.receive, LIMIT)
    if not visit.text(b"content-type").lower().startswith("application/json"):
        raise UnsupportedMedia("MEDIA_TYPE_NOT_JSON")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        details = error.errors(include_url=False)
        if any(detail["type"] == "json_invalid" for detail in details):
            raise Invalid("MALFORMED_JSON") from None
        raise Invalid("INVALID_REQUEST", fields=[_field_error(detail) for detail in details]) from None


async def refuse_parameters(request: Request, error: Exception) -> Response:
    """FastAPI's own refusal of a parameter, in our words."""
    assert isinstance(error, RequestValidationError)
    fields = [_field_error({**detail, "loc": detail["loc"][1:]}) for detail in error.errors()]
    raise Invalid("INVALID_REQUEST", fields=fields)


async def refuse_request(request: Request, error: Exception) -> Response:
    """FastAPI's own refusal of a method or address, in our words."""
    assert isinstance(error, HTTPException)
    allowed = (error.headers or {}).get("Allow", "")
    if error.status_code == 405:
        raise NoSuchMethod("METHOD_NOT_ALLOWED", params={"methods": allowed})
    raise NotFound("ROUTE_NOT_FOUND")


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI request body of a route that reads `model`."""
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _field_error(detail: ErrorDetails | dict[str, Any]) -> FieldError:
    context = detail.get("ctx", {})
    limit = str(context.get("max_length", context.get("min_length", "")))
    reason = _REASONS.get(detail["type"], "FIELD_WRONG_TYPE")
    path = ".".join(str(part) for part in detail["loc"])[:200]
    return FieldError(path, reason, {"limit": limit, "expected": "string"})
