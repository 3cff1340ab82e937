"""Where files lie: a folder, or anything else obstore can speak to.

A file arrives under `incoming/`. When a request that carries its reference is about to be passed to a
service, it moves to `kept/`; what stays in `incoming/` for longer than a reference lives belongs to no
record and is removed. Moving first means that a crash can leave a file too many, never one too few.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from chassis.errors import NotFound, Unavailable
from chassis.ids import new_id

_KEY = re.compile(r"[0-9a-f-]{36}/\d{4}-\d\d-\d\d/[0-9a-f-]{36}")
_INCOMING, _KEPT = "incoming/", "kept/"
_PAGE = 500
_log = structlog.get_logger(__name__)


class Storage:
    """The store of one deployment."""

    def __init__(self, where: str) -> None:
        self._store = _open(where)

    async def put(self, tenant_id: str, file: IO[bytes]) -> str:
        """Store a file; returns its key."""
        key = f"{tenant_id}/{datetime.now(UTC).date().isoformat()}/{new_id()}"
        file.seek(0)
        try:
            await self._ready.put_async(_INCOMING + key, file)
        except (BaseError, OSError) as error:
            raise _away(error) from error
        return key

    async def keep(self, key: str) -> None:
        """The file is about to belong to a record. NotFound where it is in neither place."""
        if not _KEY.fullmatch(key):
            raise NotFound("FILE_NOT_FOUND")
        try:
            await self._ready.rename_async(_INCOMING + key, _KEPT + key)
        except FileNotFoundError:
            await self._head(_KEPT + key)
        except (BaseError, OSError) as error:
            raise _away(error) from error

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """The file's content in pieces; NotFound where it is gone."""
        if not _KEY.fullmatch(key):
            raise NotFound("FILE_NOT_FOUND")
        for place in (_KEPT, _INCOMING, _KEPT):  # it may move between the first look and the second
            try:
                found = await self._ready.get_async(place + key)
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                raise _away(error) from error
            return _pieces(found.stream(min_chunk_size=256 * 1024))
        raise NotFound("FILE_NOT_FOUND")

    async def remove(self, key: str) -> bool:
        """Remove a file; False where it is gone already."""
        if not _KEY.fullmatch(key):
            return False
        removed = False
        for place in (_INCOMING, _KEPT):  # in the order in which it may move at this moment
            try:
                await self._ready.head_async(place + key)
                await self._ready.delete_async(place + key)
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                raise _away(error) from error
            removed = True
        return removed

    async def remove_unclaimed(self, older: timedelta) -> int:
        """Remove what has waited longer than `older`; returns how many files."""
        before = datetime.now(UTC) - older
        removed = 0
        async for page in self._ready.list_async(prefix=_INCOMING, chunk_size=_PAGE):
            for each in page:
                if each["last_modified"] < before:
                    with suppress(FileNotFoundError):  # claimed at this moment
                        await self._ready.delete_async(each["path"])
                        removed += 1
        return removed

    async def _head(self, path: str) -> None:
        try:
            await self._ready.head_async(path)
        except FileNotFoundError:
            raise NotFound("FILE_NOT_FOUND") from None
        except (BaseError, OSError) as error:
            raise _away(error) from error

    @property
    def _ready(self) -> ObjectStore:
        if self._store is None:
            raise Unavailable("FILES_UNAVAILABLE")
        return self._store


async def sweep(storage: Storage, older: timedelta, stop: asyncio.Event, every_s: float = 3600.0) -> None:
    """Remove unclaimed files every hour until told to stop."""
    while not stop.is_set():
        try:
            removed = await storage.remove_unclaimed(older)
            if removed:
                _log.info("unclaimed_files_removed", files=removed)
        except (Unavailable, BaseError, OSError) as error:
            _log.warning("sweep_failed", error=type(error).__name__)
        with suppress(TimeoutError):
            async with asyncio.timeout(every_s):
                await stop.wait()


def _open(where: str) -> ObjectStore | None:
    if not where:
        return None
    if "://" in where:
        return from_url(where)
    folder = Path(where)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalStore(prefix=folder)


def _away(error: Exception) -> Unavailable:
    _log.error("file_store_failed", exc_info=error)
    return Unavailable("FILES_UNAVAILABLE", retry_after_s=5.0)


async def _pieces(stream: AsyncIterator[object]) -> AsyncIterator[bytes]:
    async for piece in stream:
        yield bytes(piece)  # type: ignore[call-overload]  # obstore's buffers speak the buffer protocol
