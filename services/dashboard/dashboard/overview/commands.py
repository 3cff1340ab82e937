"""Rebuilding the facts from nothing, by replay of every stream."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from nats.aio.client import Client
from sqlalchemy import delete, func, insert, select, update

from chassis import tables as chassis_tables
from chassis.consumer import Consumer, ConsumerRunner
from chassis.context import Caller, Context
from chassis.units import UnitOfWork, Units
from dashboard.overview.events import SOURCES
from dashboard.overview.streams import Streams, outstanding
from dashboard.overview.tables import FACTS, sources

log: Final = structlog.get_logger()
CONTEXT: Final = Context(mode="consumer", caller=Caller(kind="system", service="dashboard/overview-rebuild"))
SETTLE_S: Final = 2.0
"""A batch whose positions were read before the facts were emptied reaches the closed door within this."""
TAKE_OVER_S: Final = 8.0
"""A running process finds its readers gone and makes new ones within this."""


async def close(unit: UnitOfWork) -> None:
    """Let nothing be applied any more; waits for the batches under way."""
    rows = [{"source": source, "open": False, "rebuilding": True, "applied": 0} for source, _ in SOURCES]
    known = {row.source for row in await unit.fetch(select(sources.c.source))}
    await unit.execute(update(sources).values(open=False, rebuilding=True))
    missing = [row for row in rows if row["source"] not in known]
    if missing:
        await unit.execute(insert(sources).values(missing))


async def empty(unit: UnitOfWork) -> None:
    """Forget every fact, and how far each aggregate was applied."""
    consumers = [f"{source}-overview" for source, _ in SOURCES]
    await unit.connection.execute(f"TRUNCATE {', '.join(table.name for table in FACTS)}")
    for table in (chassis_tables.positions, chassis_tables.dead_letters):
        await unit.execute(delete(table).where(table.c.consumer.in_(consumers)))
    await unit.execute(update(sources).values(applied=0, last_event_at=None, applied_at=None))


async def reopen(unit: UnitOfWork) -> None:
    """Let events be applied again."""
    await unit.execute(update(sources).values(open=True))


async def finish(unit: UnitOfWork) -> int:
    """The replay has caught up; how many events it applied."""
    await unit.execute(update(sources).values(rebuilding=False))
    return int(await unit.scalar(select(func.coalesce(func.sum(sources.c.applied), 0))) or 0)


async def rebuild(units: Units, bus: Client, consumers: Sequence[Consumer]) -> int:
    """Rebuild every fact; how many events were applied.

    Overviews stay readable and grow while the streams are replayed; they say that they are rebuilding.
    A running dashboard process does the replay; where none is running, this one does.
    """
    streams = Streams(bus)
    await units.run(CONTEXT, close)
    await asyncio.sleep(SETTLE_S)
    await units.run(CONTEXT, empty)
    for source, _ in SOURCES:
        await streams.forget(source)
    await units.run(CONTEXT, reopen)
    log.info("overview_emptied")
    stop = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []
    if not await _others_read(streams):
        runners = [ConsumerRunner(units, bus, consumer) for consumer in consumers]
        tasks = [asyncio.create_task(runner.loop(stop)) for runner in runners]
    try:
        while True:
            await asyncio.sleep(0.2)
            if await _caught_up(streams):
                break
    finally:
        stop.set()
        await asyncio.gather(*tasks)
    return await units.run(CONTEXT, finish)


async def _others_read(streams: Streams) -> bool:
    """Whether a running process has taken up reading again."""
    for _ in range(int(TAKE_OVER_S / 0.2)):
        if [await streams.info(source) for source, _ in SOURCES].count(None) == 0:
            return True
        await asyncio.sleep(0.2)
    return False


async def _caught_up(streams: Streams) -> bool:
    for source, _ in SOURCES:
        info = await streams.info(source)
        if info is None or outstanding(info):
            return False
    return True
