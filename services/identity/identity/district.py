"""Work over the whole district, which no tenant could do in its own name."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import func, select

from chassis.context import current
from chassis.units import Reader, UnitOfWork, Units

R = TypeVar("R")


async def look(units: Units, work: Callable[[Reader], Awaitable[R]]) -> R:
    """Read as identity itself: for answers that name nothing of other tenants (is this known
    somewhere? what is this account's name?)."""
    return await act(units, work)


async def act(units: Units, work: Callable[[UnitOfWork], Awaitable[R]]) -> R:
    """Do something as identity itself, in a transaction of its own, audited to the same caller."""
    return await units.run(replace(current(), mode="service"), work)


@asynccontextmanager
async def inside(unit: UnitOfWork, tenant_id: str) -> AsyncIterator[None]:
    """Write rows of a tenant that the caller's is setting up, in the same transaction."""
    await unit.execute(select(func.set_config("louyu.tenant", tenant_id, True)))
    yield
    await unit.execute(select(func.set_config("louyu.tenant", unit.tenant_id, True)))
