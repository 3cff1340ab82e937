"""HTTP as ASGI gives it: the request's headers read once, its body read with a limit, one answer sent."""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote_to_bytes
from uuid import UUID

from chassis.errors import DomainError, FieldError, Invalid, TooLarge
from chassis.ids import new_id
from chassis.messages import locale_of

ASGIScope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[ASGIScope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

VISIT = "louyu.visit"
"""Where the request's Visit stands in the ASGI scope."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ETAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]{0,60})"|([\w.-]{1,60})', re.ASCII)
_QUOTED_LIMIT = 1500
_REASON_LIMIT = 300
_BODY_S = 30.0


class UnsupportedMedia(DomainError):
    """A body in a form that is not understood here."""

    code, http = "INVALID_ARGUMENT", 415


class NoSuchMethod(DomainError):
    """The address exists, the method does not."""

    code, http = "UNIMPLEMENTED", 405


class TooSlow(DomainError):
    """A body that does not arrive."""

    code, http = "DEADLINE_EXCEEDED", 408


class Gone(Exception):
    """The client closed the connection while it was still sending."""


class Visit:
    """One HTTP request: what its headers say, and from where it came."""

    __slots__ = ("address", "headers", "https", "locale", "request_id")

    def __init__(self, scope: ASGIScope, trusted_proxies: int = 0, https: bool = False) -> None:
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.request_id = _request_id(self.headers.get(b"x-request-id"))
        self.locale = locale_of(self.text(b"accept-language"))
        self.address: str = (scope.get("client") or ("", 0))[0]
        self.https = https or scope.get("scheme") == "https"
        if trusted_proxies:
            self._behind(trusted_proxies)

    def _behind(self, proxies: int) -> None:
        """Each trusted proxy appends one entry; what stands further left was written by the client."""
        hops = [part.strip() for part in self.text(b"x-forwarded-for").split(",") if part.strip()]
        if len(hops) >= proxies:
            self.address = hops[-proxies]
        schemes = [part.strip() for part in self.text(b"x-forwarded-proto").split(",") if part.strip()]
        if schemes:
            self.https = self.https or schemes[-1] == "https"

    def text(self, name: bytes) -> str:
        """A header's value; empty where it was not sent."""
        value = self.headers.get(name)
        return value.decode("latin-1") if value is not None else ""

    def idempotency_key(self) -> str:
        """The Idempotency-Key; Invalid where it cannot be one."""
        key = self.text(b"idempotency-key")
        if key and _KEY.fullmatch(key) is None:
            raise Invalid("IDEMPOTENCY_KEY_INVALID", params={"limit": "200"})
        return key

    def etag(self, header: bytes) -> str:
        """The version in If-Match or If-None-Match; `*` names none."""
        value = self.text(header).strip()
        if not value or value == "*":
            return ""
        found = _ETAG.fullmatch(value)
        if found is None:
            raise Invalid("HEADER_INVALID", params={"header": header.decode()})
        return found[1] or found[2] or ""

    def quoted(self, header: bytes) -> str:
        """A percent-encoded text, still encoded, once it is known to be one."""
        value = self.text(header)
        if not value:
            return ""
        name = header.decode()
        try:
            words = unquote_to_bytes(value).decode()
        except UnicodeDecodeError:
            raise Invalid("HEADER_INVALID", params={"header": name}) from None
        if len(value) > _QUOTED_LIMIT or len(words) > _REASON_LIMIT:
            too_long = FieldError(name, "FIELD_STRING_MAX_LEN", {"limit": str(_REASON_LIMIT)})
            raise Invalid("INVALID_REQUEST", fields=[too_long])
        if not value.isascii() or not words.isprintable():
            raise Invalid("HEADER_INVALID", params={"header": name})
        return value


def _request_id(value: bytes | None) -> str:
    if value is not None and len(value) == 36:
        try:
            return str(UUID(value.decode("ascii")))
        except ValueError:
            pass  # an id in another form is not ours to pass on; a fresh one replaces it
    return new_id()


async def read_body(visit: Visit, receive: Receive, limit: int) -> bytes:
    """The body; TooLarge before more than `limit` bytes of it are in memory, TooSlow where it does not
    arrive in half a minute."""
    length = visit.text(b"content-length")
    if length and (not length.isdigit() or int(length) > limit):
        raise TooLarge("BODY_TOO_LARGE", params={"limit": str(limit // 1024)})
    try:
        async with asyncio.timeout(_BODY_S):
            return await _whole(receive, limit)
    except TimeoutError:
        raise TooSlow("BODY_TOO_SLOW") from None


async def _whole(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge("BODY_TOO_LARGE", params={"limit": str(limit // 1024)})
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


async def answer(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    """Send one whole answer."""
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
