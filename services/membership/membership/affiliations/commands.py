"""What is done with affiliations: one function a verb, each in the caller's unit of work.

The home organisation acts as the party that the record names; the record, and every event about it, stays
the building's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import days
from chassis.errors import Conflict, FieldError, Invalid, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership import assent
from membership.affiliations import events, queries, rules
from membership.affiliations.rules import Ending, Happened, Side, State, Verb
from membership.affiliations.tables import affiliations, attendances
from membership.members import commands as roster
from membership.members import queries as members
from membership.members.commands import Place
from membership.texts import clean

_LEAVING: Final = {
    Ending.LEFT: "left",
    Ending.TRANSFERRED: "transferred",
    Ending.MISTAKE: "mistake",
    Ending.NOT_KNOWN: "mistake",
}
"""How the roster calls the end of a membership whose affiliation ended."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """An affiliation as the member or somebody else declares it."""

    person_id: str
    account: str
    display: str
    home_id: str
    home_name: str
    place: Place
    joined_on: str
    told_on: str
    told_how: str
    synthetic: bool


async def declare(unit: UnitOfWork, said: Declaration) -> Row:
    """Declare an affiliation. It is confirmed where the member declares it. AFFILIATION_EXISTS, HOME_UNKNOWN,
    MEMBER_EXISTS for who is on the party's roster here."""
    rules.check_home(said.home_id, said.home_name)
    if said.home_id and not await queries.is_home(unit, said.home_id):
        raise Invalid("HOME_UNKNOWN", fields=[FieldError("home_id", "HOME_UNKNOWN")])
    rules.check_free(await members.open_party(unit, said.person_id) is not None)
    floor = await roster.check_party_place(unit, said.place)
    told_on = days.past("told_on", said.told_on, unit.now) if said.told_on else None
    assent.check_telling(told_on, said.told_how)
    caller = unit.context.caller
    oneself = caller.person_id == said.person_id
    held = await members.in_force(unit)
    statement = insert(affiliations).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=caller.actor,
        synthetic=said.synthetic,
        person_id=said.person_id,
        account=said.account or None,
        display=said.display,
        home_id=said.home_id or None,
        home_name=clean(home_name=said.home_name)["home_name"],
        org_id=said.place.org_id,
        group_id=said.place.group_id or None,
        floor=floor,
        employer_id=said.place.employer_id or None,
        joined_on=days.past("joined_on", said.joined_on, unit.now) if said.joined_on else None,
        state=State.DECLARED,
        self_declared=oneself,
        declared_by=caller.person_id or None,
        told_on=told_on,
        told_how=said.told_how,
        confirmed_at=unit.now if oneself else None,
        group_due_on=days.day_of(unit.now) + timedelta(days=held.group_days),
    )
    try:
        row = await unit.one(statement.returning(affiliations))
    except UniqueViolationError as error:
        raise Conflict("AFFILIATION_EXISTS") from error
    unit.audit("affiliations.declare", row.id, oneself=oneself)
    events.declared(unit, row)
    return row


async def confirm(unit: UnitOfWork, affiliation_id: str) -> Row:
    """The member confirms what somebody registered."""
    row = await queries.mine(unit, affiliation_id, lock=True)
    rules.move(State(row.state), Verb.CONFIRM, Side.PERSON)
    row = await _write(
        unit, row, confirmed_at=row.confirmed_at or unit.now, account=unit.context.caller.account_id
    )
    unit.audit("affiliations.confirm", row.id)
    return row


async def object_to(unit: UnitOfWork, affiliation_id: str) -> Row:
    """The member objects to what somebody registered, or takes the own declaration back."""
    row = await queries.mine(unit, affiliation_id, lock=True)
    row = await _write(unit, row, state=rules.move(State(row.state), Verb.OBJECT, Side.PERSON))
    unit.audit("affiliations.object", row.id)
    events.declined(unit, row)
    return row


async def notify(unit: UnitOfWork, affiliation_id: str, told_on: str, told_how: str) -> Row:
    """The member was told outside of Louyu."""
    row = await queries.get(unit, affiliation_id, lock=True)
    rules.move(State(row.state), Verb.NOTIFY, Side.REGISTRAR)
    day = days.past("told_on", told_on, unit.now)
    row = await _write(unit, row, told_on=day, told_how=told_how)
    unit.audit("affiliations.notify", row.id, how=told_how)
    return row


async def verify(unit: UnitOfWork, affiliation_id: str, etag: str) -> Row:
    """The building verifies: the member counts, the home organisation is asked. NOT_CONFIRMED,
    NOTICE_RUNNING, OWN_RECORD, REGISTERED_BY_YOURSELF."""
    row, state = await _take(unit, affiliation_id, etag, Verb.VERIFY)
    verifier = unit.context.caller.person_id
    confirmed = row.confirmed_at is not None
    rules.check_verifier(verifier, row.person_id, row.declared_by, confirmed=confirmed)
    held = await members.in_force(unit)
    today = days.day_of(unit.now)
    assent.check(row, today, held.notice_days)
    row = await _write(
        unit,
        row,
        state=state,
        verified_by=verifier or None,
        verified_at=unit.now,
        home_due_on=today + timedelta(days=held.pending_home_days),
    )
    place = Place(row.org_id, row.group_id or "", row.employer_id or "")
    await roster.admit_floating(unit, row, place)
    unit.audit("affiliations.verify", row.id)
    events.verified(unit, row)
    return row


async def give_back(unit: UnitOfWork, affiliation_id: str, etag: str, reason: str) -> Row:
    """The building does not accept the declaration."""
    row, state = await _take(unit, affiliation_id, etag, Verb.RETURN)
    row = await _write(unit, row, state=state, reason=clean(reason=reason)["reason"])
    unit.audit("affiliations.return", row.id)
    events.returned(unit, row)
    return row


async def end(unit: UnitOfWork, affiliation_id: str, etag: str, ending: str, reason: str) -> Row:
    """The building ends it; the membership it gave ends with it."""
    row, _ = await _take(unit, affiliation_id, etag, Verb.END)
    return await finish(unit, row, Ending(ending), clean(reason=reason)["reason"])


async def transferred(unit: UnitOfWork, person_id: str) -> None:
    """The relation of somebody was transferred to the building: what ran with a home organisation ends."""
    row = await queries.open_of(unit, person_id, lock=True)
    if row is not None:
        await finish(unit, row, Ending.TRANSFERRED)


async def finish(unit: UnitOfWork, row: Row, ending: Ending, reason: str = "") -> Row:
    """End a locked affiliation and the membership it gave, on the strength of whatever record says so."""
    row = await _write(unit, row, state=State.ENDED, ending=ending, reason=reason, ended_at=unit.now)
    if member := await members.of_affiliation(unit, row.id, lock=True):
        await roster.dismiss(unit, member, _LEAVING[ending], days.day_of(unit.now))
    unit.audit("affiliations.end", row.id, ending=str(ending))
    events.ended(unit, row)
    return row


async def acknowledge(unit: UnitOfWork, affiliation_id: str, etag: str) -> Row:
    """The home organisation acknowledges."""
    row, state = await _take_home(unit, affiliation_id, etag, Verb.ACKNOWLEDGE)
    row = await _write(unit, row, state=state, reason="", **_answered(unit))
    unit.audit("affiliations.acknowledge", row.id)
    events.activated(unit, row)
    return row


async def dispute(unit: UnitOfWork, affiliation_id: str, etag: str, reason: str) -> Row:
    """The home organisation does not know the member; the building looks into it."""
    row, state = await _take_home(unit, affiliation_id, etag, Verb.DISPUTE)
    row = await _write(unit, row, state=state, reason=clean(reason=reason)["reason"], **_answered(unit))
    unit.audit("affiliations.dispute", row.id)
    events.disputed(unit, row)
    return row


async def keep(unit: UnitOfWork, happened: Sequence[Happened]) -> None:
    """Keep the attendances of members of two organisations, each once."""
    if not happened:
        return
    counting = await queries.counting(unit, (one.person_id for one in happened))
    rows: list[dict[str, Any]] = [
        {
            "tenant_id": unit.tenant_id,
            "id": one.enrolment_id,
            "affiliation_id": found.id,
            "home_id": found.home_id,
            "kind": one.attended.kind,
            "attended_on": one.attended.on,
        }
        for one in happened
        if (found := counting.get(one.person_id)) and days.day_of(found.verified_at) <= one.attended.on
    ]
    if rows:
        await unit.execute(upsert(attendances).values(rows).on_conflict_do_nothing())


async def _take(unit: UnitOfWork, affiliation_id: str, etag: str, verb: Verb) -> tuple[Row, State]:
    """Lock one of the building's for a verb; the state it leads to."""
    row = await queries.get(unit, affiliation_id, lock=True)
    if etag != str(row.version):
        raise Stale
    return row, rules.move(State(row.state), verb, Side.BUILDING)


async def _take_home(unit: UnitOfWork, affiliation_id: str, etag: str, verb: Verb) -> tuple[Row, State]:
    """Lock one for a verb of its home organisation. What a party may not change it cannot lock, hence the
    look before: it says why."""
    for lock in (False, True):
        row = await queries.at_home(unit, affiliation_id, lock=lock)
        if etag != str(row.version):
            raise Stale
        state = rules.move(State(row.state), verb, Side.HOME)
        rules.check_not_oneself(unit.context.caller.person_id, row.person_id)
    return row, state


def _answered(unit: UnitOfWork) -> dict[str, Any]:
    return {"answered_by": unit.context.caller.person_id or None, "answered_at": unit.now}


async def _write(unit: UnitOfWork, row: Row, **values: Any) -> Row:
    a = affiliations.c
    return await unit.one(
        update(affiliations)
        .where(a.tenant_id == row.tenant_id, a.id == row.id)
        .values(version=a.version + 1, updated_at=unit.now, **values)
        .returning(affiliations)
    )
