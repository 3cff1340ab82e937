from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chassis.errors import Exhausted, NotFound
from chassis.grants import Changes, Effective
from gateway import live
from gateway.http import VISIT, Visit
from gateway.settings import GatewaySettings
from tests.fixtures.waiting import eventually
from tests.unit.gateway.door import ACCOUNT, LIAISON, OTHER, SUSPENDED, TENANT, Door, opened

OPENED = "louyu.ticket.v1.TicketOpened"
CHANGED = "louyu.dashboard.v1.OverviewChanged"


def message(kind: str = OPENED, tenant: str = TENANT, audience: str = "", aggregate: str = "ticket") -> Any:
    return SimpleNamespace(
        subject=f"louyu.ticket.v1.{tenant}.{aggregate}.ticket_opened",
        headers={
            "ce-type": kind, "ce-id": "e1", "ce-subject": "a1", "louyu-tenant": tenant, "louyu-seq": "3",
            "louyu-audience": audience, "ce-time": "2026-11-21T08:30:00+00:00",
        },
    )  # fmt: skip


class Reader:
    """Reads one live channel piece by piece."""

    def __init__(self, door: Door, account: str = ACCOUNT, **token: Any) -> None:
        self._door = door
        headers = [(b"authorization", door.token(account, **token).encode())]
        scope: dict[str, Any] = {"type": "http", "method": "GET", "headers": headers, "path": "/v1/live"}
        scope[VISIT] = Visit(scope)
        self._request: Any = SimpleNamespace(scope=scope)

    async def open(self, tenant: str = "") -> Reader:
        reply = await self._door.gateway.live.connect(self._request, tenant)
        self._pieces = cast(AsyncGenerator[bytes, None], reply.body_iterator)
        assert (await anext(self._pieces)).startswith(b": connected")
        return self

    async def next(self, seconds: float = 20.0) -> bytes:
        async with asyncio.timeout(seconds):
            piece: bytes = await anext(self._pieces)
        return piece

    async def hint(self) -> dict[str, Any]:
        piece = await self.next()
        found: dict[str, Any] = json.loads(piece.decode().partition("data: ")[2].partition("\n\n")[0])
        return found

    async def silent(self) -> bool:
        try:
            await self.next(0.05)
        except TimeoutError:
            return True
        return False

    async def close(self) -> None:
        await self._pieces.aclose()


async def test_a_hint_names_what_changed_and_nothing_more(door: Door) -> None:
    reader = await Reader(door).open()
    await door.gateway.live.receive(message())
    assert await reader.hint() == {
        "id": "e1", "type": OPENED, "tenant": TENANT, "aggregate": "ticket", "aggregate_id": "a1", "seq": 3,
        "time": "2026-11-21T08:30:00+00:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("account", "only", "event", "told"),
    [
        (ACCOUNT, "", message(), True),
        (ACCOUNT, TENANT, message(), True),
        (ACCOUNT, "", message(tenant=OTHER), False),
        (ACCOUNT, "", message(tenant=SUSPENDED), False),
        (ACCOUNT, "", message(tenant=OTHER, audience=f"x,{ACCOUNT}"), True),
        (LIAISON, "", message(), False),  # holds the permission for one floor only
        (LIAISON, "", message(audience=LIAISON), True),
        (ACCOUNT, "", message(kind="louyu.identity.v1.ConsentRecorded"), False),
        (ACCOUNT, "", message(kind="unknown.Event", audience=ACCOUNT), False),
    ],
)
async def test_who_is_told(door: Door, account: str, only: str, event: Any, told: bool) -> None:
    reader = await Reader(door, account).open(only)
    await door.gateway.live.receive(event)
    if told:
        assert (await reader.hint())["id"] == "e1"
    else:
        assert await reader.silent()


async def test_the_overviews_change_is_told_to_whoever_may_read_it(door: Door) -> None:
    told, other = await Reader(door).open(), await Reader(door, LIAISON).open()
    changed = message(CHANGED, aggregate="overview")
    changed.subject = f"louyu-hints.dashboard.v1.{TENANT}.overview.overview_changed"
    await door.gateway.live.receive(changed)
    hint = await told.hint()
    assert (hint["aggregate"], hint["aggregate_id"], hint["tenant"]) == ("overview", "a1", TENANT)
    assert await other.silent()


async def test_a_foreign_tenant_cannot_be_followed(door: Door) -> None:
    with pytest.raises(NotFound):
        await Reader(door).open(OTHER)


async def test_the_channel_ends_with_the_session(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_CHECK_S", 0.02)
    reader = await Reader(door, session_id="s7").open()
    door.grants.apply(Changes(position=2, sessions=["s7"]))
    assert (await reader.next()).startswith(b"event: end")


async def test_the_channel_ends_with_the_token(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(time=time.time, monotonic=time.monotonic)
    monkeypatch.setattr(live, "_CHECK_S", 0.02)
    monkeypatch.setattr(live, "time", clock)
    reader = await Reader(door, seconds=600).open()
    reading = asyncio.create_task(reader.next())
    _, waiting = await asyncio.wait({reading}, timeout=0.1)
    assert waiting
    clock.time = lambda: time.time() + 600  # no later than the token says
    assert (await reading).startswith(b"event: end")


async def test_a_revoked_grant_ends_its_hints(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_CHECK_S", 0.02)
    reader = await Reader(door).open()
    reading = asyncio.create_task(reader.next())
    (connection,) = door.gateway.live._accounts[ACCOUNT]
    assert connection.wide
    door.held[ACCOUNT] = Effective(True)
    door.grants.apply(Changes(position=2, accounts=[ACCOUNT]))

    async def learned() -> bool:
        return not connection.wide

    await eventually(learned)
    await door.gateway.live.receive(message())
    _, waiting = await asyncio.wait({reading}, timeout=0.1)
    assert waiting
    reading.cancel()


async def test_a_quiet_channel_is_kept_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_CHECK_S", 0.02)
    async with opened(tmp_path, GatewaySettings(keep_alive_s=0.05)) as door:
        reader = await Reader(door).open()
        assert await reader.next() == b": alive\n\n"


async def test_a_slow_reader_is_told_to_start_afresh_and_holds_nobody_up(tmp_path: Path) -> None:
    async with opened(tmp_path, GatewaySettings(live_queue=4)) as door:
        slow, quick = await Reader(door).open(), await Reader(door).open()
        for _ in range(3):
            await door.gateway.live.receive(message())
        assert (await quick.next()).count(b"data: ") == 3
        for _ in range(3):
            await door.gateway.live.receive(message())
        assert (await slow.next()).startswith(b"event: reset")
        assert (await quick.next()).count(b"data: ") == 3


async def test_an_account_has_a_limit_and_closing_frees_a_place(tmp_path: Path) -> None:
    async with opened(tmp_path, GatewaySettings(live_per_account=2)) as door:
        first = await Reader(door).open()
        await Reader(door).open()
        with pytest.raises(Exhausted):
            await Reader(door).open()
        await first.close()
        await Reader(door).open()


async def test_many_channels_and_events_stay_cheap(door: Door) -> None:
    for _ in range(8):
        await Reader(door).open()
    began = time.perf_counter()
    for _ in range(1000):
        await door.gateway.live.receive(message(tenant=OTHER))
    assert time.perf_counter() - began < 20  # a hang would be seen, a slow machine is not


class Bus:
    """Stands for NATS."""

    def __init__(self) -> None:
        self.subjects: list[str] = []
        self.stats = {"reconnects": 0}

    async def subscribe(self, subject: str, **_: Any) -> Any:
        self.subjects.append(subject)

        async def unsubscribe() -> None:
            self.subjects.remove(subject)

        return SimpleNamespace(unsubscribe=unsubscribe)

    async def flush(self, timeout: int) -> None:
        assert self.subjects


async def reached() -> None:
    """NATS answers at once."""


async def listening(door: Door, bus: Any) -> None:
    """Returns when the door has reached the bus."""

    async def known() -> bool:
        return door.gateway.live._bus is bus

    await eventually(known)


async def subscribed(bus: Any, *subjects: str) -> None:
    """Returns when these are listened to, and nothing else."""

    async def as_said() -> bool:
        return bool(bus.subjects == [*subjects])

    await eventually(as_said)


async def test_stopping_ends_every_channel_also_while_nats_is_away(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_CHECK_S", 0.02)
    reader = await Reader(door).open()
    bus: Any = Bus()
    stop = asyncio.Event()
    never = asyncio.Event()

    async def connected() -> None:
        await never.wait()

    following = asyncio.create_task(door.gateway.live.follow(bus, connected(), stop))
    await asyncio.sleep(0.05)
    assert bus.subjects == []
    stop.set()
    await asyncio.wait_for(following, 20)
    assert (await reader.next()).startswith(b"event: end")


async def test_the_bus_is_listened_to_as_long_as_somebody_reads(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_LINGER_S", 0.02)
    bus: Any = Bus()
    following = asyncio.create_task(door.gateway.live.follow(bus, reached(), asyncio.Event()))
    await listening(door, bus)
    await asyncio.sleep(0.05)
    assert bus.subjects == []
    first, second = await Reader(door).open(), await Reader(door).open()
    assert bus.subjects == ["louyu.>", "louyu-hints.>"]
    await first.close()
    await asyncio.sleep(0.1)
    assert bus.subjects == ["louyu.>", "louyu-hints.>"]
    await second.close()
    await subscribed(bus)
    third = await Reader(door).open()
    assert bus.subjects == ["louyu.>", "louyu-hints.>"]
    await third.close()
    following.cancel()


async def test_whoever_waited_through_an_outage_reads_anew(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_CHECK_S", 0.02)
    bus: Any = Bus()
    following = asyncio.create_task(door.gateway.live.follow(bus, reached(), asyncio.Event()))
    await listening(door, bus)
    reader = await Reader(door).open()
    assert await reader.silent()
    reader = await Reader(door).open()
    bus.stats["reconnects"] += 1
    assert (await reader.next()).startswith(b"event: reset")
    assert await (await Reader(door).open()).silent()
    following.cancel()


async def test_a_channel_opened_before_the_bus_was_reached_reads_anew(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_CHECK_S", 0.02)
    bus: Any = Bus()
    reachable = asyncio.Event()

    async def connected() -> None:
        await reachable.wait()

    following = asyncio.create_task(door.gateway.live.follow(bus, connected(), asyncio.Event()))
    reader = await Reader(door).open()
    assert bus.subjects == []
    reachable.set()
    await subscribed(bus, "louyu.>", "louyu-hints.>")
    assert (await reader.next()).startswith(b"event: reset")
    following.cancel()


async def test_a_bus_that_cannot_be_reached_at_all_is_not_hidden(door: Door) -> None:
    async def refused() -> None:
        raise RuntimeError("no")

    bus: Any = Bus()
    with pytest.raises(RuntimeError):
        await door.gateway.live.follow(bus, refused(), asyncio.Event())
