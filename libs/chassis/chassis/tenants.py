"""The local list of tenants that every service keeps, so that it can name and walk them by itself."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis import tables
from chassis.consumer import Consumer
from chassis.events import Event
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork

FIELDS: Final = ("kind", "name_zh", "name_en", "state", "region_id", "superior_id", "synthetic")


def tenants_consumer(source: str = "identity") -> Consumer:
    """Follows the tenants of the service that owns them.

    Its events carry the whole row each time (`FIELDS`), so the newest one says all.
    """
    return Consumer("tenants", source, ("tenant",), _apply, per_tenant=False)


async def _apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
    newest = {event.aggregate_id: event for event in events}
    rows = [_row(event) for event in newest.values()]
    statement = insert(tables.tenants).values(rows)
    await unit.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id"],
            set_={name: statement.excluded[name] for name in (*FIELDS, "updated_at")},
        )
    )


def _row(event: Event) -> dict[str, Any]:
    said = {name: getattr(event.message, name) for name in FIELDS}
    said["region_id"] = said["region_id"] or None
    said["superior_id"] = said["superior_id"] or None
    return {"tenant_id": event.aggregate_id, "updated_at": event.occurred_at, **said}


async def active(reader: Reader, *kinds: str) -> Sequence[Row]:
    """The active tenants, of these kinds if any are named."""
    t = tables.tenants
    statement = select(t).where(t.c.state == "active").order_by(t.c.tenant_id)
    return await reader.fetch(statement.where(t.c.kind.in_(kinds)) if kinds else statement)
