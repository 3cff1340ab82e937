"""The overview fed by real streams: hints on the way, and the same numbers after a rebuild from nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import nats
import pytest_asyncio
from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.consumer import ConsumerRunner
from chassis.events import Event, decode, headers_of, stream_of, subject_of
from chassis.relay import ensure_stream
from dashboard.overview import commands
from dashboard.overview.events import Projection
from dashboard.overview.hints import Hints
from dashboard.overview.streams import Streams
from louyu.dashboard.v1 import overview_pb2 as pb
from tests.fixtures.servers import OwnNats
from tests.fixtures.waiting import eventually
from tests.integration.dashboard.conftest import Board, source_of
from tests.integration.dashboard.test_overview import _busy


@pytest_asyncio.fixture
async def bus(own_nats: OwnNats) -> AsyncIterator[Client]:
    """A connection to a NATS of this test's own."""
    client = await nats.connect(own_nats.url)
    yield client
    await client.close()


async def publish(bus: Client, events: Sequence[Event]) -> None:
    """Put events on their producers' streams, as the relays would."""
    js = bus.jetstream()
    for source in {source_of(event) for event in events}:
        await ensure_stream(js, source)
    for event in events:
        row = {name: getattr(event, name) for name in Event.__slots__} | {"event_id": event.id}
        source = source_of(event)
        await js.publish(
            subject_of(source, event.tenant_id, event.aggregate, event.type),
            event.message.SerializeToString(),
            stream=stream_of(source),
            headers=headers_of(source, row),
        )


@asynccontextmanager
async def running(*loops: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
    """Run loops beside the test."""
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(loop(stop)) for loop in loops]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


def readers(board: Board, bus: Client, projection: Projection) -> list[ConsumerRunner]:
    """The dashboard's consumers."""
    return [ConsumerRunner(board.units, bus, consumer) for consumer in projection.consumers()]


async def _applied(board: Board, count: int) -> None:
    async def here() -> bool:
        [row] = await board.stored("SELECT coalesce(sum(applied), 0) AS n FROM overview_sources")
        return bool(row["n"] >= count)

    await eventually(here, 60)


async def test_a_rebuild_from_nothing_gives_the_same_numbers(board: Board, bus: Client) -> None:
    await _busy(board)
    events = board.stream.events
    await publish(bus, events)
    async with running(*(reader.loop for reader in readers(board, bus, board.projection))):
        await _applied(board, len(events))
    facts, figures = await board.facts(), await board.figures(board.district)

    # Nobody else is running: the command replays by itself. What was there is wrong on purpose.
    await board.stored("UPDATE overview_tickets SET rating = 1, closed_at = NULL RETURNING id")
    assert await board.facts() != facts
    assert await commands.rebuild(board.units, bus, board.projection.consumers()) == len(events)
    assert await board.facts() == facts
    assert await board.figures(board.district) == figures


async def test_a_rebuild_beside_a_running_process_gives_the_same_numbers(
    board: Board, bus: Client, own_nats: OwnNats
) -> None:
    await _busy(board)
    events = board.stream.events
    half = len(events) // 2
    other = await nats.connect(own_nats.url)
    await publish(bus, events[:half])
    async with running(*(reader.loop for reader in readers(board, other, board.projection))):
        await _applied(board, half)
        more = asyncio.create_task(publish(bus, events[half:]))
        await commands.rebuild(board.units, bus, board.projection.consumers())
        await more
        await _applied(board, len(events))
    await other.close()
    facts = await board.facts()
    await board.units.run(commands.CONTEXT, commands.empty)
    await board.apply(events)
    assert await board.facts() == facts


async def test_the_live_channel_hears_for_the_tenant_and_all_above(board: Board, bus: Client) -> None:
    hints = Hints(board.units, bus)
    heard: set[str] = set()

    async def hear(message: Msg) -> None:
        event = decode(message.headers or {}, message.data)
        assert isinstance(event.message, pb.OverviewChanged)
        heard.add(event.message.overview_id)

    await bus.subscribe("louyu-hints.dashboard.v1.*.overview.overview_changed", cb=hear)
    hints.changed({board.buildings[1]})
    await hints.flush()

    async def all_heard() -> bool:
        return heard == {board.buildings[1], board.region, board.superior, board.district}

    await eventually(all_heard)


async def test_what_waits_in_the_stream_is_told(board: Board, bus: Client) -> None:
    streams = Streams(bus)
    assert await streams.pending("ticket") == -1, "nobody reads yet"
    async with running(*(reader.loop for reader in readers(board, bus, board.projection))):
        board.stream.open(board.buildings[0])
        await publish(bus, board.stream.events)
        await _applied(board, 1)

        async def read() -> bool:
            return await streams.pending("ticket") == 0

        await eventually(read)
