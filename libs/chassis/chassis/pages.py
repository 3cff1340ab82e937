"""Keyset paging: page tokens, signed and bound to the filter they were made for, and the rows after one."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, Final

import orjson
from google.protobuf.message import Message
from sqlalchemy import ColumnElement, tuple_

from chassis.errors import FieldError, Invalid

DEFAULT_SIZE: Final = 25
MAX_SIZE: Final = 100
_MAC_BYTES: Final = 16


def page_size(asked: int) -> int:
    """The size of a page: 25 unless asked otherwise, never above 100."""
    return min(asked, MAX_SIZE) if asked > 0 else DEFAULT_SIZE


def beyond(columns: Sequence[ColumnElement[Any]], key: Sequence[Any]) -> ColumnElement[bool]:
    """The rows that come after a sort key in the ascending order of some columns. PostgreSQL reads them
    off an index that begins with what the statement fixes and goes on with these columns."""
    return tuple_(*columns) > tuple_(*key, types=[column.type for column in columns])


class PageTokens:
    """Makes and reads page tokens.

    A token holds the sort key of the last row of a page. It is valid only together with the request
    it was made for: any other filter, tenant or caller's text is refused as INVALID_PAGE_TOKEN.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = hashlib.sha256(b"page-token" + secret).digest()

    def encode(self, request: Message, key: Sequence[Any]) -> str:
        """The token of the page that follows the row with this sort key."""
        body = orjson.dumps([str(part) if part is not None else None for part in key])
        return base64.urlsafe_b64encode(self._mac(request, body) + body).decode().rstrip("=")

    def decode(self, request: Message) -> list[Any] | None:
        """The sort key a request's page starts after; None for the first page."""
        token: str = request.page_token  # type: ignore[attr-defined]
        if not token:
            return None
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raw = b""
        body = raw[_MAC_BYTES:]
        if not body or not hmac.compare_digest(raw[:_MAC_BYTES], self._mac(request, body)):
            raise Invalid("INVALID_PAGE_TOKEN", fields=[FieldError("page_token", "INVALID_PAGE_TOKEN")])
        key: list[Any] = orjson.loads(body)
        return key

    def _mac(self, request: Message, body: bytes) -> bytes:
        bound = type(request)()
        bound.CopyFrom(request)
        bound.ClearField("page_token")
        bound.ClearField("page_size")
        name = request.DESCRIPTOR.full_name.encode()
        message = name + b"\0" + bound.SerializeToString(deterministic=True) + b"\0" + body
        return hmac.digest(self._secret, message, "sha256")[:_MAC_BYTES]
