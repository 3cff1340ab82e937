"""Where uploaded workbooks lie: the store that the gateway writes uploads to."""

from typing import TYPE_CHECKING

from chassis.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore


class Storage:
    """Reads uploads. `location` is a folder or an object store's URL (LOUYU_FILES)."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._store: ObjectStore | None = None

    def _opened(self) -> "ObjectStore":
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
        `limit` bytes, and FILES_UNAVAILABLE where no store is configured."""
        if not self._location:
            raise Unavailable("FILES_UNAVAILABLE", retry_after_s=60)
        import obstore

        try:
            found = await obstore.get_async(self._opened(), key)
        except FileNotFoundError as error:
            raise Invalid("FILE_GONE") from error
        if found.meta["size"] > limit:
            raise Invalid("WORKBOOK_TOO_LARGE", params={"limit": str(limit // 1024 // 1024)})
        return bytes(await found.bytes_async())
