"""A database that is too busy is said to be so: come again, and nothing was done."""

import asyncio

import pytest
from sqlalchemy import text

from chassis.clocks import BusinessClock
from chassis.database import Database
from chassis.errors import Unavailable
from chassis.units import UnitOfWork, Units
from tests.fixtures.servers import ServiceDatabase
from tests.integration.chassis.conftest import caller


@pytest.mark.parametrize("connections", [1, 2], ids=["no free connection", "a lock held too long"])
async def test_what_is_in_the_way_for_now_is_refused_with_retry(
    sample: ServiceDatabase, connections: int
) -> None:
    database = Database("ticket", sample.app_url, pool_size=connections)
    units = Units(database, BusinessClock())
    held = asyncio.Event()
    lock = text("SELECT pg_advisory_xact_lock(1)")

    async def hold(unit: UnitOfWork) -> None:
        await unit.scalar(lock)
        held.set()
        await asyncio.sleep(7)

    async def work(unit: UnitOfWork) -> None:
        await unit.scalar(lock)

    holding = asyncio.create_task(units.run(caller(), hold))
    await held.wait()
    with pytest.raises(Unavailable) as refused:
        await units.run(caller(), work)
    assert refused.value.retry_after_s > 0
    await holding
    await database.close()
