"""What is done with transfers: one function a verb, each in the caller's unit of work.

The source and the superior act as the parties that the record names; the record, and every event about it,
stays the target's.
"""

from dataclasses import dataclass
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import ColumnElement, insert, update

from chassis import days
from chassis.errors import Conflict, FieldError, Invalid, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.affiliations import commands as affiliations
from membership.members import commands as roster
from membership.members import queries as members
from membership.members.commands import Place
from membership.texts import clean
from membership.transfers import events, queries, rules
from membership.transfers.rules import Side, State, Trouble, Verb
from membership.transfers.settings import SETTINGS
from membership.transfers.tables import transfers


@dataclass(frozen=True, slots=True)
class Wish:
    """A transfer as the member or the office asks for it."""

    person_id: str
    account: str
    display: str
    source_id: str
    source_name: str
    place: Place
    joined_on: str
    synthetic: bool


async def ask(unit: UnitOfWork, wish: Wish) -> Row:
    """Prepare a transfer; the member's own is submitted at once. TRANSFERS_NOT_CONFIGURED, TRANSFER_EXISTS,
    SOURCE_UNKNOWN, MEMBER_EXISTS for whose relation is here already."""
    rules.check_source(wish.source_id, wish.source_name, unit.tenant_id)
    held = await SETTINGS.current(unit)
    rules.check_configured(held)
    known = await queries.tenants(unit, (wish.source_id, unit.tenant_id))
    if wish.source_id and wish.source_id not in known:
        raise Invalid("SOURCE_UNKNOWN", fields=[FieldError("source_id", "SOURCE_UNKNOWN")])
    await roster.check_party_place(unit, wish.place)
    await roster.check_relation_elsewhere(unit, wish.person_id)
    place = known.get(unit.tenant_id)
    statement = insert(transfers).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=unit.context.caller.actor,
        synthetic=wish.synthetic,
        person_id=wish.person_id,
        account=wish.account or None,
        display=wish.display,
        source_id=wish.source_id or None,
        source_name=clean(source_name=wish.source_name)["source_name"],
        resolver_id=(place.superior_id or place.region_id) if place else None,
        org_id=wish.place.org_id,
        group_id=wish.place.group_id or None,
        employer_id=wish.place.employer_id or None,
        joined_on=days.past("joined_on", wish.joined_on, unit.now) if wish.joined_on else None,
        state=State.DRAFT,
        letter_days=held.letter_days,
    )
    try:
        row = await unit.one(statement.returning(transfers))
    except UniqueViolationError as error:
        raise Conflict("TRANSFER_EXISTS") from error
    unit.audit("transfers.ask", row.id)
    return await _submit(unit, row) if unit.context.caller.person_id == row.person_id else row


async def submit(unit: UnitOfWork, transfer_id: str) -> Row:
    """The member submits what the office prepared."""
    return await _submit(unit, await queries.one(unit, queries.own(unit), transfer_id, lock=True))


async def _submit(unit: UnitOfWork, row: Row) -> Row:
    state = rules.move(State(row.state), Verb.SUBMIT, Side.PERSON)
    held = await SETTINGS.current(unit)
    row = await _write(
        unit,
        row,
        state=state,
        confirmed_at=unit.now,
        account=unit.context.caller.account_id or None,
        silent_on=rules.silent_on(days.day_of(unit.now), held),
    )
    unit.audit("transfers.submit", row.id)
    events.submitted(unit, row)
    return row


async def withdraw(unit: UnitOfWork, transfer_id: str) -> Row:
    """The member takes it back before the source has released."""
    row = await queries.one(unit, queries.own(unit), transfer_id, lock=True)
    state = rules.move(State(row.state), Verb.WITHDRAW, Side.PERSON)
    row = await _write(unit, row, state=state, ended_at=unit.now)
    unit.audit("transfers.withdraw", row.id)
    events.withdrawn(unit, row)
    return row


async def release(unit: UnitOfWork, transfer_id: str, etag: str, letter_no: str) -> Row:
    """The source releases with a letter."""
    row, state = await _take(unit, queries.outgoing(unit), transfer_id, etag, Verb.RELEASE, Side.SOURCE)
    return await _let_go(unit, row, state, letter_no)


async def resolve(
    unit: UnitOfWork, transfer_id: str, etag: str, trouble: str, evidence_no: str, letter_no: str
) -> Row:
    """The superior stands in for a source. SOURCE_MAY_ANSWER before a source that takes part is silent."""
    row, state = await _take(unit, queries.stuck(unit), transfer_id, etag, Verb.RESOLVE, Side.SUPERIOR)
    rules.check_trouble(
        Trouble(trouble),
        takes_part=row.source_id is not None,
        silent_since=row.silent_on,
        today=days.day_of(unit.now),
    )
    evidence = clean(evidence_no=evidence_no)["evidence_no"]
    return await _let_go(unit, row, state, letter_no, trouble=trouble, evidence_no=evidence)


async def _let_go(unit: UnitOfWork, row: Row, state: State, letter_no: str, **values: Any) -> Row:
    today = days.day_of(unit.now)
    row = await _write(
        unit,
        row,
        state=state,
        letter_no=clean(letter_no=letter_no)["letter_no"],
        released_on=today,
        valid_until=rules.valid_until(today, rules.Settings(row.letter_days, 0)),
        released_by=unit.context.caller.person_id or None,
        released_at=unit.now,
        **values,
    )
    unit.audit("transfers.release", row.id, trouble=row.trouble)
    events.released(unit, row)
    return row


async def refuse(unit: UnitOfWork, transfer_id: str, etag: str, reason: str) -> Row:
    """The source refuses, and says why."""
    row, state = await _take(unit, queries.outgoing(unit), transfer_id, etag, Verb.REFUSE, Side.SOURCE)
    return await _turn_down(unit, row, state, reason)


async def reject(unit: UnitOfWork, transfer_id: str, etag: str, reason: str) -> Row:
    """The target does not take the member, and says why."""
    row, state = await _take(unit, queries.here(unit), transfer_id, etag, Verb.REJECT, Side.TARGET)
    return await _turn_down(unit, row, state, reason)


async def _turn_down(unit: UnitOfWork, row: Row, state: State, reason: str) -> Row:
    words = clean(reason=reason)["reason"]
    row = await _write(unit, row, state=state, reason=words, ended_at=unit.now)
    unit.audit("transfers.reject", row.id)
    events.rejected(unit, row)
    return row


async def receive(unit: UnitOfWork, transfer_id: str, etag: str, receipt_no: str) -> Row:
    """The target receives: an affiliation here ends, the relation is here from now on. LETTER_EXPIRED."""
    row, state = await _take(unit, queries.here(unit), transfer_id, etag, Verb.RECEIVE, Side.TARGET)
    rules.check_valid(row.valid_until, days.day_of(unit.now))
    row = await _write(
        unit,
        row,
        state=state,
        receipt_no=clean(receipt_no=receipt_no)["receipt_no"],
        received_by=unit.context.caller.person_id or None,
        ended_at=unit.now,
    )
    await affiliations.transferred(unit, row.person_id)
    await roster.admit_own(unit, row, Place(row.org_id, row.group_id or "", row.employer_id or ""))
    unit.audit("transfers.receive", row.id)
    events.completed(unit, row)
    return row


async def expire(unit: UnitOfWork, transfer_id: str) -> int:
    """Its letter ran out; 1 where it did, 0 where somebody was faster."""
    row = await queries.get(unit, transfer_id, lock=True)
    if not rules.is_expired(State(row.state), row.valid_until, days.day_of(unit.now)):
        return 0
    state = rules.move(State(row.state), Verb.EXPIRE, Side.CALENDAR)
    row = await _write(unit, row, state=state, ended_at=unit.now)
    events.expired(unit, row)
    return 1


async def leave(unit: UnitOfWork, person_id: str) -> int:
    """Take a member whose relation was received elsewhere off the source's roster."""
    member = await members.open_party(unit, person_id)
    if member is None or member.affiliation_id is not None:
        return 0
    locked = await members.get(unit, member.id, lock=True)
    await roster.dismiss(unit, locked, "transferred", days.day_of(unit.now))
    return 1


async def left(unit: UnitOfWork, transfer_id: str) -> int:
    """The source's roster was looked after."""
    row = await queries.get(unit, transfer_id, lock=True)
    await _write(unit, row, left_at=unit.now)
    return 1


async def set_days(unit: UnitOfWork, etag: str, letter_days: int, silent_days: int) -> None:
    """Set the days anew, as the next version."""
    held = await SETTINGS.current(unit)
    await SETTINGS.begin(unit, etag, **rules.changed(held, letter_days, silent_days))


async def _take(
    unit: UnitOfWork, where: ColumnElement[bool], transfer_id: str, etag: str, verb: Verb, side: Side
) -> tuple[Row, State]:
    """Lock one for a verb; the state it leads to. What a party may not change it cannot lock, hence the look
    before: it says why."""
    for lock in (False, True):
        row = await queries.one(unit, where, transfer_id, lock=lock)
        if etag != str(row.version):
            raise Stale
        state = rules.move(State(row.state), verb, side)
        rules.check_not_oneself(unit.context.caller.person_id, row.person_id)
    return row, state


async def _write(unit: UnitOfWork, row: Row, **values: Any) -> Row:
    t = transfers.c
    return await unit.one(
        update(transfers)
        .where(t.tenant_id == row.tenant_id, t.id == row.id)
        .values(version=t.version + 1, updated_at=unit.now, **values)
        .returning(transfers)
    )
