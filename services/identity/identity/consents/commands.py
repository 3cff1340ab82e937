"""Agreeing, and taking it back."""

from datetime import datetime

from sqlalchemy import insert, update

from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from identity.consents import events, queries, rules
from identity.consents.tables import consents
from identity.tenants import queries as tenants


async def record(unit: UnitOfWork, purpose: str, recipient_id: str, expires_at: datetime | None) -> Row:
    """The caller agrees to a purpose towards an organisation."""
    rules.check_expiry(unit.now, expires_at)
    await tenants.kind_of(unit, recipient_id)
    caller = unit.context.caller
    consent_id = new_id()
    # Without RETURNING: the caller reads the row back as its own.
    await unit.execute(
        insert(consents).values(
            tenant_id=recipient_id,
            id=consent_id,
            created_at=unit.now,
            updated_at=unit.now,
            created_by=caller.actor,
            person_id=caller.person_id,
            account_id=caller.account_id,
            purpose=purpose,
            expires_at=expires_at,
        )
    )
    row = await queries.own(unit, consent_id)
    unit.audit("consents.record", consent_id, purpose=purpose, recipient=recipient_id)
    unit.emit(
        events.changed(row, active=True),
        aggregate_id=consent_id,
        tenant_id=recipient_id,
        audience=[caller.account_id],
    )
    return row


async def withdraw(unit: UnitOfWork, consent_id: str) -> Row:
    """The caller takes an agreement back; nothing happens to one taken back before."""
    before = await queries.own(unit, consent_id)
    if before.withdrawn_at is not None:
        return before
    own = (consents.c.tenant_id == before.tenant_id) & (consents.c.id == consent_id)
    done = await unit.execute(
        update(consents)
        .where(own, consents.c.withdrawn_at.is_(None))
        .values(withdrawn_at=unit.now, version=consents.c.version + 1, updated_at=unit.now)
    )
    row = await queries.own(unit, consent_id)
    if done:
        unit.audit("consents.withdraw", consent_id)
        unit.emit(
            events.changed(row, active=False),
            aggregate_id=consent_id,
            tenant_id=row.tenant_id,
            audience=[row.account_id],
        )
    return row
