"""Reads of commitments."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.commitments.tables import commitments
from membership.enterprises import queries as enterprises


async def own(reader: Reader, commitment_id: str) -> Row:
    """A commitment of an enterprise that the caller acts for, locked. COMMITMENT_NOT_FOUND for any other."""
    c = commitments.c
    found = await reader.first(
        select(commitments)
        .where(
            c.tenant_id == reader.tenant_id,
            c.id == commitment_id,
            c.enterprise_id.in_(reader.context.ids("E")),
        )
        .with_for_update()
    )
    if found is None:
        raise NotFound("COMMITMENT_NOT_FOUND")
    return found


async def page(reader: Reader, enterprise_id: str, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The commitments of an enterprise that the caller may see, newest first, `size` + 1 at most."""
    await enterprises.get(reader, enterprise_id)
    c = commitments.c
    statement = select(commitments).where(c.tenant_id == reader.tenant_id, c.enterprise_id == enterprise_id)
    if after:
        statement = statement.where(c.id < after[0])
    return await reader.fetch(statement.order_by(c.id.desc()).limit(size + 1))
