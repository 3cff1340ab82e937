"""Promise 25: the database changes under code that does not know of it yet, and nobody notices."""

from __future__ import annotations

import asyncio
import time

import asyncpg
import pytest
from alembic import command
from sqlalchemy.exc import DBAPIError

from chassis.migrations import configuration, current, head, upgrade
from deploy.local.services import WITH_DATABASE, database_url
from deploy.local.stack import Stack
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.chaos.flood import Phase, day, flood, percentile_ms
from tests.fixtures.servers import Databases

PER_S = 60.0
CONNECTIONS = 16
LONGEST_S = 1.0
BEFORE = "0003"
"""The ticket service's revision before the one that changes the timeline."""

_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND c.relname <> 'alembic_version'
ORDER BY c.relname
"""
# What a release may do while the one before it still serves: the code in use neither writes the new column
# nor expects it in an answer.
_EXPAND = (
    "ALTER TABLE {0} ADD COLUMN added_later text NOT NULL DEFAULT ''",
    "CREATE INDEX CONCURRENTLY {0}_added_later ON {0} (added_later)",
)
_CONTRACT = ("DROP INDEX CONCURRENTLY {0}_added_later", "ALTER TABLE {0} DROP COLUMN added_later")


async def owner(stack: Stack, service: str) -> asyncpg.Connection[asyncpg.Record]:
    """As migrations connect: the role that owns the tables, which waits for locks no longer than they do."""
    password = stack.around.secrets.services[service].owner_password
    url = database_url(service, stack.around, "owner", password).replace("+asyncpg", "")
    return await asyncpg.connect(url, server_settings={"lock_timeout": "5s"})


async def change(stack: Stack, statements: tuple[str, ...]) -> int:
    """Run the statements on every table of every service, one table after the other; how many tables."""
    changed = 0
    for service in WITH_DATABASE:
        connection = await owner(stack, service)
        try:
            for (table,) in await connection.fetch(_TABLES):
                for statement in statements:
                    await connection.execute(statement.format(table))
                changed += 1
        finally:
            await connection.close()
    return changed


async def test_a_migration_disturbs_nobody(proof: Proof, crowd: Crowd) -> None:
    """Every table of every service gets a column and an index, and loses them again, while people work. That
    no call takes longer than a second is asserted in full runs, where the machine has nothing else to do."""
    proof.of(
        25,
        "migrations under load",
        load=f"{PER_S:.0f} looks, orders and messages a second",
        faults="a column and an index for every table, and away again",
    )
    port = crowd.stack.around.public_port
    phases: list[Phase] = []
    done = asyncio.Event()

    async def work() -> None:
        while not done.is_set():
            phases.append(await flood(port, await day(crowd), PER_S, 2.0, CONNECTIONS))

    working = asyncio.create_task(work())
    began = time.monotonic()
    try:
        rounds = proof.size(1, 5)
        tables = 0
        for _ in range(rounds):
            tables += await change(crowd.stack, _EXPAND)
            await change(crowd.stack, _CONTRACT)
    finally:
        done.set()
        await working
    took = [each for phase in phases for each in phase.answered]
    rejected = sum(len(phase.rejected) for phase in phases)
    proof.found(
        cases=len(took),
        figure=f"{tables} tables changed and back in {time.monotonic() - began:.0f} s, "
        f"{rejected} calls refused; p50 {percentile_ms(took, 50):.0f} ms, longest {max(took) * 1000:.0f} ms",
    )
    assert rejected == 0
    if proof.full:
        assert max(took) <= LONGEST_S


async def test_a_migration_gives_up_rather_than_make_others_wait(databases: Databases) -> None:
    """Behind a lock that is held, it fails after five seconds, and the next attempt does the same work."""
    database = await databases.fresh("ticket", migrate=False)
    config = configuration("ticket", database.owner_url)
    await asyncio.to_thread(command.upgrade, config, BEFORE)
    holder = await asyncpg.connect(database.superuser_url)
    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE requests_timeline IN ACCESS SHARE MODE")
            with pytest.raises(DBAPIError, match="lock timeout"):
                await asyncio.to_thread(upgrade, "ticket", database.owner_url)
    finally:
        await holder.close()
    assert await current(database.owner_url) == BEFORE
    assert await asyncio.to_thread(upgrade, "ticket", database.owner_url)
    assert await current(database.owner_url) == head("ticket")
