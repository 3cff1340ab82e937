"""Whose facts a caller sees: the tenant in the path says how far, the permission's letters how much."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Table, or_, select, true

from chassis import tables as chassis_tables
from chassis.errors import Forbidden
from chassis.units import Reader

BUILDINGS: Final = ("building", "multi_site")
"""The kinds of tenants that have tickets and activities of their own to compare."""
_AGGREGATES: Final = "DSTBFUCA"
_RECORDS: Final = "DSTBEO"


class Reach(StrEnum):
    """How far an overview reaches."""

    TENANT = "tenant"
    SPAN = "span"
    DISTRICT = "district"
    ENTERPRISE = "enterprise"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Scope:
    """The facts that figures are computed from.

    `tenants` are those of a tenant or span; empty for the district, which reads all. `enterprises` and
    `account` narrow further, for a firm's contact and for oneself.
    """

    tenant_id: str
    reach: Reach
    tenants: tuple[str, ...]
    count: int
    enterprises: tuple[str, ...] = ()
    account: str = ""

    def covers(self, table: Table) -> ColumnElement[bool]:
        """The predicate on a table of facts. Row policies say the same; this one finds the index."""
        if self.reach is Reach.DISTRICT:
            return true()
        if len(self.tenants) == 1:
            within: ColumnElement[bool] = table.c.tenant_id == self.tenants[0]
        else:
            within = table.c.tenant_id.in_(self.tenants)
        own: list[ColumnElement[bool]] = []
        who = table.c.get("account", table.c.get("requester"))
        if self.reach is Reach.ENTERPRISE and "enterprise_id" in table.c:
            own.append(table.c.enterprise_id.in_(self.enterprises))
        if self.account and who is not None:
            own.append(who == self.account)
        return within & or_(*own) if own else within


async def scope_of(reader: Reader) -> Scope:
    """The scope of the running call."""
    context = reader.context
    t = chassis_tables.tenants
    kind = await reader.scalar(select(t.c.kind).where(t.c.tenant_id == context.tenant_id))
    if not context.has(_AGGREGATES):
        firms = context.ids("E")
        reach = Reach.ENTERPRISE if firms else Reach.OWN
        return Scope(context.tenant_id, reach, (context.tenant_id,), 1, firms, context.caller.account_id)
    below = select(t.c.tenant_id).where(t.c.kind.in_(BUILDINGS))
    if kind == "district":
        found = await reader.fetch(below)
        return Scope(context.tenant_id, Reach.DISTRICT, (), len(found))
    named = await reader.fetch(
        select(t.c.tenant_id, t.c.kind).where(
            or_(t.c.region_id == context.tenant_id, t.c.superior_id == context.tenant_id)
        )
    )
    if not named:
        return Scope(context.tenant_id, Reach.TENANT, (context.tenant_id,), 1)
    tenants = tuple(sorted({row.tenant_id for row in named} | {context.tenant_id}))
    return Scope(context.tenant_id, Reach.SPAN, tenants, sum(row.kind in BUILDINGS for row in named))


def check_records(reader: Reader) -> None:
    """Aggregates may be seen without the records behind them. Raises AGGREGATES_ONLY."""
    if not reader.context.has(_RECORDS):
        raise Forbidden("AGGREGATES_ONLY")
