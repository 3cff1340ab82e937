"""What is done with check-ins: one function a verb, each in the caller's unit of work.

The record, and every event about it, is the organisation's; the community acts as the party that it names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update

from chassis import days
from chassis.errors import Conflict, FieldError, Forbidden, Invalid, Stale
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.community_checkins import events, queries, rules
from membership.community_checkins.rules import Kind, State, Verb
from membership.community_checkins.settings import SETTINGS
from membership.community_checkins.tables import checkins
from membership.members import queries as members
from membership.orgs import queries as orgs
from membership.texts import prose


@dataclass(frozen=True, slots=True)
class Wish:
    """To report to a community, with what is offered there."""

    community_id: str
    offers: Sequence[str]
    synthetic: bool


async def check_in_organisation(unit: UnitOfWork, org_id: str, wish: Wish) -> Row:
    """An organisation of the tenant reports. CHECKIN_EXISTS, COMMUNITY_UNKNOWN."""
    org = await orgs.active(unit, org_id)
    return await _insert(unit, wish, Kind.ORGANISATION, org_id=org.id, org_name=org.name, display="")


async def check_me_in(unit: UnitOfWork, display: str, wish: Wish) -> Row:
    """The caller reports. NOT_A_MEMBER, CHECKIN_EXISTS, COMMUNITY_UNKNOWN."""
    caller = unit.context.caller
    member = await members.counted_party(unit, caller.person_id)
    if member is None:
        raise Forbidden("NOT_A_MEMBER")
    names = await orgs.names(unit, [member.org_id])
    return await _insert(
        unit,
        wish,
        Kind.MEMBER,
        org_id=member.org_id,
        org_name=names.get(member.org_id, ""),
        person_id=caller.person_id,
        display=display,
    )


async def _insert(unit: UnitOfWork, wish: Wish, kind: Kind, **values: Any) -> Row:
    if not await queries.is_community(unit, wish.community_id):
        raise Invalid("COMMUNITY_UNKNOWN", fields=[FieldError("community_id", "COMMUNITY_UNKNOWN")])
    caller = unit.context.caller
    statement = insert(checkins).values(
        **unit.fresh(synthetic=wish.synthetic),
        kind=kind,
        community_id=wish.community_id,
        account=caller.account_id or None,
        reporter=caller.person_id or None,
        offers=sorted(set(wish.offers)),
        state=State.REPORTED,
        post="",
        reason="",
        **values,
    )
    try:
        row = await unit.one(statement.returning(checkins))
    except UniqueViolationError as error:
        raise Conflict("CHECKIN_EXISTS") from error
    unit.audit("community_checkins.report", row.id, kind=str(kind))
    events.changed(unit, row)
    return row


async def end(unit: UnitOfWork, checkin_id: str, etag: str) -> Row:
    """The organisation's reporting ends, without a task left. CHECKIN_HAS_TASKS."""
    row = await queries.checkin(unit, checkin_id, lock=True)
    if etag != str(row.version):
        raise Stale
    state = rules.move(State(row.state), Kind(row.kind), Verb.END)
    rules.check_none_left(await queries.undone(unit, row))
    return await _over(unit, row, Verb.END, state)


async def leave(unit: UnitOfWork, checkin_id: str) -> Row:
    """The member takes part there no more; what was served stays."""
    row = await queries.mine(unit, checkin_id, lock=True)
    return await _over(unit, row, Verb.LEAVE, rules.move(State(row.state), Kind(row.kind), Verb.LEAVE))


async def confirm(unit: UnitOfWork, checkin_id: str, etag: str, post: str) -> Row:
    """The community confirms, and gives a member a post. OWN_RECORD, CHECKIN_POST."""
    row, state = await _take(unit, checkin_id, etag, Verb.CONFIRM)
    rules.check_post(Kind(row.kind), post)
    return await _write(
        unit, row, Verb.CONFIRM, state=state, post=post, confirmed_on=days.day_of(unit.now), **_decided(unit)
    )


async def give_back(unit: UnitOfWork, checkin_id: str, etag: str, reason: str) -> Row:
    """The community does not confirm. OWN_RECORD."""
    row, state = await _take(unit, checkin_id, etag, Verb.RETURN)
    return await _write(unit, row, Verb.RETURN, state=state, **prose(reason=reason), **_decided(unit))


async def set_hours(unit: UnitOfWork, etag: str, hours_year: int) -> rules.Settings:
    """Set what a member is to serve in a year anew, as the next version."""
    return await SETTINGS.begin(unit, etag, hours_year=hours_year)


async def _take(unit: UnitOfWork, checkin_id: str, etag: str, verb: Verb) -> tuple[Row, State]:
    """Lock one for a verb of its community. What a party may not change it cannot lock, hence the look
    before: it says why."""
    for lock in (False, True):
        row = await queries.checkin(unit, checkin_id, lock=lock)
        if etag != str(row.version):
            raise Stale
        state = rules.move(State(row.state), Kind(row.kind), verb)
        rules.check_not_oneself(unit.context.caller.person_id, row.reporter)
    return row, state


def _decided(unit: UnitOfWork) -> dict[str, Any]:
    return {"decider": unit.context.caller.person_id or None}


async def _over(unit: UnitOfWork, row: Row, verb: Verb, state: State) -> Row:
    return await _write(unit, row, verb, state=state, ended_on=days.day_of(unit.now))


async def _write(unit: UnitOfWork, row: Row, verb: Verb, **values: Any) -> Row:
    c = checkins.c
    after = await unit.one(
        update(checkins)
        .where(c.tenant_id == row.tenant_id, c.id == row.id)
        .values(version=c.version + 1, updated_at=unit.now, **values)
        .returning(checkins)
    )
    unit.audit(f"community_checkins.{verb}", row.id)
    events.changed(unit, after)
    return after
