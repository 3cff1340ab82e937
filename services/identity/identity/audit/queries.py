"""Reads of the audit log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from chassis.statements import Row
from chassis.tables import audit_entries as entries
from chassis.units import Reader


async def page(
    reader: Reader,
    *,
    actor: str,
    action: str,
    object_id: str,
    starts_at: datetime | None,
    ends_at: datetime | None,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """The tenant's entries, newest first; one more than `size` where there are more."""
    statement = select(entries).where(entries.c.tenant_id == reader.tenant_id)
    for column, wanted in (
        (entries.c.actor, actor),
        (entries.c.action, action),
        (entries.c.object_id, object_id),
    ):
        if wanted:
            statement = statement.where(column == wanted)
    if starts_at:
        statement = statement.where(entries.c.at >= starts_at)
    if ends_at:
        statement = statement.where(entries.c.at < ends_at)
    if after:
        statement = statement.where(entries.c.id < after[0])
    return await reader.fetch(statement.order_by(entries.c.id.desc()).limit(size + 1))
