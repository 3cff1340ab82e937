"""Giving and taking back roles, and the feed that tells everyone."""

from datetime import datetime, timedelta
from typing import Final

from asyncpg import UniqueViolationError
from sqlalchemy import delete, func, insert, select, update

from chassis.clocks import system_now
from chassis.errors import Conflict, FieldError, Invalid, NotFound
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from identity.accounts.queries import Standing
from identity.district import inside
from identity.grants import events, rules
from identity.grants.matrix import matrix
from identity.grants.rules import ADMINISTRATOR, Binding
from identity.grants.tables import changes, grants
from identity.tenants import queries as tenants

FEED_KEPT: Final = timedelta(hours=6)
_FEED_LOCK: Final = 0x6C6F7579
"""Held from a change's insertion to its commit, so that positions become visible in their order."""


async def grant(
    unit: UnitOfWork,
    standing: Standing,
    role_code: str,
    binding: Binding,
    starts_at: datetime | None,
    ends_at: datetime | None,
) -> Row:
    """Give an account a role in the caller's tenant. GRANT_EXISTS where it holds it already."""
    caller = unit.context.caller
    rules.check_not_self(caller.person_id, standing.person_id, caller.account_id, standing.account_id)
    role = rules.role_of(matrix(), role_code)
    kind = await tenants.kind_of(unit, unit.tenant_id)
    rules.check_grant(role, kind, binding, staff_account=standing.staff)
    if standing.left:
        raise Invalid("ACCOUNT_LEFT", fields=[FieldError("account", "ACCOUNT_LEFT")])
    begins = starts_at or system_now()
    rules.check_period(begins, ends_at)
    return await _insert(unit, unit.tenant_id, standing, role_code, binding, begins, ends_at)


async def appoint(unit: UnitOfWork, tenant_id: str, standing: Standing, role: str = ADMINISTRATOR) -> None:
    """Make an account the first administrator of a tenant that is being set up."""
    rules.check_grant(
        rules.role_of(matrix(), role),
        await tenants.kind_of(unit, tenant_id),
        Binding(),
        staff_account=standing.staff,
    )
    async with inside(unit, tenant_id):
        await _insert(unit, tenant_id, standing, role, Binding(), system_now(), None)


async def _insert(
    unit: UnitOfWork,
    tenant_id: str,
    standing: Standing,
    role: str,
    binding: Binding,
    starts_at: datetime,
    ends_at: datetime | None,
) -> Row:
    statement = (
        insert(grants)
        .values(
            tenant_id=tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            synthetic=standing.synthetic,
            account_id=standing.account_id,
            role=role,
            floor=binding.floor,
            enterprise_id=binding.enterprise_id,
            case_id=binding.case_id,
            starts_at=starts_at,
            ends_at=ends_at,
            revoke_reason="",
        )
        .returning(grants)
    )
    try:
        given = await unit.one(statement)
    except UniqueViolationError as error:
        raise Conflict("GRANT_EXISTS", fields=[FieldError("role", "GRANT_EXISTS")]) from error
    unit.audit("grants.grant", given.id, account=standing.account_id, role=role, tenant=tenant_id)
    unit.emit(
        events.granted(given), aggregate_id=given.id, audience=[standing.account_id], tenant_id=tenant_id
    )
    await note(unit, "grants", standing.account_id)
    return given


async def revoke(unit: UnitOfWork, grant_id: str, standing: Standing, reason: str) -> Row:
    """Take a role back; nothing happens to one that was taken back before."""
    own = (grants.c.tenant_id == unit.tenant_id) & (grants.c.id == grant_id)
    found = await unit.first(select(grants).where(own).with_for_update())
    if found is None:
        raise NotFound("GRANT_NOT_FOUND")
    caller = unit.context.caller
    rules.check_not_self(caller.person_id, standing.person_id, caller.account_id, found.account_id)
    if found.revoked_at is not None:
        return found
    if found.role == ADMINISTRATOR and await _administrators(unit) == 1:
        raise Conflict("LAST_ADMINISTRATOR")
    taken = await unit.one(
        update(grants)
        .where(own)
        .values(
            revoked_at=system_now(),
            revoke_reason=reason,
            version=grants.c.version + 1,
            updated_at=unit.now,
        )
        .returning(grants)
    )
    row = taken
    unit.audit("grants.revoke", grant_id, account=row.account_id, role=row.role, reason=reason)
    unit.emit(events.revoked(row), aggregate_id=grant_id, audience=[row.account_id])
    await note(unit, "grants", row.account_id)
    return row


async def _administrators(unit: UnitOfWork) -> int:
    # Rows are locked so that two administrators cannot remove each other at the same time.
    live = await unit.fetch(
        select(grants.c.account_id)
        .where(
            grants.c.tenant_id == unit.tenant_id,
            grants.c.role == ADMINISTRATOR,
            grants.c.revoked_at.is_(None),
        )
        .with_for_update()
    )
    return len({row.account_id for row in live})


async def note(unit: UnitOfWork, kind: str, account_id: str | None, session_id: str = "") -> None:
    """Tell every service that what it knows about an account or session is out of date."""
    await unit.execute(select(func.pg_advisory_xact_lock(_FEED_LOCK)))
    values = {"kind": kind, "account_id": account_id, "session_id": session_id, "at": system_now()}
    await unit.execute(insert(changes).values(values).inline())


async def note_tenant(unit: UnitOfWork) -> None:
    """Tell every service that what it knows about reaches and closed tenants is out of date."""
    await note(unit, "tenant", None)


async def forget_changes(units: Units) -> int:
    """Drop the part of the feed that nobody can still be waiting for."""

    async def work(unit: UnitOfWork) -> int:
        newest = select(func.max(changes.c.position)).scalar_subquery()
        old = delete(changes).where(changes.c.at < system_now() - FEED_KEPT, changes.c.position < newest)
        return await unit.execute(old)

    return await units.run(units.job_context("forget-changes"), work)
