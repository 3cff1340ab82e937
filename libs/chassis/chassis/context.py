"""Who is calling, in whose name, for what: the context that travels with every piece of work."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Literal

CallerKind = Literal["account", "client", "service", "system", "anonymous"]
Mode = Literal["tenant", "party", "span", "account", "public", "service", "consumer", "job", "privacy"]


@dataclass(frozen=True, slots=True)
class Scope:
    """One reach of a permission: a letter of the permission matrix and what it is bound to.

    `id` is empty where the letter needs none ("B", the whole tenant); otherwise it names the floor,
    the enterprise or the case the letter is limited to.
    """

    letter: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """The person, department client or process behind a call."""

    kind: CallerKind = "anonymous"
    account_id: str = ""
    person_id: str = ""
    session_id: str = ""
    service: str = ""

    @property
    def actor(self) -> str:
        """A stable name for logs, audit rows and idempotency keys."""
        return self.account_id or (f"system:{self.service}" if self.service else "anonymous")


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a transaction needs to know about the work it is part of."""

    request_id: str = ""
    tenant_id: str = ""
    caller: Caller = field(default_factory=Caller)
    permission: str = ""
    scopes: tuple[Scope, ...] = ()
    mode: Mode = "public"
    locale: str = "zh-CN"
    idempotency_key: str = ""
    etag: str = ""
    purpose: str = ""
    reason: str = ""
    traceparent: str = ""
    correlation_id: str = ""
    method: str = ""
    span: tuple[str, ...] = ()

    def has(self, letters: str) -> bool:
        """True when one of the letters is among the scopes of the permission in use."""
        return any(scope.letter in letters for scope in self.scopes)

    def ids(self, letter: str) -> tuple[str, ...]:
        """What the letter is bound to: enterprises for "E", floors for "F"."""
        return tuple(scope.id for scope in self.scopes if scope.letter == letter and scope.id)

    def within(self, tenant_id: str) -> "Context":
        """The same work in another tenant, for consumers and jobs that walk over tenants."""
        return replace(self, tenant_id=tenant_id)


_CURRENT: ContextVar[Context] = ContextVar("louyu_context")


def current() -> Context:
    """The context of the running task; an anonymous one where nothing was bound."""
    return _CURRENT.get(_ANONYMOUS)


@contextmanager
def bind(context: Context) -> Iterator[Context]:
    """Make `context` the current one for the duration of the block."""
    token = _CURRENT.set(context)
    try:
        yield context
    finally:
        _CURRENT.reset(token)


_ANONYMOUS = Context()
