"""What a tenant decides, in versions: each says who decided it and when, and none is ever changed.

A kind of settings is a table that begins with `tables.settings_columns()`, and a dataclass with the names of
its columns, each with its default; `version` is 0 where a tenant has decided nothing.
"""

from dataclasses import Field, fields
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

from asyncpg import UniqueViolationError
from sqlalchemy import Table, bindparam, insert, select

from chassis.errors import Stale
from chassis.units import Reader, UnitOfWork


class Decided(Protocol):
    """One version of some settings: a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def version(self) -> int: ...


S = TypeVar("S", bound=Decided)


class Versions(Generic[S]):
    """All that tenants have decided about one kind of settings."""

    def __init__(self, table: Table, kind: type[S]) -> None:
        self._table: Final = table
        self._kind: Final = kind
        self._newest: Final = (
            select(*(table.c[each.name] for each in fields(kind)))
            .where(table.c.tenant_id == bindparam("own_tenant"))
            .order_by(table.c.version.desc())
            .limit(1)
        )

    async def current(self, reader: Reader, tenant_id: str = "") -> S:
        """The settings in force at a tenant, the reader's own where none is named."""
        found = await reader.first(self._newest, {"own_tenant": tenant_id or reader.tenant_id})
        return self._kind(*found) if found else self._kind()

    async def begin(self, unit: UnitOfWork, etag: str, **decided: Any) -> S:
        """Begin a new version at the unit's tenant; Stale where another one began since `etag`."""
        await begin_version(unit, self._table, await self.current(unit), etag, **decided)
        unit.audit(f"{self._table.name.removesuffix('_settings')}.settings", unit.tenant_id, **decided)
        return await self.current(unit)


async def begin_version(unit: UnitOfWork, table: Table, present: Decided, etag: str, **decided: Any) -> None:
    """Write the version after `present`; Stale where that is not what `etag` names, or not any more."""
    if etag != str(present.version):
        raise Stale
    row = {
        "tenant_id": unit.tenant_id,
        "version": present.version + 1,
        "created_at": unit.now,
        "created_by": unit.context.caller.actor,
        **decided,
    }
    try:
        await unit.execute(insert(table), row)
    except UniqueViolationError as error:  # somebody else began it in this very moment
        raise Stale from error
