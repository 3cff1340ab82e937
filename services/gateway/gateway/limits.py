"""How much anyone may ask for: token buckets, quotas and calls under way. All in memory: what is lost
with a restart is at most one burst."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from chassis.errors import Exhausted, Unavailable

_KEYS = 50_000
"""How many buckets one limit remembers; the ones longest unused are forgotten first, full as they are."""


class Rate:
    """A bucket per key that refills at `rate` a second up to `burst`."""

    def __init__(
        self, reason: str, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.reason = reason
        self._rate = rate
        self._burst = max(burst, 1.0)
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str, rate: float | None = None) -> None:
        """Take one token; Exhausted, with the time until the next one, where there is none."""
        rate = self._rate if rate is None else rate
        if rate <= 0:
            return
        burst = self._burst if rate == self._rate else rate * 2
        now = self._clock()
        level, at = self._buckets.pop(key, (burst, now))
        level = min(burst, level + (now - at) * rate)
        if level < 1:
            self._buckets[key] = (level, now)
            raise Exhausted(self.reason, retry_after_s=(1 - level) / rate)
        # Taking the entry out and putting it back keeps the dictionary ordered by use.
        self._buckets[key] = (level - 1, now)
        if len(self._buckets) > _KEYS:
            del self._buckets[next(iter(self._buckets))]


class Quota:
    """An amount per key and day (UTC)."""

    def __init__(self, reason: str, limit: int, clock: Callable[[], float] = time.time) -> None:
        self._reason = reason
        self._limit = limit
        self._clock = clock
        self._day = -1
        self._used: dict[str, int] = {}

    def take(self, key: str, amount: int) -> None:
        """Use some of today's amount; Exhausted, until midnight, where not enough is left."""
        now = self._clock()
        if int(now // 86400) != self._day:
            self._day, self._used = int(now // 86400), {}
        used = self._used.get(key, 0) + amount
        if self._limit and used > self._limit:
            raise Exhausted(self._reason, retry_after_s=86400 - now % 86400)
        self._used[key] = used


@dataclass(slots=True)
class InFlight:
    """Calls under way to one service. Beyond the limit a call is refused in microseconds, while the
    ones that were let in keep their speed."""

    limit: int
    tenant_limit: int
    total: int = 0
    tenants: dict[str, int] = field(default_factory=dict)

    def check(self) -> None:
        """Unavailable where there are too many."""
        if self.total >= self.limit:
            raise Unavailable("OVERLOADED", retry_after_s=1.0)

    def enter(self, tenant_id: str) -> None:
        """Count one call in; Unavailable where there are too many, in all or of its tenant."""
        self.check()
        if tenant_id:
            under_way = self.tenants.get(tenant_id, 0)
            if under_way >= self.tenant_limit:
                raise Unavailable("TENANT_OVERLOADED", retry_after_s=1.0)
            self.tenants[tenant_id] = under_way + 1
        self.total += 1

    def leave(self, tenant_id: str) -> None:
        """Count it out."""
        self.total -= 1
        if tenant_id:
            left = self.tenants[tenant_id] - 1
            if left:
                self.tenants[tenant_id] = left
            else:
                del self.tenants[tenant_id]


class Failures:
    """Failed attempts per key within a window; a success clears the key. Attempts under way count as if
    they failed: many at once get no further than one after the other."""

    def __init__(
        self, reason: str, limit: int, window_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._reason = reason
        self._limit = limit
        self._window_s = window_s
        self._clock = clock
        self._failed: dict[str, tuple[int, float]] = {}
        self._under_way: dict[str, int] = {}

    def check(self, key: str) -> None:
        """Exhausted, until the window ends, where the key has failed too often, and for a moment where it
        could do so with the attempts under way."""
        count, ends = self._failed.get(key, (0, 0.0))
        left = ends - self._clock()
        failed = count if left > 0 else 0
        if failed >= self._limit:
            raise Exhausted(self._reason, retry_after_s=left)
        if failed + self._under_way.get(key, 0) >= self._limit:
            raise Exhausted(self._reason, retry_after_s=1.0)

    def enter(self, key: str) -> None:
        """An attempt begins."""
        self._under_way[key] = self._under_way.get(key, 0) + 1

    def leave(self, key: str) -> None:
        """It is over, however it ended."""
        left = self._under_way[key] - 1
        if left:
            self._under_way[key] = left
        else:
            del self._under_way[key]

    def add(self, key: str) -> None:
        """Count one failure. The window begins with the first."""
        now = self._clock()
        count, ends = self._failed.pop(key, (0, 0.0))
        self._failed[key] = (count + 1, ends) if ends > now else (1, now + self._window_s)
        if len(self._failed) > _KEYS:
            del self._failed[next(iter(self._failed))]

    def clear(self, key: str) -> None:
        """Forget the key's failures."""
        self._failed.pop(key, None)
