"""Refusals as RFC 9457 problem details, whoever refused: a service, the edge or a hand-written route."""

from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any

import grpc
import orjson

from chassis.errors import DomainError
from chassis.messages import LOCALES, Messages
from chassis.refusals import Refusal

MEDIA_TYPE = b"application/problem+json"
_TAGS = {"zh-CN": "zh", "en": "en"}
_TITLES = {
    413: "Content Too Large",
    408: "Request Timeout",
    422: "Unprocessable Content",
    428: "Precondition Required",
    499: "Client Closed Request",
}

_OAUTH = {"GRANT_TYPE_UNSUPPORTED": "unsupported_grant_type"}

Headers = list[tuple[bytes, bytes]]
Message = MutableMapping[str, Any]


def of_error(error: DomainError, messages: Messages) -> Refusal:
    """A refusal of the gateway's own, with its sentences."""
    fields = tuple(
        (wrong.field, wrong.reason, {at: messages.say(wrong.reason, wrong.params, at) for at in LOCALES})
        for wrong in error.fields[:50]
    )
    return Refusal(
        code=grpc.StatusCode[error.code],
        reason=error.reason,
        http_status=error.http,
        params={key: str(value) for key, value in error.params.items()},
        sentences={at: messages.say(error.reason, error.params, at) for at in LOCALES},
        fields=fields,
        retry_after_s=error.retry_after_s,
    )


def with_sentences(refusal: Refusal, messages: Messages) -> dict[str, str]:
    """The refusal's sentences; the gateway's own where the one who refused had none to send (a process
    that is down says nothing)."""
    if refusal.sentences:
        return refusal.sentences
    return {at: messages.say(refusal.reason, refusal.params, at) for at in LOCALES}


def render(
    refusal: Refusal, messages: Messages, locale: str, request_id: str, *, oauth: bool = False
) -> tuple[int, Headers, bytes]:
    """Status, headers and body of the answer. At the token endpoint the body also has the `error` member
    of RFC 6749."""
    status = refusal.http_status if 400 <= refusal.http_status <= 599 else 500
    sentences = with_sentences(refusal, messages)
    body: dict[str, Any] = {
        "type": f"urn:louyu:refusal:{refusal.reason}",
        "title": _title(status),
        "status": status,
        "detail": sentences.get(locale, ""),
        "reason": refusal.reason,
        "messages": _short(sentences),
        "request_id": request_id,
    }
    if refusal.fields:
        body["fields"] = [
            {"field": field, "reason": reason, "detail": words.get(locale, ""), "messages": _short(words)}
            for field, reason, words in refusal.fields
        ]
    if "allowed" in refusal.params:
        body["state"] = refusal.params.get("state", "")
        body["allowed"] = [verb for verb in refusal.params["allowed"].split(",") if verb]
    if oauth:
        body["error"] = _OAUTH.get(refusal.reason, "invalid_client" if status == 401 else "invalid_request")
    headers: Headers = [(b"content-type", MEDIA_TYPE), (b"cache-control", b"no-store")]
    retry_after_s = refusal.retry_after_s or (1.0 if status in (429, 503) else 0.0)
    if retry_after_s:
        # Whole seconds, rounded up: a client that waits as told is not refused again for coming early.
        headers.append((b"retry-after", b"%d" % max(1, -int(-retry_after_s // 1))))
    if status == 405:
        headers.append((b"allow", refusal.params.get("methods", "").encode()))
    if status == 401:
        error = "" if refusal.reason == "TOKEN_REQUIRED" else ', error="invalid_token"'
        headers.append((b"www-authenticate", f'Bearer realm="louyu"{error}'.encode()))
    return status, headers, orjson.dumps(body)


def _short(sentences: dict[str, str]) -> dict[str, str]:
    return {_TAGS[at]: sentence for at, sentence in sentences.items() if at in _TAGS}


def _title(status: int) -> str:
    if status in _TITLES:
        return _TITLES[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Refused"
