"""Refusals with a stable reason code.

Rules and commands raise these; only the outermost server interceptor turns them into gRPC statuses,
and only the gateway into HTTP. A reason is UPPER_SNAKE, unique within its service, and has a
sentence for a clerk in messages.zh.toml and messages.en.toml.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is wrong, by its path in the request ("contact.phone", "rows[3].floor")."""

    field: str
    reason: str
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)


class DomainError(Exception):
    """A refusal. `code` is the canonical gRPC status name, `http` the status the gateway answers."""

    code: ClassVar[str] = "FAILED_PRECONDITION"
    http: ClassVar[int] = 409

    def __init__(
        self,
        reason: str,
        *,
        fields: Sequence[FieldError] = (),
        params: Mapping[str, str] | None = None,
        retry_after_s: float = 0.0,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fields = tuple(fields)
        self.params = dict(params or {})
        self.retry_after_s = retry_after_s


class Unauthenticated(DomainError):
    """No valid token."""

    code, http = "UNAUTHENTICATED", 401


class Forbidden(DomainError):
    """The caller may see that it exists, and may not do this."""

    code, http = "PERMISSION_DENIED", 403


class NotFound(DomainError):
    """Unknown, another tenant's, or outside the caller's grants: all look the same."""

    code, http = "NOT_FOUND", 404

    def __init__(self, reason: str = "NOT_FOUND", *, params: Mapping[str, str] | None = None) -> None:
        super().__init__(reason, params=params)


class Invalid(DomainError):
    """The request itself is wrong; `fields` says where."""

    code, http = "INVALID_ARGUMENT", 400


class WrongState(DomainError):
    """The thing is in a state that does not allow this verb; `allowed` says which it allows."""

    code, http = "FAILED_PRECONDITION", 409

    def __init__(self, reason: str, *, state: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(reason, params={"state": state, "allowed": ",".join(allowed)})
        self.state = state
        self.allowed = tuple(allowed)


class Conflict(DomainError):
    """Another record already says otherwise (a duplicate, a taken place)."""

    code, http = "ALREADY_EXISTS", 409


class InProgress(DomainError):
    """The same Idempotency-Key is being worked on at this moment."""

    code, http = "ABORTED", 409

    def __init__(self) -> None:
        super().__init__("REQUEST_IN_PROGRESS", retry_after_s=1.0)


class KeyReused(DomainError):
    """An Idempotency-Key came back with another payload."""

    code, http = "INVALID_ARGUMENT", 422

    def __init__(self) -> None:
        super().__init__("IDEMPOTENCY_KEY_REUSED")


class Stale(DomainError):
    """The caller's etag is not the record's any more."""

    code, http = "ABORTED", 412

    def __init__(self) -> None:
        super().__init__("ETAG_MISMATCH")


class EtagRequired(DomainError):
    """The RPC changes a record that others edit too, and came without an etag."""

    code, http = "FAILED_PRECONDITION", 428

    def __init__(self) -> None:
        super().__init__("ETAG_REQUIRED")


class TooLarge(DomainError):
    """More than fits: a file, a page, a list."""

    code, http = "OUT_OF_RANGE", 413


class Exhausted(DomainError):
    """A quota or a rate limit; the caller may come back after `retry_after_s` seconds."""

    code, http = "RESOURCE_EXHAUSTED", 429


class Unavailable(DomainError):
    """Something this needs is away for the moment."""

    code, http = "UNAVAILABLE", 503
