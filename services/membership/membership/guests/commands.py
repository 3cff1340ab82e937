"""What is done with guests: one function a verb, each in the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import days
from chassis.errors import Conflict, Stale
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.guests import events, queries, rules
from membership.guests.events import Happened
from membership.guests.rules import Ending, State, Verb
from membership.guests.settings import SETTINGS
from membership.guests.tables import attendances, guests
from membership.members import queries as members
from membership.texts import clean, key_of_name


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody as a guest, as the office or the person puts it."""

    person_id: str
    account: str
    display: str
    enterprise_name: str
    synthetic: bool


async def invite(unit: UnitOfWork, wish: Wish) -> Row:
    """The office invites; the person is asked. GUEST_EXISTS, GUEST_IS_MEMBER."""
    rules.check_not_oneself(unit.context.caller.person_id, wish.person_id)
    return await _insert(unit, wish, State.INVITED)


async def ask(unit: UnitOfWork, wish: Wish) -> Row:
    """The person asks."""
    return await _insert(unit, wish, State.ASKED, confirmed_at=unit.now)


async def admit(unit: UnitOfWork, guest_id: str, etag: str, until_on: str) -> Row:
    """The office admits who asked."""
    row = await _seen(unit, guest_id, etag)
    rules.check_not_oneself(unit.context.caller.person_id, row.person_id)
    return await _set(unit, row, Verb.ADMIT, **await _term(unit, until_on))


async def reject(unit: UnitOfWork, guest_id: str, etag: str) -> Row:
    """The office does not admit."""
    return await _set(unit, await _seen(unit, guest_id, etag), Verb.REJECT)


async def end(unit: UnitOfWork, guest_id: str, etag: str) -> Row:
    """The office ends it."""
    return await _over(unit, await _seen(unit, guest_id, etag), Verb.END, Ending.WITHDRAWN)


async def confirm(unit: UnitOfWork, guest_id: str) -> Row:
    """The person confirms an invitation."""
    row = await queries.one(unit, queries.own(unit), guest_id, lock=True)
    account = unit.context.caller.account_id or None
    term = await _term(unit, "")
    return await _set(unit, row, Verb.CONFIRM, confirmed_at=unit.now, account=account, **term)


async def decline(unit: UnitOfWork, guest_id: str) -> Row:
    """The person declines an invitation."""
    row = await queries.one(unit, queries.own(unit), guest_id, lock=True)
    return await _set(unit, row, Verb.DECLINE)


async def leave(unit: UnitOfWork, guest_id: str) -> Row:
    """The person is a guest no more, or wants to be none any more."""
    row = await queries.one(unit, queries.own(unit), guest_id, lock=True)
    return await _over(unit, row, Verb.LEAVE, Ending.LEFT)


async def expire(unit: UnitOfWork, guest_id: str) -> int:
    """The last day has passed; 1 where it ended, 0 where somebody was faster."""
    row = await queries.one(unit, queries.here(unit), guest_id, lock=True)
    if row.state != State.ADMITTED or not rules.is_over(row.until_on, days.day_of(unit.now)):
        return 0
    await _over(unit, row, Verb.EXPIRE, Ending.TERM_OVER)
    return 1


async def keep(unit: UnitOfWork, happened: Sequence[Happened]) -> None:
    """Keep what guests took part in, each once: that is what counts as external."""
    if not happened:
        return
    counting = await queries.counting(unit, (one.person_id for one in happened))
    rows: list[dict[str, Any]] = [
        {"tenant_id": unit.tenant_id, "id": one.enrolment_id, "guest_id": found.id, "attended_on": one.on}
        for one in happened
        if (found := counting.get(one.person_id)) and found.from_on <= one.on <= found.until_on
    ]
    if rows:
        await unit.execute(upsert(attendances).values(rows).on_conflict_do_nothing())


async def set_term(unit: UnitOfWork, etag: str, term_days: int) -> rules.Settings:
    """Set the length of a term anew, as the next version."""
    return await SETTINGS.begin(unit, etag, term_days=term_days)


async def _insert(unit: UnitOfWork, wish: Wish, state: State, **values: Any) -> Row:
    if await members.open_party(unit, wish.person_id):
        raise Conflict("GUEST_IS_MEMBER")
    name = clean(enterprise_name=wish.enterprise_name)["enterprise_name"]
    statement = insert(guests).values(
        **unit.fresh(synthetic=wish.synthetic),
        person_id=wish.person_id,
        account=wish.account or None,
        display=wish.display,
        enterprise_name=name,
        enterprise_key=key_of_name(name),
        state=state,
        ending="",
        **values,
    )
    try:
        row = await unit.one(statement.returning(guests))
    except UniqueViolationError as error:
        raise Conflict("GUEST_EXISTS") from error
    unit.audit(f"guests.{state}", row.id)
    events.changed(unit, row)
    return row


async def _seen(unit: UnitOfWork, guest_id: str, etag: str) -> Row:
    row = await queries.one(unit, queries.here(unit), guest_id, lock=True)
    if etag != str(row.version):
        raise Stale
    return row


async def _term(unit: UnitOfWork, until_on: str) -> dict[str, Any]:
    today = days.day_of(unit.now)
    asked = days.parse("until_on", until_on)
    return {"from_on": today, "until_on": rules.last_day(asked, today, await SETTINGS.current(unit))}


async def _over(unit: UnitOfWork, row: Row, verb: Verb, ending: Ending) -> Row:
    return await _set(unit, row, verb, ended_on=days.day_of(unit.now), ending=ending)


async def _set(unit: UnitOfWork, row: Row, verb: Verb, **values: Any) -> Row:
    g = guests.c
    after = await unit.one(
        update(guests)
        .where(g.tenant_id == row.tenant_id, g.id == row.id)
        .values(
            version=g.version + 1, updated_at=unit.now, state=rules.move(State(row.state), verb), **values
        )
        .returning(guests)
    )
    unit.audit(f"guests.{verb}", row.id)
    events.changed(unit, after)
    return after
