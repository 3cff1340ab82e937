"""One file out of a multipart body, without holding it in memory.

The body is parsed as it arrives and the file's bytes go to a temporary file at once; the first byte
over the limit, the second file or the ninth part ends it.
"""

import asyncio
import hashlib
import re
import tempfile
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import unquote

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from chassis.errors import Invalid, TooLarge
from gateway.http import Gone, Receive, TooSlow, UnsupportedMedia, Visit

_PARTS_LIMIT = 8
_HEADER_LIMIT = 2048
_FIELD_LIMIT = 4096
_FRAMING = 16 * 1024
_UPLOAD_S = 180.0


@dataclass(slots=True)
class Upload:
    """A file as it was sent."""

    content: IO[bytes]
    name: str = ""
    size: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)


class _Reader:
    """Follows the parser; keeps the part called `file`."""

    def __init__(self, limit: int, upload: Upload) -> None:
        self._limit = limit
        self._upload = upload
        self._header = b""
        self._value = b""
        self._disposition = b""
        self._parts = 0
        self._files = 0
        self._other = 0
        self._in_file = False

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self.begin,
            "on_header_field": self.header_field,
            "on_header_value": self.header_value,
            "on_header_end": self.header_end,
            "on_headers_finished": self.headers_finished,
            "on_part_data": self.data,
        }

    def begin(self) -> None:
        self._parts += 1
        if self._parts > _PARTS_LIMIT:
            raise Invalid("UPLOAD_MALFORMED")
        self._header = self._value = self._disposition = b""
        self._in_file = False

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]
        self._check_header()

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._check_header()

    def _check_header(self) -> None:
        if len(self._header) + len(self._value) > _HEADER_LIMIT:
            raise Invalid("UPLOAD_MALFORMED")

    def header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"filename" not in options and b"filename*" not in options:
            return
        if options.get(b"name") != b"file" or self._files:
            raise Invalid("FILE_REQUIRED")
        self._files = 1
        self._in_file = True
        self._upload.name = _file_name(self._disposition, options.get(b"filename", b""))

    def data(self, data: bytes, start: int, end: int) -> None:
        size = end - start
        if not self._in_file:
            self._other += size
            if self._other > _FIELD_LIMIT:
                raise Invalid("UPLOAD_MALFORMED")
            return
        self._upload.size += size
        if self._upload.size > self._limit:
            raise TooLarge("FILE_TOO_LARGE", params={"limit": str(self._limit // 1024**2)})
        piece = data[start:end]
        self._upload.content.write(piece)
        self._upload.sha256.update(piece)


async def receive_file(visit: Visit, receive: Receive, limit: int) -> Upload:
    """The part called `file` of a multipart body. The caller closes its content."""
    kind, options = parse_options_header(visit.headers.get(b"content-type", b""))
    boundary = options.get(b"boundary", b"")
    if kind.lower() != b"multipart/form-data":
        raise UnsupportedMedia("MEDIA_TYPE_NOT_FORM", params={"expected": "multipart/form-data"})
    length = visit.text(b"content-length")
    if length.isdigit() and int(length) > limit + _FRAMING:
        raise TooLarge("FILE_TOO_LARGE", params={"limit": str(limit // 1024**2)})
    if not 1 <= len(boundary) <= 70:
        raise Invalid("UPLOAD_MALFORMED")
    upload = Upload(tempfile.TemporaryFile())  # noqa: SIM115 - handed to the caller, who closes it
    try:
        async with asyncio.timeout(_UPLOAD_S):
            await _parse(receive, boundary, _Reader(limit, upload), limit + _FRAMING)
        if not upload.name:
            raise Invalid("FILE_REQUIRED")
        if not upload.size:
            raise Invalid("FILE_EMPTY")
    except TimeoutError:
        upload.content.close()
        raise TooSlow("BODY_TOO_SLOW") from None
    except BaseException:
        upload.content.close()
        raise
    return upload


async def _parse(receive: Receive, boundary: bytes, reader: _Reader, limit: int) -> None:
    ended = False

    def end() -> None:
        nonlocal ended
        ended = True

    parser = MultipartParser(boundary, {**reader.callbacks(), "on_end": end})  # type: ignore[arg-type]
    total = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        total += len(body)
        if total > limit:
            raise TooLarge("FILE_TOO_LARGE", params={"limit": str(limit // 1024**2)})
        try:
            parser.write(body)
        except MultipartParseError:
            raise Invalid("UPLOAD_MALFORMED") from None
    if not ended:
        raise Invalid("UPLOAD_MALFORMED")


def _file_name(disposition: bytes, plain: bytes) -> str:
    """The file's name. Browsers write UTF-8 into `filename`; RFC 5987's `filename*` wins where it is."""
    text = disposition.decode("utf-8", "replace")
    extended = re.search(r"filename\*\s*=\s*UTF-8''([^;\s]+)", text, re.IGNORECASE)
    if extended:
        return unquote(extended[1], errors="replace")
    return plain.decode("utf-8", "replace") or "file"
