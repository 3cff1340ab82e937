"""What each account may do, cached, and never trusted when it could be out of date.

The truth is identity's. A service loads an account's effective grants when it first meets the
account, and asks identity every second what has changed since: grants, locked accounts, ended
sessions, suspended tenants. Everything that changed is dropped at once. When the last good answer is
older than 4 seconds nothing cached is believed and calls are refused with 503: revocation therefore
takes effect within 5 seconds even if NATS, identity or the network is away.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from chassis.context import Scope
from chassis.errors import Unauthenticated, Unavailable

POLL_S = 1.0
POLL_TIMEOUT_S = 1.5
BEGIN_S = 2.0
TRUST_S = 4.0
SESSION_MEMORY_S = 1800.0
"""How long an ended session is remembered: longer than any access token lives."""
LOOK_BACK = 20_000
SPANNING = "DSTA"
"""Letters of the matrix that reach below the tenant itself."""
UNKNOWN = -1
_CACHE = 20_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """What an account holds in one tenant."""

    permissions: Mapping[str, tuple[Scope, ...]]
    tenant_class: str = ""
    """The kind of tenant, for metrics."""
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Effective:
    """Everything one account holds at this moment."""

    active: bool
    """False for an account that is locked or has left."""
    tenants: Mapping[str, Held] = field(default_factory=dict)
    until: float = float("inf")
    """System time (seconds since 1970) at which a grant begins or ends by itself: load again then."""

    def anywhere(self, permission: str) -> tuple[Scope, ...]:
        """The permission's scopes in whichever tenants it is held."""
        held = (
            tenant.permissions.get(permission, ()) for tenant in self.tenants.values() if not tenant.suspended
        )
        return tuple(dict.fromkeys(scope for scopes in held for scope in scopes))

    def span(self, permission: str, top: str) -> tuple[str, ...]:
        """The tenants that the permission reaches from `top` downwards, `top` among them."""
        return tuple(
            tenant_id
            for tenant_id, held in self.tenants.items()
            if any(
                scope.letter in SPANNING and (scope.id or tenant_id) == top
                for scope in held.permissions.get(permission, ())
            )
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """One answer of the change feed."""

    position: int
    """The answer is complete up to here; ask after it next time."""
    accounts: Sequence[str] = ()
    """Accounts whose grants or state changed."""
    sessions: Sequence[str] = ()
    """Sessions that ended before their tokens did."""
    everything: bool = False
    """A tenant changed: whatever is known about anyone may be out of date."""


Load = Callable[[str], Coroutine[None, None, Effective]]
Feed = Callable[[int], Awaitable[Changes]]


class Grants:
    """The cache of effective grants of one process."""

    def __init__(self, load: Load, feed: Feed) -> None:
        self._load = load
        self._feed = feed
        self._known: dict[str, Effective] = {}
        self._loading: dict[str, asyncio.Task[Effective]] = {}
        self._ended: dict[str, float] = {}
        self._position = UNKNOWN
        self._good = float("-inf")

    @property
    def age_s(self) -> float:
        """Seconds since the last good answer of the feed."""
        return time.monotonic() - self._good

    async def of(self, account_id: str, session_id: str) -> Effective:
        """The caller's grants. Unauthenticated where the session ended or the account is not active,
        Unavailable where this process cannot know."""
        if session_id in self._ended:
            raise Unauthenticated("SESSION_ENDED")
        found = await self._effective(account_id)
        if not found.active:
            raise Unauthenticated("ACCOUNT_NOT_ACTIVE")
        return found

    async def holds(self, account_id: str, tenant_id: str, permission: str) -> bool:
        """Whether some account, not the caller's, could act: it is active and holds the permission."""
        found = await self._effective(account_id)
        held = found.tenants.get(tenant_id)
        return found.active and held is not None and permission in held.permissions

    async def _effective(self, account_id: str) -> Effective:
        if time.monotonic() - self._good > TRUST_S:
            raise Unavailable("GRANTS_UNAVAILABLE", retry_after_s=1.0)
        found = self._known.get(account_id)
        if found is None or found.until <= time.time():
            found = await self._fetch(account_id)
        return found

    async def _fetch(self, account_id: str) -> Effective:
        task = self._loading.get(account_id)
        if task is None:
            task = asyncio.create_task(self._load(account_id), name=f"grants-{account_id}")
            self._loading[account_id] = task
            task.add_done_callback(lambda done: self._keep(account_id, done))
        try:
            return await asyncio.shield(task)
        except (Unauthenticated, Unavailable, asyncio.CancelledError):
            raise
        except Exception as error:
            raise Unavailable("GRANTS_UNAVAILABLE", retry_after_s=1.0) from error

    def _keep(self, account_id: str, task: asyncio.Task[Effective]) -> None:
        # A change that arrived while the load was under way has taken the task out of the table:
        # its answer may be from before the change and is not kept.
        if self._loading.get(account_id) is not task:
            return
        del self._loading[account_id]
        if task.cancelled() or task.exception() is not None:
            return
        if len(self._known) >= _CACHE:
            del self._known[next(iter(self._known))]
        self._known[account_id] = task.result()

    def apply(self, changes: Changes) -> None:
        """Forget what the feed says has changed."""
        if changes.everything:
            self._known.clear()
            self._loading.clear()
        for account_id in changes.accounts:
            self._known.pop(account_id, None)
            self._loading.pop(account_id, None)
        now = time.monotonic()
        for session_id in changes.sessions:
            self._ended[session_id] = now
        if changes.sessions:
            self._ended = {k: at for k, at in self._ended.items() if now - at < SESSION_MEMORY_S}
        self._position = changes.position

    async def poll_once(self) -> None:
        """Ask the feed until it has nothing new. What it says is true as of the moment we asked."""
        if self._position == UNKNOWN:
            # A new process knows no grants that could be out of date, but it must know the sessions that
            # ended while their tokens live on: it reads back far enough to have met them.
            async with asyncio.timeout(POLL_TIMEOUT_S):
                end = await self._feed(UNKNOWN)
            self._position = max(0, end.position - LOOK_BACK)
        while True:
            asked = time.monotonic()
            async with asyncio.timeout(POLL_TIMEOUT_S):
                changes = await self._feed(self._position)
            more = changes.position > self._position
            self.apply(changes)
            if not more:
                self._good = asked
                return

    async def begin(self) -> None:
        """Poll for the first time, before anybody calls: a successor is called as soon as it is found. Where
        nobody answers, as for identity when it is the first of all, the process serves all the same."""
        try:
            async with asyncio.timeout(BEGIN_S):
                await self.poll_once()
        except Exception as error:
            _log.info("starting_without_grants", error=type(error).__name__)

    async def follow(self, stop: asyncio.Event) -> None:
        """Poll every second until told to stop. A failed poll is tried again; the cache ages meanwhile."""
        failed = False
        while not stop.is_set():
            try:
                await self.poll_once()
                failed = False
            except Exception as error:
                if not failed:
                    _log.warning("grants_feed_away", error=type(error).__name__)
                failed = True
            try:
                async with asyncio.timeout(0.25 if failed else POLL_S):
                    await stop.wait()
            except TimeoutError:
                continue
