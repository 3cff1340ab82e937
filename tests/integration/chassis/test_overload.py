"""A database that is too busy is said to be so: come again, and nothing was done."""

import asyncio
import contextlib

import asyncpg
import pytest
from sqlalchemy import text

from chassis.clocks import BusinessClock
from chassis.database import Connection, Database
from chassis.errors import Unavailable
from chassis.jobs import Job, JobRunner
from chassis.units import UnitOfWork, Units
from tests.fixtures.servers import ServiceDatabase
from tests.fixtures.waiting import eventually
from tests.integration.chassis.conftest import caller
from tests.integration.chassis.test_units import Superuser


@pytest.mark.parametrize("connections", [1, 2], ids=["no free connection", "a lock held too long"])
async def test_what_is_in_the_way_for_now_is_refused_with_retry(
    sample: ServiceDatabase, connections: int
) -> None:
    database = Database("ticket", sample.app_url, pool_size=connections)
    units = Units(database, BusinessClock())
    held, refused_by_now = asyncio.Event(), asyncio.Event()
    lock = text("SELECT pg_advisory_xact_lock(1)")

    async def hold(unit: UnitOfWork) -> None:
        await unit.scalar(lock)
        held.set()
        # For as long as the other needs to give up, but not for ever: one that only waits gets its turn.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(refused_by_now.wait(), 20)

    async def work(unit: UnitOfWork) -> None:
        await unit.scalar(lock)

    holding = asyncio.create_task(units.run(caller(), hold))
    await held.wait()
    with pytest.raises(Unavailable) as refused:
        await units.run(caller(), work)
    assert refused.value.retry_after_s > 0
    refused_by_now.set()
    await holding
    await database.close()


async def cut(connection: Connection, superuser: Superuser) -> None:
    """End a connection from the other side, and wait until this side knows."""
    await superuser.execute(
        "SELECT pg_terminate_backend($1)", await connection.fetchval("SELECT pg_backend_pid()")
    )

    async def known() -> bool:
        return connection.is_closed()

    await eventually(known)


@pytest.mark.parametrize("statements", [0, 1], ids=["before the commit", "between two statements"])
async def test_a_connection_that_is_cut_is_no_error_of_ours(
    units: Units, superuser: Superuser, statements: int
) -> None:
    async def work(unit: UnitOfWork) -> None:
        await cut(unit.connection, superuser)
        for _ in range(statements):
            await unit.scalar(text("SELECT 1"))

    with pytest.raises(Unavailable):
        await units.run(caller(), work)
    assert await units.run(caller(), lambda unit: unit.scalar(text("SELECT 1"))) == 1


async def test_jobs_that_begin_at_once_leave_each_other_connections(sample: ServiceDatabase) -> None:
    database = Database("ticket", sample.app_url, pool_size=4)
    units = Units(database, BusinessClock())

    async def look(units: Units) -> int:
        context = units.job_context("look")
        return int(await units.run(context, lambda unit: unit.scalar(text("SELECT 1"))))

    jobs = [Job(f"look-{number}", 3600, look) for number in range(12)]
    runner = JobRunner(units, jobs)
    assert await asyncio.gather(*(runner.once(job) for job in jobs)) == [1] * len(jobs)
    await database.close()


async def test_a_wrong_statement_is_an_error_of_ours(units: Units) -> None:
    with pytest.raises(asyncpg.DataError):
        await units.run(caller(), lambda unit: unit.connection.execute("SELECT $1::int", "no number"))
