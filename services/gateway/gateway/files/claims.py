"""Notices that a request carries the reference of an uploaded file, before the request is passed on."""

import re

from chassis.errors import Invalid, NotFound
from chassis.files import FileReferences
from gateway.files.storage import Storage

_LIMIT = 20


class Claims:
    """Keeps files whose references are on their way to a service."""

    def __init__(self, references: FileReferences, storage: Storage, sample: str) -> None:
        """`sample` is any reference this process has signed: all of them begin with the same header."""
        self._references = references
        self._storage = storage
        self._header = sample.partition(".")[0].encode() + b"."
        self._pattern = re.compile(re.escape(self._header) + rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

    def seen(self, body: bytes) -> bool:
        """True where the body has a reference in it; a search of a few kilobytes costs under 1 µs."""
        return self._header in body

    async def keep(self, body: bytes, *, tenant_id: str, account_id: str) -> None:
        """Keep every file the body refers to that is the caller's to give. The others are left to the
        service, which refuses them with the field's name."""
        for reference in list(dict.fromkeys(self._pattern.findall(body)))[:_LIMIT]:
            try:
                file = self._references.claim(reference.decode(), tenant_id=tenant_id, account_id=account_id)
            except Invalid:
                continue
            try:
                await self._storage.keep(file.key)
            except NotFound:
                raise Invalid("FILE_REFERENCE_INVALID") from None
