"""Promise 7: the context of one tenant is never seen by another's work."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest_asyncio
from sqlalchemy import text

from chassis.clocks import BusinessClock
from chassis.context import Caller, Context, Scope, bind
from chassis.database import Database
from chassis.ids import new_id
from chassis.units import Reader, Units
from tests.chaos.conftest import Proof
from tests.fixtures.servers import Databases, ServiceDatabase

TENANTS = 50
POOL = 5
ROWS = 4


@pytest_asyncio.fixture
async def database(databases: Databases) -> ServiceDatabase:
    return await databases.fresh("ticket")


@pytest_asyncio.fixture
async def units(database: ServiceDatabase) -> AsyncIterator[Units]:
    opened = Database("ticket", database.app_url, pool_size=POOL)
    yield Units(opened, BusinessClock())
    await opened.close()


async def fill(url: str) -> list[str]:
    """A few audit rows for each of fifty tenants."""
    tenants = [new_id() for _ in range(TENANTS)]
    connection = await asyncpg.connect(url)
    try:
        columns = await connection.fetch(
            "SELECT column_name AS name, udt_name AS type FROM information_schema.columns "
            "WHERE table_name = 'number_blocks' ORDER BY ordinal_position"
        )
        assert {row["name"] for row in columns} >= {"tenant_id", "series", "next"}
        await connection.executemany(
            "INSERT INTO number_blocks (tenant_id, series, next) VALUES ($1, $2, 1)",
            [(tenant, f"series-{number}") for tenant in tenants for number in range(ROWS)],
        )
    finally:
        await connection.close()
    return tenants


def context(tenant: str) -> Context:
    return Context(mode="tenant", tenant_id=tenant, caller=Caller("account", new_id()), scopes=(Scope("B"),))


async def rows(reader: Reader) -> list[str]:
    """Without a predicate of its own, so that only the policies stand between the tenants."""
    found = await reader.fetch(text("SELECT tenant_id::text FROM number_blocks, pg_sleep(0.002)"))
    return [row.tenant_id for row in found]


async def test_tenant_context_never_leaks(proof: Proof, database: ServiceDatabase, units: Units) -> None:
    tasks = proof.size(200, 2000)
    proof.of(
        7,
        "tenant context never leaks",
        load=f"{tasks} tasks, {TENANTS} tenants, pool of {POOL}",
        faults="20 % cancelled mid-query",
    )
    tenants = await fill(database.superuser_url)
    dice = random.Random(7)
    seen: list[tuple[str, list[str]]] = []

    async def read(tenant: str) -> None:
        with bind(context(tenant)):
            seen.append((tenant, await units.query(rows)))

    async def cancelled(tenant: str) -> None:
        work = asyncio.create_task(read(tenant))
        await asyncio.sleep(dice.random() * 0.02)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    lane = asyncio.Semaphore(40)

    async def one(number: int) -> None:
        async with lane:
            tenant = tenants[number % TENANTS]
            await (cancelled(tenant) if number % 5 == 0 else read(tenant))

    await asyncio.gather(*(one(number) for number in range(tasks)))
    foreign = sum(1 for tenant, found in seen for owner in found if owner != tenant)
    missing = sum(1 for _, found in seen if len(found) != ROWS)
    assert (foreign, missing) == (0, 0)
    assert len(seen) >= tasks * 4 // 5

    with bind(context("")):
        without = await units.query(count)
    assert without == 0
    proof.found(cases=len(seen), figure=f"{foreign} foreign rows; {without} rows without a context")


async def count(reader: Reader) -> Any:
    return await reader.scalar(text("SELECT count(*) FROM number_blocks"))
