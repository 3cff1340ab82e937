"""The tenants' data keys: where they are stored, and the vault that uses them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.clocks import system_now
from chassis.context import Context
from chassis.encryption import Kek, Vault, WrappedKey
from chassis.settings import Settings
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from identity.people.tables import keys


def open_kek(settings: Settings) -> Kek:
    """The key-encryption key of the settings, and the one it replaced if that is given too."""
    previous = settings.key("kek_previous") if settings.kek_previous.get_secret_value() else None
    return Kek(settings.key("kek"), previous)


def vault(settings: Settings, units: Units) -> Vault:
    """Seals and opens what identity must not keep in clear."""
    own = Context(mode="service")

    async def load(tenant_id: str) -> Sequence[WrappedKey]:
        return await units.run(own, lambda unit: _stored(unit, tenant_id))

    async def add(key: WrappedKey) -> Sequence[WrappedKey]:
        async def work(unit: UnitOfWork) -> Sequence[WrappedKey]:
            values = {
                "tenant_id": key.tenant_id,
                "number": key.number,
                "wrapped": key.wrapped,
                "created_at": system_now(),
            }
            await unit.execute(insert(keys).values(values).on_conflict_do_nothing())
            return await _stored(unit, key.tenant_id)

        return await units.run(own, work)

    return Vault(open_kek(settings), load, add, settings.cipher)


async def opened(vault: Vault, table: str, row: Row) -> Mapping[str, str]:
    """The numbers of a person in clear, for the person's own copy."""
    sealed = {name: row[name] for name in ("id_number", "phone") if row[name] is not None}
    return {name: await vault.open(row.registered_by, row.id, name, value) for name, value in sealed.items()}


async def _stored(reader: Reader, tenant_id: str) -> Sequence[WrappedKey]:
    rows = await reader.fetch(select(keys).where(keys.c.tenant_id == tenant_id).order_by(keys.c.number))
    return [WrappedKey(row.tenant_id, row.number, row.wrapped) for row in rows]
