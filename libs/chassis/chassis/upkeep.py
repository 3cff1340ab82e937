"""The jobs that every service's database needs: sealing the audit log, forgetting old keys."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete

from chassis import audit, tables
from chassis.clocks import system_now
from chassis.jobs import Job
from chassis.tokens import SigningKey
from chassis.units import UnitOfWork, Units

SEAL_EVERY_S: Final = 10
FORGET_EVERY_S: Final = 3600
KEYS_LIVE: Final = timedelta(days=7)
"""How long a request can be repeated under its Idempotency-Key."""


def upkeep(key: SigningKey) -> list[Job]:
    """Seal what was audited with this service's key; forget idempotency keys after a week."""
    return [
        Job("audit-sealer", SEAL_EVERY_S, lambda units: _seal(units, key)),
        Job("idempotency-forget", FORGET_EVERY_S, _forget),
    ]


async def _seal(units: Units, key: SigningKey) -> int:
    context = units.job_context("audit-sealer")
    return await units.run(context, lambda unit: audit.seal(unit, key.seal))


async def _forget(units: Units) -> int:
    async def work(unit: UnitOfWork) -> int:
        t = tables.idempotency_keys
        return await unit.execute(delete(t).where(t.c.created_at < system_now() - KEYS_LIVE))

    return await units.run(units.job_context("idempotency-forget"), work)
