"""Reads of promised times. What other capabilities ask is here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select

from chassis.recent import Recent
from chassis.statements import Row
from chassis.units import Reader
from ticket.sla import rules
from ticket.sla.clocks import History, Kind, from_document
from ticket.sla.owners import Owners as Owners
from ticket.sla.owners import Roster as Roster
from ticket.sla.owners import Told as Told
from ticket.sla.settings import Settings, defaults, read
from ticket.sla.tables import settings

_VERSIONS: Final = (
    select(settings).where(settings.c.tenant_id == bindparam("own_tenant")).order_by(settings.c.version)
)
RECENT: Final = Recent[str, "Decided"](30.0)
"""Every request asks for the settings, and they change a few times a year. Whoever still counts on the
version before is put right by the date of the next (`clocks.current`)."""


class Decided(History):
    """All that a building decided about promised times, the defaults first."""

    def __init__(self, versions: Sequence[Settings]) -> None:
        super().__init__(versions)
        self.settings = versions[-1]
        """The version in force."""


async def decided(reader: Reader) -> Decided:
    """What the reader's tenant decided, as it was half a minute ago at the most."""
    return await RECENT.get(reader.tenant_id, lambda: decided_now(reader))


async def decided_now(reader: Reader) -> Decided:
    """The same, as it is."""
    rows = await reader.fetch(_VERSIONS, {"own_tenant": reader.tenant_id})
    return Decided([defaults(), *(_settings(row) for row in rows)])


async def decided_by(reader: Reader, tenants: Sequence[str]) -> Mapping[str, Decided]:
    """What each of some tenants decided."""
    statement = select(settings).where(settings.c.tenant_id.in_(tenants)).order_by(settings.c.version)
    found: dict[str, list[Settings]] = {tenant: [defaults()] for tenant in tenants}
    for row in await reader.fetch(statement):
        found[row.tenant_id].append(_settings(row))
    return {tenant: Decided(versions) for tenant, versions in found.items()}


def _settings(row: Row) -> Settings:
    return read(row.document, row.version, row.created_at, row.created_by)


async def versions(reader: Reader, after: Sequence[Any] | None, size: int) -> list[Settings]:
    """The versions of the tenant, newest first, `size` + 1 at most, each with the one before it."""
    s = settings.c
    statement = select(settings).where(s.tenant_id == reader.tenant_id)
    if after:
        statement = statement.where(s.version < int(after[0]))
    rows = await reader.fetch(statement.order_by(s.version.desc()).limit(size + 1))
    return [_settings(row) for row in rows]


def in_time(document: Mapping[str, Any], kind: str, moment: datetime, due: datetime) -> bool:
    """Whether a promise was kept; where no clock ran, by comparing the moment with when it was due."""
    if kind not in document:
        return moment <= due
    return rules.in_time(from_document(Kind(kind), document[kind]))
