"""Reads of grants."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, func, select

from chassis.clocks import system_now
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from identity.grants import rules
from identity.grants.matrix import matrix
from identity.grants.rules import Below, Binding, Effect, Held
from identity.grants.tables import changes, grants
from identity.tenants import queries as tenants


async def grant(reader: Reader, grant_id: str) -> Row:
    """One grant of the tenant; GRANT_NOT_FOUND for anything else."""
    found = await reader.first(
        select(grants).where(grants.c.tenant_id == reader.tenant_id, grants.c.id == grant_id)
    )
    if found is None:
        raise NotFound("GRANT_NOT_FOUND")
    return found


async def page(
    reader: Reader,
    *,
    account_id: str,
    role: str,
    include_revoked: bool,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """The tenant's grants, newest first; one more than `size` where there are more."""
    statement = select(grants).where(grants.c.tenant_id == reader.tenant_id)
    if account_id:
        statement = statement.where(grants.c.account_id == account_id)
    if role:
        statement = statement.where(grants.c.role == role)
    if not include_revoked:
        statement = statement.where(grants.c.revoked_at.is_(None))
    if after:
        statement = statement.where(grants.c.id < after[0])
    return await reader.fetch(statement.order_by(grants.c.id.desc()).limit(size + 1))


async def live(reader: Reader, account_id: str) -> Sequence[Row]:
    """An account's grants that hold now or will, wherever."""
    g = grants.c
    return await reader.fetch(
        select(g.tenant_id, g.role, g.floor, g.enterprise_id, g.case_id, g.starts_at, g.ends_at).where(
            g.account_id == account_id,
            g.revoked_at.is_(None),
            (g.ends_at.is_(None)) | (g.ends_at > system_now()),
        )
    )


async def administrators_beside(reader: Reader, account_ids: Sequence[str]) -> Mapping[str, set[str]]:
    """The tenants whose accounts one of these administers, each with the others who do."""
    g = grants.c
    roles = [
        role.code
        for role in matrix().roles.values()
        if any(given.permission == "accounts.manage" for given in role.gives)
    ]
    now = system_now()
    live = g.revoked_at.is_(None) & (g.starts_at <= now) & (g.ends_at.is_(None) | (g.ends_at > now))
    own = select(g.tenant_id).where(g.role.in_(roles), live, g.account_id.in_(account_ids))
    rows = await reader.fetch(
        select(g.tenant_id, g.account_id).where(g.role.in_(roles), live, g.tenant_id.in_(own))
    )
    found: dict[str, set[str]] = {row.tenant_id: set() for row in rows}
    for row in rows:
        if row.account_id not in account_ids:
            found[row.tenant_id].add(row.account_id)
    return found


async def tenants_of(reader: Reader, account_ids: Sequence[str], tenant_id: str) -> set[str]:
    """Those of the accounts that hold or held a role in a tenant."""
    rows = await reader.fetch(
        select(grants.c.account_id)
        .distinct()
        .where(grants.c.tenant_id == tenant_id, grants.c.account_id.in_(account_ids))
    )
    return {row.account_id for row in rows}


async def holders(reader: Reader, tenant_id: str, role: str) -> list[str]:
    """The accounts that hold a role in a tenant now, in the order in which they were given it."""
    g, now = grants.c, system_now()
    rows = await reader.fetch(
        select(g.account_id)
        .where(g.tenant_id == tenant_id, g.role == role, g.revoked_at.is_(None), g.starts_at <= now)
        .where((g.ends_at.is_(None)) | (g.ends_at > now))
        .order_by(g.id)
    )
    return list(dict.fromkeys(row.account_id for row in rows))


async def effects(reader: Reader, account_id: str) -> tuple[list[Effect], Sequence[Row]]:
    """What an account's roles let it do, and the standing of every tenant concerned."""
    found = [
        Held(
            row.tenant_id,
            row.role,
            Binding(row.floor, row.enterprise_id, row.case_id),
            row.starts_at if row.starts_at > system_now() else None,
            row.ends_at,
        )
        for row in await live(reader, account_id)
    ]
    tops = rules.tops(matrix(), found)
    below = await tenants.below(reader, tops) if tops else []
    reach = [Below(row.tenant_id, frozenset(row.ancestors)) for row in below]
    effects = rules.effects(matrix(), found, reach)
    concerned = sorted({effect.tenant_id for effect in effects})
    return effects, await tenants.standings(reader, concerned) if concerned else []


@dataclass(frozen=True, slots=True)
class Feed:
    """A piece of the feed of changes."""

    changes: Sequence[Row]
    position: int
    reset: bool
    """The position asked for is unknown: what changed since cannot be told."""


# Constants: every process asks every second.
_ENDS: Final = select(
    func.min(changes.c.position).label("oldest"), func.max(changes.c.position).label("newest")
)
_AFTER: Final = (
    select(changes)
    .where(changes.c.position > bindparam("after"))
    .order_by(changes.c.position)
    .limit(bindparam("size"))
)


async def feed(reader: Reader, after: int, size: int) -> Feed:
    """Changes after a position, oldest first."""
    ends = await reader.first(_ENDS)
    oldest, newest = (ends.oldest or 1, ends.newest or 0) if ends else (1, 0)
    if after < 0 or after == newest:
        return Feed((), newest, reset=False)
    if after > newest or 0 < after < oldest - 1:
        return Feed((), newest, reset=True)
    rows = await reader.fetch(_AFTER, {"after": after, "size": size})
    return Feed(rows, rows[-1].position if rows else after, reset=False)


def by_tenant(found: Iterable[Effect]) -> Mapping[str, list[Effect]]:
    """Effects, grouped by the tenant they hold in."""
    grouped: dict[str, list[Effect]] = {}
    for effect in found:
        grouped.setdefault(effect.tenant_id, []).append(effect)
    return grouped
