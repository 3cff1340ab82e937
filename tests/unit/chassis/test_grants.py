"""The grants cache: what it remembers, what it forgets, and when it stops believing itself."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import pytest

from chassis import grants as module
from chassis.context import Scope
from chassis.errors import Unauthenticated, Unavailable
from chassis.grants import UNKNOWN, Changes, Effective, Grants, Held
from chassis.identity import effective
from louyu.identity.v1 import grants_pb2

HELD = Effective(active=True, tenants={"t": Held({"requests.read": (Scope("B"),)})})


class Identity:
    """Answers loads and the feed, slowly or wrongly if told so."""

    def __init__(self) -> None:
        self.answer = HELD
        self.loads = 0
        self.asked: list[int] = []
        self.feed_answers: list[Changes] = []
        self.end = 0
        self.away = False
        self.gate: asyncio.Event | None = None

    async def load(self, account_id: str) -> Effective:
        self.loads += 1
        if self.away:
            raise OSError("away")
        answer = self.answer
        if self.gate is not None:
            await self.gate.wait()
        return answer

    async def feed(self, after: int) -> Changes:
        self.asked.append(after)
        if self.away:
            raise OSError("away")
        if after == UNKNOWN:
            return Changes(self.end)
        return self.feed_answers.pop(0) if self.feed_answers else Changes(max(after, self.end))


async def ready(identity: Identity) -> Grants:
    cache = Grants(identity.load, identity.feed)
    await cache.poll_once()
    return cache


async def test_grants_are_loaded_once_and_again_after_a_change() -> None:
    identity = Identity()
    cache = await ready(identity)
    for _ in range(3):
        assert (await cache.of("a", "s")).tenants["t"].permissions["requests.read"] == (Scope("B"),)
    assert identity.loads == 1
    identity.answer = Effective(active=True)
    identity.feed_answers = [Changes(1, accounts=["a"])]
    await cache.poll_once()
    assert (await cache.of("a", "s")).tenants == {}
    assert identity.loads == 2


async def test_concurrent_callers_share_one_load() -> None:
    identity = Identity()
    identity.gate = asyncio.Event()
    cache = await ready(identity)
    callers = [asyncio.create_task(cache.of("a", f"s{n}")) for n in range(50)]
    await asyncio.sleep(0)
    identity.gate.set()
    await asyncio.gather(*callers)
    assert identity.loads == 1


async def test_an_answer_from_before_a_change_is_not_kept() -> None:
    identity = Identity()
    identity.gate = asyncio.Event()
    cache = await ready(identity)
    early = asyncio.create_task(cache.of("a", "s"))
    await asyncio.sleep(0)
    identity.answer = Effective(active=True)
    cache.apply(Changes(1, accounts=["a"]))
    identity.gate.set()
    await early
    assert (await cache.of("a", "s")).tenants == {}


async def test_a_caller_who_gives_up_does_not_spoil_the_load() -> None:
    identity = Identity()
    identity.gate = asyncio.Event()
    cache = await ready(identity)
    impatient = asyncio.create_task(cache.of("a", "s"))
    patient = asyncio.create_task(cache.of("a", "s"))
    await asyncio.sleep(0)
    impatient.cancel()
    identity.gate.set()
    assert (await patient) is HELD


async def test_it_fails_closed_when_the_feed_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=lambda: 100.0, time=time.time)
    monkeypatch.setattr(module, "time", clock)
    identity = Identity()
    cache = await ready(identity)
    await cache.of("a", "s")
    identity.away = True
    clock.monotonic = lambda: 100.0 + module.TRUST_S
    assert (await cache.of("a", "s")) is HELD
    clock.monotonic = lambda: 100.1 + module.TRUST_S
    with pytest.raises(Unavailable) as refused:
        await cache.of("a", "s")
    assert refused.value.retry_after_s > 0
    identity.away = False
    await cache.poll_once()
    assert (await cache.of("a", "s")) is HELD


async def test_nothing_is_believed_before_the_first_answer() -> None:
    identity = Identity()
    with pytest.raises(Unavailable):
        await Grants(identity.load, identity.feed).of("a", "s")


async def test_an_account_that_cannot_be_loaded_is_unavailable_not_refused() -> None:
    identity = Identity()
    cache = await ready(identity)
    identity.away = True
    with pytest.raises(Unavailable):
        await cache.of("a", "s")
    identity.away = False
    assert (await cache.of("a", "s")) is HELD


async def test_ended_sessions_and_locked_accounts_are_refused() -> None:
    identity = Identity()
    cache = await ready(identity)
    cache.apply(Changes(1, sessions=["s"]))
    with pytest.raises(Unauthenticated) as ended:
        await cache.of("a", "s")
    assert ended.value.reason == "SESSION_ENDED"
    await cache.of("a", "other")
    identity.answer = Effective(active=False)
    cache.apply(Changes(2, accounts=["a"]))
    with pytest.raises(Unauthenticated) as locked:
        await cache.of("a", "other")
    assert locked.value.reason == "ACCOUNT_NOT_ACTIVE"
    assert not await cache.holds("a", "t", "requests.read")


async def test_a_changed_tenant_makes_everything_be_read_again() -> None:
    identity = Identity()
    cache = await ready(identity)
    await cache.of("a", "s")
    await cache.of("b", "s")
    cache.apply(Changes(1, everything=True))
    await cache.of("a", "s")
    assert identity.loads == 3


async def test_a_new_process_reads_back_and_pages_to_the_end() -> None:
    identity = Identity()
    identity.end = 50_000
    identity.feed_answers = [Changes(31_000, sessions=["gone"]), Changes(50_000)]
    cache = await ready(identity)
    assert identity.asked == [UNKNOWN, 30_000, 31_000, 50_000]
    with pytest.raises(Unauthenticated):
        await cache.of("a", "gone")


async def test_grants_that_begin_or_end_by_themselves() -> None:
    now = time.time()
    reply = grants_pb2.ListEffectiveGrantsResponse(account="a", active=True)
    for permission, start, end in (
        ("held", None, None),
        ("ends", None, now + 10),
        ("ended", None, now - 10),
        ("begins", now + 5, None),
    ):
        grant = reply.grants.add(tenant="t", permission=permission, letter="F", scope_id="3F")
        if start is not None:
            grant.start_time.FromMilliseconds(int(start * 1000))
        if end is not None:
            grant.end_time.FromMilliseconds(int(end * 1000))
    reply.tenants.add(tenant="t", kind="building", suspended=True)
    found = effective(reply, now)
    assert set(found.tenants["t"].permissions) == {"held", "ends"}
    assert found.tenants["t"].permissions["held"] == (Scope("F", "3F"),)
    assert (found.tenants["t"].tenant_class, found.tenants["t"].suspended) == ("building", True)
    assert found.until == pytest.approx(now + 5, abs=0.01)
    later = effective(reply, now + 6)
    assert set(later.tenants["t"].permissions) == {"held", "ends", "begins"}

    identity = Identity()
    identity.answer = Effective(active=True, until=now - 1)
    cache = await ready(identity)
    await cache.of("a", "s")
    await cache.of("a", "s")
    assert identity.loads == 2


def test_a_spanning_letter_reaches_down_from_where_it_is_held() -> None:
    top, below, beside = "top", "below", "beside"
    found = Effective(
        active=True,
        tenants={
            top: Held({"cases.read": (Scope("S", top),), "tenants.read": (Scope("B"),)}),
            below: Held({"cases.read": (Scope("S", top),)}),
            beside: Held({"cases.read": (Scope("S", "another"), Scope("B"))}),
        },
    )
    assert set(found.span("cases.read", top)) == {top, below}
    assert found.span("cases.read", "another") == (beside,)
    assert found.span("tenants.read", top) == (), "a letter of the tenant itself does not reach below it"
    assert found.span("cases.file", top) == ()
    assert found.anywhere("cases.read") == (Scope("S", top), Scope("S", "another"), Scope("B"))
