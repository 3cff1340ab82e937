"""What is done with honours: one function a verb, each in the caller's unit of work."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import ColumnElement, insert, update

from chassis import days
from chassis.errors import Conflict, Stale
from chassis.events import Event
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.honours import events, queries, rules
from membership.honours.rules import Ending, Kind, State, Verb
from membership.honours.settings import SETTINGS
from membership.honours.tables import honours
from membership.members import queries as members
from membership.texts import clean, floor_order, prose

_WHOLE_BUILDING = 1000
"""What is for the whole building stands above the highest floor."""


@dataclass(frozen=True, slots=True)
class Nomination:
    """Somebody as put forward."""

    person_id: str
    account: str
    display: str
    kind: str
    shown_as: str
    floor: str
    place: str
    stars: int
    citation: str
    grounds: str
    synthetic: bool


async def nominate(unit: UnitOfWork, wish: Nomination) -> Row:
    """Put somebody forward. NOMINEE_NOT_MEMBER, HONOUR_IS_OWN, HONOUR_EXISTS where they are or may become
    the same already."""
    caller, kind = unit.context.caller, Kind(wish.kind)
    said = clean(shown_as=wish.shown_as, place=wish.place)
    said |= prose(citation=wish.citation, grounds=wish.grounds)
    rules.check_name(said["shown_as"])
    rules.check_nomination(kind, wish.person_id, caller.person_id, said["place"], wish.stars)
    rules.check_nominee(kind, on_roster=await _on_roster(unit, kind, wish.person_id))
    statement = insert(honours).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=caller.actor,
        synthetic=wish.synthetic,
        kind=kind,
        person_id=wish.person_id,
        account=wish.account or None,
        display=wish.display,
        state=State.NOMINATED,
        floor=wish.floor,
        floor_order=floor_order(wish.floor) if wish.floor else _WHOLE_BUILDING,
        stars=wish.stars,
        number="",
        # Whoever has seen one plaque's code can guess no other's.
        code=str(uuid.uuid4()),
        reason="",
        nominator=caller.person_id,
        nominator_account=caller.account_id or None,
        ending="",
        **said,
    )
    try:
        row = await unit.one(statement.returning(honours))
    except UniqueViolationError as error:
        raise Conflict("HONOUR_EXISTS") from error
    unit.audit("honours.nominate", row.id, kind=str(kind))
    events.changed(unit, row)
    return row


async def _on_roster(unit: UnitOfWork, kind: Kind, person_id: str) -> bool:
    """The roster is looked into for what is for members only."""
    return kind in rules.FOR_MEMBERS and await members.on_party_roster(unit, person_id)


async def withdraw(unit: UnitOfWork, honour_id: str) -> Row:
    """The branch takes a nomination back before the nominee has consented."""
    row = await queries.one(unit, queries.here(unit), honour_id, lock=True)
    return await _set(unit, row, Verb.WITHDRAW)


async def approve(unit: UnitOfWork, honour_id: str, etag: str, until_date: str) -> Row:
    """The branch approves what will be public, and for how long. A member who has left the roster meanwhile
    is refused."""
    row = await _to_decide(unit, honour_id, etag, Verb.APPROVE)
    asked = days.parse("until_date", until_date)
    until = rules.last_day(asked, days.day_of(unit.now), await SETTINGS.current(unit))
    kind = Kind(row.kind)
    rules.check_nominee(kind, on_roster=await _on_roster(unit, kind, row.person_id))
    return await _set(unit, row, Verb.APPROVE, until_on=until, **_decision(unit))


async def reject(unit: UnitOfWork, honour_id: str, etag: str, reason: str) -> Row:
    """The branch turns a nomination down."""
    row = await _to_decide(unit, honour_id, etag, Verb.REJECT)
    return await _set(unit, row, Verb.REJECT, **prose(reason=reason), **_decision(unit))


async def revoke(unit: UnitOfWork, honour_id: str, etag: str, reason: str) -> Row:
    """The branch revokes what is on display."""
    row = await _to_decide(unit, honour_id, etag, Verb.REVOKE)
    ended = {"ended_on": days.day_of(unit.now), **_decision(unit)}
    return await _set(unit, row, Verb.REVOKE, **prose(reason=reason), **ended)


async def _to_decide(unit: UnitOfWork, honour_id: str, etag: str, verb: Verb) -> Row:
    row = await _seen(unit, queries.here(unit), honour_id, etag)
    rules.check_decides(verb, row.person_id, row.nominator, unit.context.caller.person_id)
    return row


async def _seen(unit: UnitOfWork, where: ColumnElement[bool], honour_id: str, etag: str) -> Row:
    row = await queries.one(unit, where, honour_id, lock=True)
    if etag != str(row.version):
        raise Stale
    return row


def _decision(unit: UnitOfWork) -> dict[str, Any]:
    return {"decider": unit.context.caller.person_id, "decided_at": unit.now}


async def consent(unit: UnitOfWork, honour_id: str, etag: str) -> Row:
    """The nominee consents to what they saw: it is public from today. HONOUR_TERM_OVER."""
    row = await _seen(unit, queries.own(unit), honour_id, etag)
    rules.move(State(row.state), Verb.CONSENT)
    today = days.day_of(unit.now)
    rules.check_term(row.until_on, today)
    return await _set(
        unit,
        row,
        Verb.CONSENT,
        account=unit.context.caller.account_id or None,
        consented_at=unit.now,
        from_on=today,
        number=f"H-{await unit.number('honour'):04d}",
    )


async def decline(unit: UnitOfWork, honour_id: str) -> Row:
    """The nominee does not consent."""
    row = await queries.one(unit, queries.own(unit), honour_id, lock=True)
    return await _set(unit, row, Verb.DECLINE)


async def step_down(unit: UnitOfWork, honour_id: str) -> Row:
    """The holder takes the consent back."""
    row = await queries.one(unit, queries.own(unit), honour_id, lock=True)
    return await _over(unit, row, Verb.STEP_DOWN, Ending.STEPPED_DOWN)


async def end(unit: UnitOfWork, honour_id: str, etag: str, ending: str) -> Row:
    """The branch ends an honour before its term."""
    row = await _seen(unit, queries.here(unit), honour_id, etag)
    return await _over(unit, row, Verb.END, Ending(ending))


async def expire(unit: UnitOfWork, honour_id: str) -> int:
    """Its term is over; 1 where it ended, 0 where somebody was faster."""
    row = await queries.one(unit, queries.here(unit), honour_id, lock=True)
    open_term = State(row.state) in rules.TRANSITIONS[Verb.EXPIRE][1]
    if not open_term or not rules.is_over(row.until_on, days.day_of(unit.now)):
        return 0
    await _over(unit, row, Verb.EXPIRE, Ending.TERM_OVER)
    return 1


async def end_departed(unit: UnitOfWork, told: Sequence[Event]) -> None:
    """Whoever is on the roster no more is honoured as a member no more."""
    for person_id in events.departed(told):
        if await members.on_party_roster(unit, person_id):
            continue
        for row in await queries.open_of_member(unit, person_id):
            await _over(unit, row, Verb.LEAVE, Ending.LEFT)


async def _over(unit: UnitOfWork, row: Row, verb: Verb, ending: Ending) -> Row:
    return await _set(unit, row, verb, ended_on=days.day_of(unit.now), ending=ending)


async def set_term(unit: UnitOfWork, etag: str, term_days: int) -> rules.Settings:
    """Set the length of a term anew, as the next version."""
    return await SETTINGS.begin(unit, etag, term_days=term_days)


async def _set(unit: UnitOfWork, row: Row, verb: Verb, **values: Any) -> Row:
    h = honours.c
    after = await unit.one(
        update(honours)
        .where(h.tenant_id == unit.tenant_id, h.id == row.id)
        .values(
            version=h.version + 1, updated_at=unit.now, state=rules.move(State(row.state), verb), **values
        )
        .returning(honours)
    )
    unit.audit(f"honours.{verb}", row.id)
    events.changed(unit, after)
    return after
