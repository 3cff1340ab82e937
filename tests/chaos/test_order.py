"""Promise 2, and a case of 3: what happened to one thing is applied in the order in which it happened."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import httpx
import nats.errors
from google.protobuf.empty_pb2 import Empty
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis import inbox
from chassis.events import Event, stream_of
from chassis.ids import new_id
from chassis.statements import Record
from deploy.local.stack import Stack
from tests.chaos import streams
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.fixtures.waiting import eventually

FILER, HANDLER = "worker", "clerk"
AGGREGATES = 20
WRITERS = 20
AGAIN = 0.3

# Written down by the database itself, in the transaction that applies: where an aggregate stood before, and
# where it stands then.
WATCH = """
CREATE TABLE chaos_moves (
    no bigserial PRIMARY KEY, consumer text, aggregate_id uuid, before bigint, after bigint
);
GRANT INSERT ON chaos_moves TO {0}_consumer;
GRANT USAGE ON SEQUENCE chaos_moves_no_seq TO {0}_consumer;
CREATE FUNCTION chaos_watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_moves (consumer, aggregate_id, before, after)
    VALUES (NEW.consumer, NEW.aggregate_id, CASE TG_OP WHEN 'UPDATE' THEN OLD.seq ELSE 0 END, NEW.seq);
    RETURN NEW;
END $$;
CREATE TRIGGER chaos_watch AFTER INSERT OR UPDATE ON positions FOR EACH ROW EXECUTE FUNCTION chaos_watch();
"""
UNWATCH = """
DROP TRIGGER chaos_watch ON positions; DROP FUNCTION chaos_watch; DROP TABLE chaos_moves;
"""
MOVES = (
    "SELECT consumer, before, after FROM chaos_moves WHERE aggregate_id = $1 AND consumer = $2 ORDER BY no"
)
NUMBERS = """
SELECT event_id::text AS id, seq FROM outbox WHERE aggregate_id = $1
UNION SELECT event_id::text AS id, seq FROM outbox_archive WHERE aggregate_id = $1
"""


class Meddler:
    """Takes some of what is meant for the consumers. Most is given back, sooner or later: NAKs at random. The
    rest is published once more, so that it comes to stand behind what happened after it."""

    def __init__(self, stack: Stack, known: list[streams.Follower]) -> None:
        self._stack = stack
        self._known = known
        self._stop = asyncio.Event()
        self._dice = random.Random(2)
        self._task: asyncio.Task[None] | None = None
        self.refused = self.again = 0

    async def __aenter__(self) -> Meddler:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        async with streams.jetstream(self._stack) as js:
            await asyncio.gather(*(self._at(js, one) for one in self._known))

    async def _at(self, js: JetStreamContext, one: streams.Follower) -> None:
        subscription = await js.pull_subscribe_bind(durable=one.durable, stream=stream_of(one.source))
        while not self._stop.is_set():
            try:
                taken = await subscription.fetch(self._dice.randint(1, 8), timeout=0.3)
            except (TimeoutError, nats.errors.Error, NotFoundError):
                continue
            for message in taken:
                if self._dice.random() < AGAIN:
                    await publish_again(js, message)
                    self.again += 1
                else:
                    await message.nak(delay=self._dice.random() * 0.5)
                    self.refused += 1
        with contextlib.suppress(nats.errors.Error):
            await subscription.unsubscribe()


async def publish_again(js: JetStreamContext, message: Msg) -> None:
    """Moves a message to the end of its stream, past the deduplication of NATS."""
    headers = {key: value for key, value in (message.headers or {}).items() if key != "Nats-Msg-Id"}
    await js.publish(message.subject, message.data, headers=headers)
    await message.ack()


@asynccontextmanager
async def watched(stack: Stack, services: list[str]) -> AsyncIterator[None]:
    """Every move of every consumer of these services is written down."""
    for service in services:
        async with streams.database(stack, service) as connection:
            await connection.execute(WATCH.format(service))
    try:
        yield
    finally:
        for service in services:
            async with streams.database(stack, service) as connection:
                await connection.execute(UNWATCH)


async def test_order_holds_within_an_aggregate(proof: Proof, crowd: Crowd) -> None:
    """Every move of an aggregate starts where the last one ended, and the messages that its events mean for
    a person were written in the events' order."""
    versions = proof.size(15, 5000)
    proof.of(
        2,
        "order per aggregate",
        load=f"{AGGREGATES} aggregates x {versions} versions",
        faults="random NAKs, redelivered up to 0.5 s later; some published again behind the others",
    )
    tenant = await crowd.tenant(FILER)
    handler = (await crowd.call(HANDLER, "GET", "/v1/me")).json()["account"]["id"]
    known = [one for one in await streams.followers(crowd.stack) if "ticket" in one.aggregates]
    assert known
    tickets: list[str] = []
    for _ in range(AGGREGATES):
        ticket = (await crowd.order(FILER)).raise_for_status().json()
        path = f"/v1/tenants/{tenant}/requests/{ticket['id']}:assign"
        assigned = await crowd.call(
            HANDLER, "POST", path, {"assignee": handler}, if_match=f'"{ticket["etag"]}"'
        )
        assert assigned.is_success, assigned.text
        tickets.append(ticket["id"])

    services = sorted({one.service for one in known})
    async with streams.database(crowd.stack, "ticket") as connection:
        begun = {ticket: await last(connection, ticket) for ticket in tickets}

    async def all_applied() -> bool:
        return not await streams.missing(crowd.stack, known)

    await eventually(all_applied, 120)
    work = [(ticket, number) for number in range(versions) for ticket in tickets]
    started = time.monotonic()
    async with watched(crowd.stack, services):
        async with Meddler(crowd.stack, known) as meddler:
            todo = iter(work)

            async def write() -> None:
                for ticket, number in todo:
                    path = f"/v1/tenants/{tenant}/requests/{ticket}:comment"
                    await said(crowd, path, f"第 {number} 句")

            await asyncio.gather(*(write() for _ in range(WRITERS)))
        await eventually(all_applied, 600)
        moves = 0
        for one in known:
            async with streams.database(crowd.stack, one.service) as connection:
                for ticket in tickets:
                    at = begun[ticket]
                    for row in await connection.fetch(MOVES, ticket, one.name):
                        assert row["before"] == at < row["after"], f"{one.durable}: {row} at {at}"
                        at = row["after"]
                        moves += 1
                    assert at == begun[ticket] + versions, f"{one.durable}: {ticket} ends at {at}"
    told = await in_order(crowd.stack, tickets)
    assert meddler.refused
    assert meddler.again
    assert told
    applied = len(work) * len(known)
    proof.found(
        cases=applied,
        figure=f"0 of {applied} applied early; {meddler.refused} NAKs, {meddler.again} published again, "
        f"{moves} moves, {told} messages in order, {time.monotonic() - started:.0f} s",
    )


async def said(crowd: Crowd, path: str, words: str) -> None:
    """One comment, tried under its key until it is taken."""
    key = new_id()
    while True:
        try:
            reply = await crowd.call(FILER, "POST", path, {"text": words}, idempotency_key=key)
        except httpx.TransportError:
            continue
        assert reply.is_success or reply.status_code == 409, reply.text
        if reply.is_success:
            return


async def last(connection: asyncpg.Connection[asyncpg.Record], aggregate: str) -> int:
    """The number of an aggregate's last event."""
    numbers: list[int] = [row["seq"] for row in await connection.fetch(NUMBERS, aggregate)]
    return max(numbers)


async def in_order(stack: Stack, tickets: list[str]) -> int:
    """How many messages there are about the tickets. Asserts that each person got them as they happened."""
    count = 0
    async with (
        streams.database(stack, "ticket") as producer,
        streams.database(stack, "notification") as reader,
    ):
        accounts = (
            "SELECT account::text, event_id::text FROM inbox_messages WHERE event_id = ANY($1::uuid[]) "
        )
        for ticket in tickets:
            numbers = {row["id"]: row["seq"] for row in await producer.fetch(NUMBERS, ticket)}
            seen: dict[str, int] = {}
            for row in await reader.fetch(accounts + "ORDER BY id", list(numbers)):
                number = numbers[row["event_id"]]
                assert number > seen.get(row["account"], 0), f"{ticket}: {number} told late"
                seen[row["account"]] = number
                count += 1
    return count


async def test_two_deliveries_at_once_are_one_effect(proof: Proof, crowd: Crowd) -> None:
    """Two processes are handed overlapping batches of one aggregate, as after a late acknowledgement. The one
    that comes second waits for the first and is told to apply nothing, not even what is new to it."""
    rounds = proof.size(20, 500)
    proof.of(3, "each effect once: two processes", load=f"{rounds} pairs of overlapping batches")
    dice = random.Random(3)
    name = f"chaos-{new_id()}"
    async with contextlib.AsyncExitStack() as held:
        one, other = [await plain(held, crowd.stack.superuser_url("dashboard")) for _ in range(2)]
        tenant, aggregate, at = new_id(), new_id(), 0
        for _ in range(rounds):
            short = dice.randint(1, 5)
            long = short + dice.randint(1, 5)
            first = one.transaction()
            await first.start()
            assert await inbox.advance(one, name, batch(tenant, aggregate, at, short))
            second = other.transaction()
            await second.start()
            waiting = asyncio.create_task(inbox.advance(other, name, batch(tenant, aggregate, at, long)))
            await asyncio.sleep(0.01)
            assert not waiting.done(), "it waits for the other's transaction"
            await first.commit()
            overlapping = await waiting
            await second.rollback()
            assert overlapping is False, "an overlapping batch was applied a second time"
            at += short
            assert await inbox.advance(one, name, batch(tenant, aggregate, at, long - short))
            at += long - short
        await one.execute("DELETE FROM positions WHERE consumer = $1", name)
    proof.found(cases=rounds, figure=f"0 of {rounds} applied twice")


async def plain(held: contextlib.AsyncExitStack, url: str) -> asyncpg.Connection[Record]:
    """A connection as the services have them."""
    connection = await asyncpg.connect(url, record_class=Record)
    held.push_async_callback(connection.close)
    return connection


def batch(tenant: str, aggregate: str, after: int, count: int) -> list[Event]:
    """So many events of an aggregate, from where it stands."""
    return [
        Event(
            id=new_id(),
            tenant_id=tenant,
            type="louyu.ticket.v1.TicketCommented",
            aggregate="ticket",
            aggregate_id=aggregate,
            seq=after + number,
            occurred_at=datetime.now(UTC),
            correlation_id=aggregate,
            audience=(),
            traceparent="",
            message=Empty(),
        )
        for number in range(1, count + 1)
    ]
