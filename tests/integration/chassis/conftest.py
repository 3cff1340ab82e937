"""A service to try the chassis with: the ticket service's database, written to without its verbs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import timedelta
from typing import TypeVar

import asyncpg
import pytest_asyncio

from chassis.clocks import BusinessClock
from chassis.context import Caller, Context, Scope
from chassis.database import Database
from chassis.ids import new_id
from chassis.units import UnitOfWork, Units
from louyu.ticket.v1 import requests_pb2 as pb
from tests.fixtures.servers import Databases, ServiceDatabase

R = TypeVar("R")
TENANT = new_id()
ACCOUNT = new_id()


@pytest_asyncio.fixture
async def sample(databases: Databases) -> ServiceDatabase:
    return await databases.fresh("ticket")


@pytest_asyncio.fixture
async def units(sample: ServiceDatabase) -> AsyncIterator[Units]:
    database = Database("ticket", sample.app_url)
    yield Units(database, BusinessClock(timedelta(0)))
    await database.close()


@pytest_asyncio.fixture
async def superuser(sample: ServiceDatabase) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """Sees what is really stored, past every policy."""
    connection = await asyncpg.connect(sample.superuser_url)
    yield connection
    await connection.close()


def caller(tenant_id: str = TENANT, *, idempotency_key: str = "") -> Context:
    return Context(
        mode="tenant",
        tenant_id=tenant_id,
        caller=Caller("account", ACCOUNT),
        scopes=(Scope("B"),),
        method="/sample/Do",
        idempotency_key=idempotency_key,
    )


async def crowd(units: Units, works: Iterable[Callable[[UnitOfWork], Awaitable[R]]]) -> list[R]:
    """Run units side by side, as many as there are connections and a few less, for what runs beside. More of
    them would wait for the pool, which refuses whoever waited five seconds: on a busy machine, the last."""
    room = asyncio.Semaphore(units.database.size - 4)

    async def one(work: Callable[[UnitOfWork], Awaitable[R]]) -> R:
        async with room:
            return await units.run(caller(), work)

    return await asyncio.gather(*(one(work) for work in works))


def telling(aggregate_id: str, times: int = 1) -> Callable[[UnitOfWork], Awaitable[None]]:
    """Work that emits events of one aggregate and does nothing else."""

    async def work(unit: UnitOfWork) -> None:
        for _ in range(times):
            unit.emit(pb.TicketStarted(ticket_id=aggregate_id), aggregate_id=aggregate_id)

    return work
