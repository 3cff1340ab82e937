"""Reads of clients."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from chassis.statements import Row
from chassis.units import Reader
from identity.clients.tables import clients


async def page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The tenant's clients, newest first; one more than `size` where there are more."""
    statement = select(clients).where(clients.c.tenant_id == reader.tenant_id)
    if after:
        statement = statement.where(clients.c.id < after[0])
    return await reader.fetch(statement.order_by(clients.c.id.desc()).limit(size + 1))


async def standing(reader: Reader, client_id: str) -> Row | None:
    """A client anywhere in the district; for identity's own eyes."""
    return await reader.first(select(clients).where(clients.c.id == client_id))
