"""Rotating what seals: the key-encryption key and the tenants' data keys.

    python -m identity rewrap           after LOUYU_KEK changed: wrap every data key with the new one
    python -m identity rewrap --fresh   also give every tenant a new data key for what is sealed from now on

Values stay readable all the while: each names the data key it was sealed with. Once this has run,
LOUYU_KEK_PREVIOUS can be dropped.
"""

import argparse
import asyncio
import sys

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.clocks import BusinessClock, system_now
from chassis.context import Caller, Context
from chassis.database import Database
from chassis.encryption import WrappedKey
from chassis.settings import Settings
from chassis.units import UnitOfWork, Units
from identity.people.keys import open_kek
from identity.people.tables import keys


def main(arguments: list[str]) -> None:
    """Run the command; says how many keys were wrapped."""
    parser = argparse.ArgumentParser(prog="python -m identity rewrap")
    parser.add_argument("--fresh", action="store_true", help="also make new data keys")
    wanted = parser.parse_args(arguments)
    done = asyncio.run(rewrap(Settings(service="identity"), fresh=wanted.fresh))
    sys.stdout.write(f"identity: {done} data keys\n")


async def rewrap(settings: Settings, *, fresh: bool = False) -> int:
    """Wrap every data key with the current KEK, in one transaction; how many there are now."""
    database = Database("identity", settings.database_url, pool_size=1)
    kek = open_kek(settings)

    async def work(unit: UnitOfWork) -> int:
        rows = await unit.fetch(select(keys).order_by(keys.c.tenant_id, keys.c.number).with_for_update())
        newest: dict[str, int] = {}
        for row in rows:
            moved = kek.rewrap(WrappedKey(row.tenant_id, row.number, row.wrapped))
            own = (keys.c.tenant_id == row.tenant_id) & (keys.c.number == row.number)
            await unit.execute(update(keys).where(own).values(wrapped=moved.wrapped))
            newest[row.tenant_id] = row.number
        for tenant_id, number in newest.items() if fresh else ():
            made = kek.fresh(tenant_id, number + 1)
            values = {"tenant_id": tenant_id, "number": made.number, "wrapped": made.wrapped}
            await unit.execute(insert(keys).values(created_at=system_now(), **values))
        unit.audit("people.rewrap", "", keys=len(rows), fresh=fresh)
        return len(rows) + (len(newest) if fresh else 0)

    context = Context(mode="service", caller=Caller(kind="system", service="identity/rewrap"))
    try:
        return await Units(database, BusinessClock()).run(context, work)
    finally:
        await database.close()
