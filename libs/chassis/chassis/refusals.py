"""How a refusal crosses the wire: google.rpc.Status in the trailing metadata of a gRPC call.

ErrorInfo           reason, domain "louyu", metadata: the parameters, http_status and request_id
                    (a wrong state carries `state` and `allowed`, comma-separated verbs)
BadRequest          one violation per wrong field: field, reason, description (English) and
                    localized_message (Chinese)
LocalizedMessage    the sentence, once in zh-CN and once in en
RetryInfo           where coming back later makes sense
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from chassis.errors import DomainError, FieldError
from chassis.messages import LOCALES, Messages

DOMAIN = "louyu"
TRAILER = "grpc-status-details-bin"
_FIELD_LIMIT = 20
_TEXT_LIMIT = 200
_CODES = {code.name: code for code in grpc.StatusCode}


class Failure(DomainError):
    """Something broke on our side; the caller learns the request id and nothing else."""

    code, http = "INTERNAL", 500


class TooLate(DomainError):
    """The caller's deadline passed before the work was done; nothing was kept."""

    code, http = "DEADLINE_EXCEEDED", 504


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as its receiver sees it."""

    code: grpc.StatusCode
    reason: str
    http_status: int
    request_id: str = ""
    params: dict[str, str] = field(default_factory=dict)
    sentences: dict[str, str] = field(default_factory=dict)
    """By locale."""
    fields: tuple[tuple[str, str, dict[str, str]], ...] = ()
    """Path, reason and sentences of each wrong field."""
    retry_after_s: float = 0.0


def encode(error: DomainError, messages: Messages, request_id: str) -> tuple[grpc.StatusCode, str, bytes]:
    """Status code, short text and trailer of a refusal. The trailer stays below gRPC's 8 KiB limit:
    at most 20 fields are named and long parameters are cut."""
    params = {key: str(value)[:_TEXT_LIMIT] for key, value in error.params.items()}
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=params)
    info.metadata["http_status"] = str(error.http)
    info.metadata["request_id"] = request_id
    details: list[Message] = [info]
    if error.fields:
        details.append(_bad_request(error.fields[:_FIELD_LIMIT], messages))
    for locale in LOCALES:
        sentence = messages.say(error.reason, params, locale)
        details.append(error_details_pb2.LocalizedMessage(locale=locale, message=sentence))
    if error.retry_after_s > 0:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(int(error.retry_after_s * 1000))
        details.append(retry)
    code = _CODES[error.code]
    status = status_pb2.Status(code=code.value[0], message=error.reason)
    for detail in details:
        status.details.add().Pack(detail)
    return code, error.reason, status.SerializeToString()


def decode(error: grpc.aio.AioRpcError) -> Refusal:
    """The refusal inside a failed call; one without details becomes a plain 429/500/503/504."""
    code, text = error.code(), error.details() or ""
    trailer = _trailer(error)
    try:
        status = status_pb2.Status.FromString(trailer or b"")
    except DecodeError:
        return _plain(code, text)
    reason, params, sentences, retry = "", {}, {}, 0.0
    fields: list[tuple[str, str, dict[str, str]]] = []
    for detail in status.details:
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo.FromString(detail.value)
            reason, params = info.reason, dict(info.metadata)
        elif detail.Is(error_details_pb2.LocalizedMessage.DESCRIPTOR):
            said = error_details_pb2.LocalizedMessage.FromString(detail.value)
            sentences[said.locale] = said.message
        elif detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            for wrong in error_details_pb2.BadRequest.FromString(detail.value).field_violations:
                words = {"en": wrong.description, "zh-CN": wrong.localized_message.message}
                fields.append((wrong.field, wrong.reason, words))
        elif detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            retry = error_details_pb2.RetryInfo.FromString(detail.value).retry_delay.ToMilliseconds() / 1000
    if not reason:
        return _plain(code, text)
    http_status = int(params.pop("http_status", "500"))
    request_id = params.pop("request_id", "")
    return Refusal(code, reason, http_status, request_id, params, sentences, tuple(fields), retry)


def _bad_request(fields: Sequence[FieldError], messages: Messages) -> error_details_pb2.BadRequest:
    request = error_details_pb2.BadRequest()
    for wrong in fields:
        params = {key: str(value)[:_TEXT_LIMIT] for key, value in wrong.params.items()}
        violation = request.field_violations.add(field=wrong.field[:_TEXT_LIMIT], reason=wrong.reason)
        violation.description = messages.say(wrong.reason, params, "en")[:_TEXT_LIMIT]
        violation.localized_message.locale = "zh-CN"
        violation.localized_message.message = messages.say(wrong.reason, params, "zh-CN")[:_TEXT_LIMIT]
    return request


def _trailer(error: grpc.aio.AioRpcError) -> bytes | None:
    for key, value in error.trailing_metadata() or ():
        if key == TRAILER and isinstance(value, bytes):
            return value
    return None


_PLAIN = {
    grpc.StatusCode.UNAVAILABLE: ("DEPENDENCY_UNAVAILABLE", 503),
    grpc.StatusCode.DEADLINE_EXCEEDED: ("DEADLINE_EXCEEDED", 504),
    grpc.StatusCode.RESOURCE_EXHAUSTED: ("OVERLOADED", 429),
    grpc.StatusCode.UNIMPLEMENTED: ("UNIMPLEMENTED", 501),
    grpc.StatusCode.CANCELLED: ("DEPENDENCY_UNAVAILABLE", 503),
}


def _plain(code: grpc.StatusCode, text: str) -> Refusal:
    reason, http_status = _PLAIN.get(code, ("INTERNAL", 500))
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and "larger than" in text:
        reason, http_status = "TOO_LARGE", 413
    return Refusal(code, reason, http_status, retry_after_s=1.0 if http_status in (429, 503) else 0.0)
