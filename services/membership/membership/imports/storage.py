"""Where uploaded workbooks lie: the store that the gateway writes uploads to."""

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chassis.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

PLACES: Final = ("kept/", "incoming/")
"""The gateway moves an upload from the second to the first when a record claims it."""


class Storage:
    """Reads uploads. `location` is a folder or an object store's URL (LOUYU_FILES)."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._store: ObjectStore | None = None

    def _opened(self) -> "ObjectStore":
        if not self._location:
            raise Unavailable("FILES_UNAVAILABLE", retry_after_s=60)
        if self._store is None:
            # Loaded with the first import: most processes of a district never read one.
            from obstore.store import LocalStore, from_url

            if "://" in self._location:
                self._store = from_url(self._location)
            else:
                self._store = LocalStore(prefix=self._location)
        return self._store

    async def read(self, key: str, limit: int) -> bytes:
        """The whole file. Raises FILE_GONE when it is not there any more, WORKBOOK_TOO_LARGE above
        `limit` bytes, and FILES_UNAVAILABLE where the store is away."""
        store = self._opened()
        for place in PLACES:
            try:
                found = await store.get_async(place + key)
                if found.meta["size"] > limit:
                    params = {"limit": str(limit // 1024 // 1024)}
                    raise Invalid("WORKBOOK_TOO_LARGE", params=params)
                return bytes(await found.bytes_async())
            except FileNotFoundError:
                continue
            except OSError as error:
                raise Unavailable("FILES_UNAVAILABLE", retry_after_s=5) from error
        raise Invalid("FILE_GONE")

    async def remove(self, key: str) -> None:
        """Remove a file for good; nothing happens when it is gone already."""
        store = self._opened()
        for place in PLACES:
            with suppress(FileNotFoundError):
                await store.delete_async(place + key)
