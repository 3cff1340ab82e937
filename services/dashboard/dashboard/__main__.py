"""The dashboard process: `python -m dashboard`; `python -m dashboard rebuild` replays every stream."""

import asyncio
import sys

from chassis.erasures import host_privacy
from chassis.pages import PageTokens
from chassis.process import Process, run
from chassis.settings import Settings
from chassis.tenants import tenants_consumer
from dashboard.overview.events import Projection
from dashboard.overview.hints import Hints
from dashboard.overview.rpc import Overview
from dashboard.overview.streams import Streams
from dashboard.records import RECORDS
from louyu.dashboard.v1.overview_pb2_grpc import add_OverviewServiceServicer_to_server


async def start(process: Process) -> None:
    """Keep the facts of all tenants and compute figures from them."""
    await process.database()
    bus = await process.bus()
    hints = Hints(process.units, bus)
    pages = PageTokens(process.settings.key("secret"))
    overview = Overview(process.units, pages, Streams(bus).pending)
    process.serve(add_OverviewServiceServicer_to_server, overview)
    host_privacy(process, RECORDS)
    for consumer in Projection(hints.changed).consumers():
        process.consume(consumer)
    process.consume(tenants_consumer())
    process.background("hints", hints.loop)


async def rebuild() -> int:
    """Empty the facts and replay; how many events were applied."""
    import nats

    from chassis import logging
    from chassis.clocks import BusinessClock
    from chassis.database import Database
    from chassis.units import Units
    from dashboard.overview import commands

    settings = Settings(service="dashboard")
    logging.configure("dashboard", settings.log, settings.log_level)
    database = Database("dashboard", settings.database_url)
    bus = await nats.connect(settings.nats_url)
    try:
        consumers = Projection(lambda _: None).consumers()
        return await commands.rebuild(Units(database, BusinessClock()), bus, consumers)
    finally:
        await bus.close()
        await database.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["rebuild"]:
        sys.stdout.write(f"applied {asyncio.run(rebuild())} events\n")
    elif sys.argv[1:]:
        sys.exit("usage: python -m dashboard [rebuild]")
    else:
        run("dashboard", start)
