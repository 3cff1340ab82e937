"""What is done with applications for stars: the branch applies, its superior decides."""

from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update

from chassis.errors import Conflict, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.network import queries as network
from membership.orgs import queries as orgs
from membership.supervision import events, queries, rules
from membership.supervision.rules import Star, Step
from membership.supervision.tables import stars
from membership.texts import prose


async def apply(unit: UnitOfWork, org_id: str, level: int, grounds: str, *, synthetic: bool) -> Row:
    """A branch applies. STAR_FINDINGS_OPEN, STAR_WITHOUT_SUPERVISION, STAR_EXISTS."""
    org = await orgs.active(unit, org_id)
    place = await orgs.tenant(unit, unit.tenant_id)
    superior_id = (place.superior_id or place.region_id) if place else None
    if not network.is_branch(org) or not superior_id:
        raise Conflict("STAR_NOT_FOR_THIS")
    rules.check_ready(*await queries.standing(unit, unit.tenant_id))
    caller = unit.context.caller
    statement = insert(stars).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=caller.actor,
        synthetic=synthetic,
        superior_id=superior_id,
        org_id=org.id,
        org_name=org.name,
        level=level,
        **prose(grounds=grounds),
        state=Star.APPLIED,
        applicant=caller.person_id,
        applicant_account=caller.account_id or None,
        reason="",
    )
    try:
        row = await unit.one(statement.returning(stars))
    except UniqueViolationError as error:
        raise Conflict("STAR_EXISTS") from error
    unit.audit("supervision.apply", row.id, level=level)
    events.applied(unit, row)
    return row


async def withdraw(unit: UnitOfWork, star_id: str, etag: str) -> Row:
    """The branch takes it back."""
    return await _decide(unit, star_id, etag, Step.WITHDRAW)


async def grant(unit: UnitOfWork, star_id: str, etag: str) -> Row:
    """The superior grants it; what was found meanwhile is verified first. STAR_IS_OWN, STAR_FINDINGS_OPEN."""
    return await _decide(unit, star_id, etag, Step.GRANT)


async def refuse(unit: UnitOfWork, star_id: str, etag: str, reason: str) -> Row:
    """The superior turns it down. STAR_IS_OWN."""
    return await _decide(unit, star_id, etag, Step.REFUSE, **prose(reason=reason))


async def _decide(unit: UnitOfWork, star_id: str, etag: str, step: Step, **values: Any) -> Row:
    # What a party may not change it cannot lock, hence the look before: it says why.
    for lock in (False, True):
        row = await queries.star(unit, star_id, lock=lock)
        if etag != str(row.version):
            raise Stale
        state = rules.decide(Star(row.state), step)
    caller = unit.context.caller
    if step is not Step.WITHDRAW:
        rules.check_decides(row.applicant, caller.person_id)
    if step is Step.GRANT:
        rules.check_ready(*await queries.standing(unit, row.tenant_id))
    s = stars.c
    row = await unit.one(
        update(stars)
        .where(s.tenant_id == row.tenant_id, s.id == row.id)
        .values(
            version=s.version + 1,
            updated_at=unit.now,
            state=state,
            decider=caller.person_id or None,
            decided_at=unit.now,
            **values,
        )
        .returning(stars)
    )
    unit.audit(f"supervision.{step}", row.id)
    events.decided(unit, row)
    return row
