"""From the outbox through NATS to a consumer's effect: nothing lost, in order, once, poison aside."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg
import nats
import pytest_asyncio
from google.protobuf.empty_pb2 import Empty
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from chassis import dead_letters, inbox
from chassis.consumer import Consumer, ConsumerRunner
from chassis.context import Caller, Context
from chassis.errors import Unavailable
from chassis.events import Event, stream_of
from chassis.ids import new_id
from chassis.relay import Relay
from chassis.units import UnitOfWork, Units
from louyu.ticket.v1 import visits_pb2
from tests.fixtures.servers import OwnNats
from tests.fixtures.waiting import eventually
from tests.integration.chassis.conftest import TENANT, caller, crowd, telling

Superuser: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest_asyncio.fixture
async def bus(own_nats: OwnNats) -> AsyncIterator[Client]:
    client = await nats.connect(own_nats.url, max_reconnect_attempts=-1, reconnect_time_wait=0.1)
    yield client
    await client.close()


@asynccontextmanager
async def running(*loops: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(loop(stop)) for loop in loops]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


class Seen:
    """A consumer's effect, and what it should fail on."""

    def __init__(self) -> None:
        self.applied: list[tuple[str, int]] = []
        self.poison: set[str] = set()
        self.failing = False

    async def apply(self, unit: UnitOfWork, events: Sequence[Event]) -> None:
        if self.failing:
            raise Unavailable("AWAY")
        for event in events:
            assert unit.tenant_id == event.tenant_id
            if event.id in self.poison:
                raise ValueError("cannot make sense of it")
        self.applied += [(event.aggregate_id, event.seq) for event in events]

    def consumer(self) -> Consumer:
        return Consumer("watching", "ticket", ("ticket",), self.apply)


async def test_events_arrive_in_order_and_once(units: Units, bus: Client, superuser: Superuser) -> None:
    seen, relay = Seen(), Relay(units.database, bus)
    units.wake = relay.wake
    aggregates = [new_id() for _ in range(5)]
    runner = ConsumerRunner(units, bus, seen.consumer())
    async with running(relay.loop, runner.loop):
        await crowd(units, (telling(one) for _ in range(30) for one in aggregates))

        async def all_here() -> bool:
            left = await superuser.fetchval("SELECT count(*) FROM outbox")
            return len(seen.applied) >= 150 and left == 0

        await eventually(all_here)
    assert len(set(seen.applied)) == len(seen.applied) == 150
    for one in aggregates:
        assert [seq for who, seq in seen.applied if who == one] == list(range(1, 31))
    assert await superuser.fetchval("SELECT count(*) FROM outbox") == 0
    assert await superuser.fetchval("SELECT count(*) FROM outbox_archive") == 150


async def test_a_redelivered_stream_has_no_second_effect(units: Units, bus: Client) -> None:
    seen, relay = Seen(), Relay(units.database, bus)
    units.wake = relay.wake
    one = new_id()

    async def count(wanted: int) -> None:
        async def here() -> bool:
            return len(seen.applied) >= wanted

        await eventually(here)

    runner = ConsumerRunner(units, bus, seen.consumer())
    async with running(relay.loop, runner.loop):
        await units.run(caller(), telling(one, 10))
        await count(10)
        # As after the loss of the consumer's state: everything is delivered again.
        await bus.jetstream().delete_consumer(stream_of("ticket"), "ticket-watching")
        await units.run(caller(), telling(one))
        await count(11)
        await asyncio.sleep(0.5)
    assert seen.applied == [(one, seq) for seq in range(1, 12)]


async def test_a_batch_that_was_read_before_its_position_went_is_not_applied(units: Units) -> None:
    """A projection is built anew while a batch is under way: its later events wait for the first."""
    one = new_id()
    events = [
        Event(new_id(), TENANT, "t", "ticket", one, number, units.clock.now(), "", (), "", Empty())
        for number in (1, 2, 3)
    ]

    context = Context(mode="consumer", caller=Caller("system", service="ticket/watching"))

    async def advance(*part: Event) -> bool:
        return await units.run(context, lambda unit: inbox.advance(unit.connection, "watching", part))

    assert await advance(*events[1:]) is False
    assert await advance(events[0]) is True
    assert await advance(*events[1:]) is True


async def test_a_release_that_follows_more_gets_the_whole_history_of_it(units: Units, bus: Client) -> None:
    seen, relay = Seen(), Relay(units.database, bus)
    units.wake = relay.wake
    ticket, plan = new_id(), new_id()

    async def plans(unit: UnitOfWork) -> None:
        unit.emit(visits_pb2.VisitPlanClosed(visit_plan_id=plan), aggregate_id=plan)

    def following(*aggregates: str) -> ConsumerRunner:
        return ConsumerRunner(units, bus, Consumer("watching", "ticket", aggregates, seen.apply))

    async def count(wanted: int) -> None:
        async def here() -> bool:
            return len(seen.applied) >= wanted

        await eventually(here)

    async with running(relay.loop, following("ticket").loop):
        await units.run(caller(), telling(ticket, 2))
        await units.run(caller(), plans)
        await units.run(caller(), telling(ticket))
        await count(3)
    async with running(relay.loop, following("ticket", "visit_plan").loop):
        await units.run(caller(), plans)
        await units.run(caller(), telling(ticket))
        await count(6)
    assert sorted(seq for who, seq in seen.applied if who == ticket) == [1, 2, 3, 4]
    assert [seq for who, seq in seen.applied if who == plan] == [1, 2]


async def test_a_wiped_store_is_refilled_from_the_archive(
    units: Units, bus: Client, own_nats: OwnNats
) -> None:
    seen, relay = Seen(), Relay(units.database, bus)
    one = new_id()
    async with running(relay.loop):
        await units.run(caller(), telling(one, 20))
        relay.wake()

        async def published() -> bool:
            try:
                info = await bus.jetstream().stream_info(stream_of("ticket"))
            except NotFoundError:  # the relay has not made it yet
                return False
            return info.state.messages == 20

        await eventually(published)
    await bus.jetstream().delete_stream(stream_of("ticket"))
    late = Relay(units.database, bus)
    runner = ConsumerRunner(units, bus, seen.consumer())
    async with running(late.loop, runner.loop):

        async def all_here() -> bool:
            return len(seen.applied) >= 20

        await eventually(all_here)
    assert seen.applied == [(one, seq) for seq in range(1, 21)]


async def test_poison_parks_its_aggregate_and_nothing_else(
    units: Units, bus: Client, superuser: Superuser
) -> None:
    seen, relay = Seen(), Relay(units.database, bus)
    units.wake = relay.wake
    sick, healthy = new_id(), new_id()
    await units.run(caller(), telling(sick, 3))
    await units.run(caller(), telling(healthy, 3))
    poison = await superuser.fetchval(
        "SELECT event_id::text FROM outbox WHERE aggregate_id = $1 AND seq = 2", sick
    )
    seen.poison = {poison}
    runner = ConsumerRunner(units, bus, seen.consumer())
    async with running(relay.loop, runner.loop):

        async def settled() -> bool:
            letters = await superuser.fetchval("SELECT count(*) FROM dead_letters")
            return len(seen.applied) >= 4 and letters == 2

        await eventually(settled)
        assert sorted(seen.applied) == sorted([(sick, 1)] + [(healthy, n) for n in (1, 2, 3)])
        rows = await superuser.fetch("SELECT seq, waiting, error FROM dead_letters ORDER BY seq")
        assert [(row["seq"], row["waiting"]) for row in rows] == [(2, False), (3, True)]
        assert rows[0]["error"] == "ValueError: cannot make sense of it"

        assert await dead_letters.replay(units, {"watching": runner}, poison) == (0, 2)
        seen.poison = set()
        assert await dead_letters.replay(units, {"watching": runner}, poison) == (2, 0)
        await units.run(caller(), telling(sick))

        async def goes_on() -> bool:
            return (sick, 4) in seen.applied

        await eventually(goes_on)
    assert [seq for who, seq in seen.applied if who == sick] == [1, 2, 3, 4]
    assert await superuser.fetchval("SELECT count(*) FROM dead_letters") == 0


async def test_garbage_becomes_a_dead_letter(units: Units, bus: Client, superuser: Superuser) -> None:
    seen, relay = Seen(), Relay(units.database, bus)
    units.wake = relay.wake
    runner = ConsumerRunner(units, bus, seen.consumer())
    async with running(relay.loop, runner.loop):
        await units.run(caller(), telling(new_id()))

        async def first() -> bool:
            return len(seen.applied) == 1

        await eventually(first)
        subject = f"louyu.ticket.v1.{TENANT}.ticket.ticket_started"
        await bus.jetstream().publish(subject, b"\xff\xff", headers={"ce-type": "no.such.Type"})
        await bus.jetstream().publish(subject, b"")

        async def kept() -> bool:
            return int(await superuser.fetchval("SELECT count(*) FROM dead_letters")) == 2

        await eventually(kept)
        await units.run(caller(), telling(new_id()))

        async def second() -> bool:
            return len(seen.applied) == 2

        await eventually(second)


async def test_trouble_around_is_waited_out_and_blames_no_event(
    units: Units, bus: Client, superuser: Superuser
) -> None:
    seen, relay = Seen(), Relay(units.database, bus)
    units.wake = relay.wake
    seen.failing = True
    runner = ConsumerRunner(units, bus, seen.consumer())
    async with running(relay.loop, runner.loop):
        await units.run(caller(), telling(new_id(), 5))
        await asyncio.sleep(1.0)
        seen.failing = False

        async def all_here() -> bool:
            return len(seen.applied) == 5

        await eventually(all_here)
    assert await superuser.fetchval("SELECT count(*) FROM dead_letters") == 0


async def test_the_relay_and_the_consumer_outlive_a_killed_nats(
    units: Units, bus: Client, own_nats: OwnNats
) -> None:
    seen, relay = Seen(), Relay(units.database, bus)
    units.wake = relay.wake
    runner = ConsumerRunner(units, bus, seen.consumer())
    one = new_id()
    async with running(relay.loop, runner.loop):
        await units.run(caller(), telling(one, 3))

        async def before() -> bool:
            return len(seen.applied) == 3

        await eventually(before)
        own_nats.running.kill()
        await units.run(caller(), telling(one, 3))

        async def after() -> bool:
            return len(seen.applied) == 6

        await eventually(after, 40)
    assert seen.applied == [(one, seq) for seq in range(1, 7)]
