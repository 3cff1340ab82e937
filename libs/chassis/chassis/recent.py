"""What was read a moment ago, for answers that many ask for and few change."""

import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_MOST: Final = 10_000


class Recent(Generic[K, V]):
    """Answers that are believed for `seconds`. Keys name the tenant wherever the answer belongs to one."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: dict[K, tuple[float, V]] = {}

    async def get(self, key: K, load: Callable[[], Awaitable[V]]) -> V:
        """The kept answer, or what `load` says; an error is not kept."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        found = await load()
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[key] = (time.monotonic() + self._seconds, found)
        return found

    def forget(self, key: K) -> None:
        """Ask anew next time."""
        self._kept.pop(key, None)
