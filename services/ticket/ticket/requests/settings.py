"""What a building decides about its requests."""

from sqlalchemy import insert

from chassis.errors import Stale
from chassis.units import UnitOfWork
from ticket.requests import queries
from ticket.requests.tables import settings


async def change(unit: UnitOfWork, etag: str, auto_close_days: int) -> None:
    """Begin a new version of the building's settings."""
    present = await queries.current_settings(unit, unit.tenant_id)
    if etag != str(present.version):
        raise Stale
    await unit.execute(
        insert(settings).values(
            tenant_id=unit.tenant_id,
            version=present.version + 1,
            auto_close_days=auto_close_days,
            created_at=unit.now,
            created_by=unit.context.caller.actor,
        )
    )
    unit.audit("requests.settings", unit.tenant_id, auto_close_days=auto_close_days)
