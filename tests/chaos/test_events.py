"""Promises 1, 3, 4 and 5: what events survive. The whole district, with its processes killed under it."""

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections import Counter
from typing import Any

import httpx
import nats
from nats.js import JetStreamContext

from chassis.events import stream_of
from chassis.ids import new_id
from deploy.local.services import WITH_DATABASE
from tests.chaos import streams
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.fixtures.waiting import eventually

FILER = "worker"
FOLLOWING = ("dashboard", "notification")


class Writer:
    """Files requests at a steady rate, trying each again under its key until it is taken."""

    def __init__(self, crowd: Crowd, per_s: float) -> None:
        self._crowd = crowd
        self._pause = 1 / per_s
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._clock: asyncio.Task[None] | None = None
        self.taken: list[str] = []
        self.refused: Counter[str] = Counter()

    async def __aenter__(self) -> Writer:
        await self._crowd.item(FILER)
        self._clock = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        if self._clock is not None:
            await self._clock
        async with asyncio.timeout(120):
            await asyncio.gather(*self._tasks)

    async def until(self, taken: int) -> None:
        """Returns when so many requests were taken."""

        async def enough() -> bool:
            return len(self.taken) >= taken

        await eventually(enough, 300)

    async def _tick(self) -> None:
        while not self._stop.is_set():
            task = asyncio.create_task(self._one())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(self._pause)

    async def _one(self) -> None:
        key = new_id()
        while True:
            try:
                reply = await self._crowd.order(FILER, idempotency_key=key)
            except httpx.HTTPError as error:
                self.refused[type(error).__name__] += 1
            else:
                if reply.is_success:
                    self.taken.append(reply.json()["id"])
                    return
                assert reply.status_code in (401, 409, 429, 500, 502, 503, 504), reply.text
                self.refused[str(reply.status_code)] += 1
            await asyncio.sleep(0.3)


async def settled(crowd: Crowd, known: list[streams.Follower], seconds: float = 120) -> None:
    """Waits until everything committed is applied."""

    async def nothing_missing() -> bool:
        return not await streams.missing(crowd.stack, known)

    try:
        await eventually(nothing_missing, seconds)
    except TimeoutError:
        raise AssertionError((await streams.missing(crowd.stack, known))[:20]) from None


async def wipe(crowd: Crowd) -> None:
    """NATS loses its whole store."""
    bus = crowd.stack["nats"]
    await bus.stop()
    for folder in (crowd.stack.home / "nats").rglob("jetstream"):
        shutil.rmtree(folder)
    await bus.start()


async def test_no_committed_event_is_lost(proof: Proof, crowd: Crowd) -> None:
    seconds, pause = proof.size(24, 600), proof.size(4, 25)
    proof.of(
        1,
        "no committed event is lost",
        load=f"8 requests/s for {seconds} s",
        faults=f"kill -9 of relay, consumers and NATS every {pause} s; JetStream store deleted",
    )
    known = await streams.followers(crowd.stack)
    assert {one.service for one in known} >= set(FOLLOWING)
    dice = random.Random(1)
    victims = ["ticket", "nats", "dashboard", "notification"]
    kills = 0
    async with Writer(crowd, 8) as writer:
        started = time.monotonic()
        wiped = False
        while (passed := time.monotonic() - started) < seconds:
            await asyncio.sleep(pause * (0.5 + dice.random()))
            if not wiped and passed > seconds / 2:
                await wipe(crowd)
                wiped = True
            else:
                crowd.stack[victims[kills % len(victims)]].kill()
                kills += 1
    await settled(crowd, known)
    async with streams.database(crowd.stack, "ticket") as connection:
        kept = await connection.fetchval(
            "SELECT count(*) FROM requests_tickets WHERE id = ANY($1::uuid[])", writer.taken
        )
    assert kept == len(writer.taken) == len(set(writer.taken))
    total = await streams.events(crowd.stack)
    proof.found(
        cases=total, figure=f"0 of {total} events missing at {len(known)} consumers; {kills} kills, 1 wipe"
    )


async def test_each_effect_happens_once(proof: Proof, crowd: Crowd) -> None:
    proof.of(
        3,
        "each effect once",
        load="the whole history",
        faults="replayed 3x: consumers deleted, stream published again under new ids",
    )
    known = await streams.followers(crowd.stack)
    replayed = 0
    async with streams.without_jobs(crowd.stack):
        await settled(crowd, known)
        before = await streams.at_rest(crowd.stack, FOLLOWING)
        count = await streams.events(crowd.stack)
        for _ in range(2):
            async with streams.jetstream(crowd.stack) as js:
                for one in known:
                    await js.delete_consumer(stream_of(one.source), one.durable)
            await caught_up(crowd, known)
        async with streams.jetstream(crowd.stack) as js:
            for source in WITH_DATABASE:
                replayed += await publish_again(js, source)
        await caught_up(crowd, known)
        after = await streams.at_rest(crowd.stack, FOLLOWING)
    changed = [table for table in before if before[table] != after[table]]
    assert changed == []
    assert await streams.missing(crowd.stack, known) == []
    proof.found(cases=count * 2 + replayed, figure=f"{len(before)} tables unchanged")


async def publish_again(js: JetStreamContext, source: str) -> int:
    """Publishes every message of a stream once more, past the deduplication of NATS."""
    stream = stream_of(source)
    try:
        last = (await js.stream_info(stream)).state.last_seq
    except nats.js.errors.NotFoundError:
        return 0
    count = 0
    for seq in range(1, last + 1):
        try:
            message = await js.get_msg(stream, seq)
        except nats.js.errors.NotFoundError:
            continue
        headers = {key: value for key, value in (message.headers or {}).items() if key != "Nats-Msg-Id"}
        assert message.subject is not None
        await js.publish(message.subject, message.data or b"", headers=headers, stream=stream)
        count += 1
    return count


async def caught_up(crowd: Crowd, known: list[streams.Follower]) -> None:
    """Waits until every consumer has been handed all there is and has answered for it."""

    async def nothing_left() -> bool:
        async with streams.jetstream(crowd.stack) as js:
            for one in known:
                try:
                    info = await js.consumer_info(stream_of(one.source), one.durable)
                except nats.js.errors.NotFoundError:
                    return False
                if info.num_pending or info.num_ack_pending:
                    return False
        return True

    await eventually(nothing_left, 120)


async def test_poison_never_blocks_and_never_vanishes(proof: Proof, crowd: Crowd) -> None:
    count = proof.size(30, 300)
    proof.of(
        4,
        "poison never blocks, never vanishes",
        load=f"{count * 3} requests beside it",
        faults=f"{count} malformed events",
    )
    known = await streams.followers(crowd.stack)
    reading = [one for one in known if one.source == "ticket" and "ticket" in one.aggregates]
    assert reading
    tenant = await crowd.tenant(FILER)
    dice = random.Random(4)
    async with Writer(crowd, 30) as writer, streams.jetstream(crowd.stack) as js:
        poison = [await spoil(js, tenant, dice, number) for number in range(count)]
        await writer.until(count * 3)
    await settled(crowd, known)  # the healthy ones went through

    district = await crowd.tenant("operator")
    letters: dict[str, list[dict[str, Any]]] = {}

    async def all_visible() -> bool:
        for one in reading:
            letters[one.service] = await dead_letters(crowd, district, one.service)
        return all(
            {letter["id"] for letter in letters[one.service] if letter["consumer"] == one.name} >= set(poison)
            for one in reading
        )

    await eventually(all_visible, 60)
    one = reading[0]
    path = f"/v1/tenants/{district}/services/{one.service}/dead-letters/{poison[0]}:replay"
    replayed = (await crowd.call("operator", "POST", path, {})).raise_for_status().json()
    assert replayed == {"applied": 0, "remaining": 1}
    assert poison[0] in {letter["id"] for letter in await dead_letters(crowd, district, one.service)}
    proof.found(
        cases=count * len(reading) + len(writer.taken),
        figure=f"all {count * len(reading)} visible; {len(writer.taken)} healthy ones applied",
    )


async def spoil(js: JetStreamContext, tenant: str, dice: random.Random, number: int) -> str:
    """Publishes one event that no consumer can apply; its id."""
    event_id, aggregate_id = new_id(), new_id()
    headers = {
        "Nats-Msg-Id": event_id,
        "ce-specversion": "1.0",
        "ce-id": event_id,
        "ce-type": "louyu.ticket.v1.TicketOpened",
        "ce-source": "/louyu/ticket",
        "ce-time": "2026-01-01T00:00:00+00:00",
        "ce-subject": aggregate_id,
        "louyu-tenant": tenant,
        "louyu-aggregate": "ticket",
        "louyu-seq": "1",
        "louyu-audience": "",
        "louyu-correlation": aggregate_id,
    }
    payload = dice.randbytes(40) + b"\xff"
    match number % 5:
        case 1:
            headers["ce-type"] = "louyu.ticket.v1.NeverHeardOf"
        case 2:
            headers["louyu-seq"] = "first"
        case 3:
            headers["ce-time"] = "the day before yesterday"
        case 4:
            del headers["louyu-tenant"]
    subject = f"louyu.ticket.v1.{tenant}.ticket.ticket_opened"
    await js.publish(subject, payload, headers=headers, stream=stream_of("ticket"))
    return event_id


async def dead_letters(crowd: Crowd, district: str, service: str) -> list[dict[str, Any]]:
    """All pages of a service's dead letters."""
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        path = f"/v1/tenants/{district}/services/{service}/dead-letters?page_size=100&page_token={token}"
        page = (await crowd.call("operator", "GET", path)).raise_for_status().json()
        found += page["dead_letters"]
        token = page["next_page_token"]
        if not token:
            return found


async def test_a_broker_outage_heals_itself(proof: Proof, crowd: Crowd) -> None:
    outages = [proof.size(8, 30), *([600] if proof.full else [])]
    proof.of(
        5,
        "a broker outage heals itself",
        load="10 requests/s",
        faults="NATS stopped for " + " s, ".join(map(str, outages)) + " s",
    )
    known = await streams.followers(crowd.stack)
    pids = crowd.stack.pids()
    taken, resumed = 0, []
    for outage in outages:
        async with Writer(crowd, 10) as writer:
            await asyncio.sleep(1)
            await crowd.stack["nats"].stop()
            await asyncio.sleep(outage)
            during = len(writer.taken)
            assert during, "the district goes on without its bus"
            await crowd.stack["nats"].start()
            back = time.monotonic()
        await settled(crowd, known)
        resumed.append(time.monotonic() - back)
        taken += len(writer.taken)
    assert crowd.stack.pids() == pids, "nothing was restarted"
    proof.found(
        cases=taken, figure=f"{taken} taken; all applied {max(resumed):.1f} s after the return, 0 restarts"
    )
