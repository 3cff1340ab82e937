"""What is measured beside the work stays true while the work stands still."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import nats
import pytest
from prometheus_client import REGISTRY

from chassis.clocks import BusinessClock
from chassis.consumer import Consumer, ConsumerRunner
from chassis.errors import Unavailable
from chassis.events import Event
from chassis.grants import Changes, Effective, Grants
from chassis.ids import new_id
from chassis.ops import Ops
from chassis.relay import Relay
from chassis.units import UnitOfWork, Units
from chassis.vitals import Vitals
from tests.fixtures.servers import OwnNats
from tests.fixtures.waiting import eventually
from tests.integration.chassis.conftest import caller, telling


async def nobody(_: str) -> Effective:
    return Effective(active=False)


async def nothing(position: int) -> Changes:
    return Changes(position)


def measuring(units: Units, runner: ConsumerRunner) -> Vitals:
    vitals = Vitals(Ops(), Grants(nobody, nothing), lambda: None)
    vitals.database, vitals.relays, vitals.runners = units.database, True, {"watching": runner}
    return vitals


def figure(name: str, **labels: str) -> float:
    """What /metrics would say; -1 where nothing was measured yet."""
    found = REGISTRY.get_sample_value(name, labels)
    return -1 if found is None else found


async def test_a_stuck_relay_a_stuck_consumer_and_a_bad_event_show(units: Units, own_nats: OwnNats) -> None:
    away, poison, applied = True, new_id(), 0

    async def apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
        nonlocal applied
        if away:
            raise Unavailable("AWAY")
        if any(event.aggregate_id == poison for event in events):
            raise ValueError("cannot make sense of it")
        applied += len(events)

    bus = await nats.connect(own_nats.url, max_reconnect_attempts=-1, reconnect_time_wait=0.1)
    runner = ConsumerRunner(units, bus, Consumer("watching", "ticket", ("ticket",), apply))
    vitals = measuring(units, runner)

    async def outbox_shows() -> bool:
        await vitals.once()
        return figure("louyu_outbox_waiting") == 3 and 1 <= figure("louyu_outbox_oldest_seconds") < 60

    async def consumer_shows() -> bool:
        await vitals.once()
        seconds = figure("louyu_consumer_lag_seconds", consumer="ticket/watching")
        return figure("louyu_consumer_lag_events", consumer="ticket/watching") == 3 and seconds >= 1

    async def outbox_is_empty() -> bool:
        await vitals.once()
        return figure("louyu_outbox_waiting") == 0 and figure("louyu_outbox_oldest_seconds") == 0

    async def over() -> bool:
        await vitals.once()
        left = figure("louyu_consumer_lag_events", consumer="ticket/watching")
        return left == 0 and figure("louyu_dead_letters_waiting", consumer="ticket/watching") == 1

    # Nobody relays: the outbox tells, by the system's clock though the business clock stands in the past.
    units.clock = BusinessClock(timedelta(days=-30))
    for aggregate in (new_id(), new_id(), poison):
        await units.run(caller(), telling(aggregate))
    await eventually(outbox_shows)

    stop = asyncio.Event()
    relay = Relay(units.database, bus)
    loops = [asyncio.create_task(relay.loop(stop)), asyncio.create_task(runner.loop(stop))]
    try:
        await eventually(consumer_shows)  # handed out again and again, and never applied
        await eventually(outbox_is_empty)
        away = False
        await eventually(over)
        assert applied == 2
        assert figure("louyu_consumer_lag_seconds", consumer="ticket/watching") == 0
    finally:
        stop.set()
        await asyncio.gather(*loops)
        await bus.close()


async def test_a_pool_without_a_free_connection_is_counted(units: Units) -> None:
    before = figure("louyu_pool_refused_total")
    held = [units.database.connection() for _ in range(units.database.size)]
    for connection in held:
        await connection.__aenter__()
    try:
        with pytest.raises(Unavailable):
            await units.database.connection().__aenter__()
        assert figure("louyu_pool_refused_total") == before + 1
        assert units.database.in_use == units.database.size
    finally:
        for connection in held:
            await connection.__aexit__(None, None, None)
