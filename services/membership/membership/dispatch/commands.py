"""What is done with links and batches: one function a verb, each in the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update

from chassis import days
from chassis.errors import Conflict, NotFound, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.dispatch import events, queries, rules
from membership.dispatch.rules import Item, State, Verb
from membership.dispatch.tables import batches, items, links, people
from membership.texts import clean, paragraphs, prose


@dataclass(frozen=True, slots=True)
class Sent:
    """Somebody who is sent."""

    person_id: str
    account: str
    display: str
    is_lead: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """The next batch, as the office puts it."""

    link_id: str
    people: Sequence[Sent]
    from_on: str
    until_on: str
    synthetic: bool


async def link_village(unit: UnitOfWork, village: str, from_on: str, *, synthetic: bool) -> Row:
    """Link the organisation with a village."""
    statement = insert(links).values(
        **unit.fresh(synthetic=synthetic),
        **clean(village=village),
        from_on=days.past("from_on", from_on, unit.now),
    )
    row = await unit.one(statement.returning(links))
    unit.audit("dispatch.link", row.id)
    return row


async def end_link(unit: UnitOfWork, link_id: str, etag: str) -> Row:
    """The link ends. DISPATCH_LINK_ENDED, DISPATCH_SOMEBODY_THERE, DISPATCH_HAS_ITEMS."""
    row = await _link(unit, link_id)
    if etag != str(row.version):
        raise Stale
    on_the_way = await queries.next_one(unit, link_id)
    rules.check_nobody_there(bool(on_the_way or await queries.there(unit, link_id)))
    await _check_nothing_open(unit, link_id)
    c = links.c
    after = await unit.one(
        update(links)
        .where(c.tenant_id == row.tenant_id, c.id == row.id)
        .values(version=c.version + 1, updated_at=unit.now, ended_on=days.day_of(unit.now))
        .returning(links)
    )
    unit.audit("dispatch.unlink", row.id)
    return after


async def select_batch(unit: UnitOfWork, wish: Selection) -> Row:
    """Select who goes next. DISPATCH_LINK_ENDED, DISPATCH_NEXT_EXISTS, DISPATCH_DAYS."""
    link = await _link(unit, wish.link_id)
    from_on, until_on = days.required("from_on", wish.from_on), days.required("until_on", wish.until_on)
    rules.check_days(from_on, until_on)
    lead = next(one.person_id for one in wish.people if one.is_lead)
    statement = insert(batches).values(
        **unit.fresh(synthetic=wish.synthetic),
        link_id=link.id,
        number=await queries.last_number(unit, link.id) + 1,
        state=State.SELECTED,
        from_on=from_on,
        until_on=until_on,
        lead_id=lead,
        note="",
        reason="",
        taken_over=0,
    )
    try:
        row = await unit.one(statement.returning(batches))
    except UniqueViolationError as error:
        raise Conflict("DISPATCH_NEXT_EXISTS") from error
    rows: list[dict[str, Any]] = [
        {
            "tenant_id": unit.tenant_id,
            "id": new_id(),
            "batch_id": row.id,
            "person_id": one.person_id,
            "account": one.account or None,
            "display": one.display,
            "is_lead": one.is_lead,
        }
        for one in wish.people
    ]
    await unit.execute_many(insert(people), rows)
    unit.audit("dispatch.select", row.id, people=len(rows))
    await events.selected(unit, row)
    return row


async def start(unit: UnitOfWork, batch_id: str, etag: str) -> Row:
    """A batch begins where nobody is there to take over from. DISPATCH_SOMEBODY_THERE."""
    row = await _office(unit, batch_id, etag)
    state = rules.move(State(row.state), Verb.START)
    rules.check_nobody_there(await queries.there(unit, row.link_id) is not None)
    after = await _write(unit, row, Verb.START, state=state, began_at=unit.now)
    events.began(unit, after)
    return after


async def cancel(unit: UnitOfWork, batch_id: str, etag: str) -> Row:
    """A batch that has not begun does not go."""
    row = await _office(unit, batch_id, etag)
    after = await _write(unit, row, Verb.CANCEL, state=rules.move(State(row.state), Verb.CANCEL))
    await events.cancelled(unit, after)
    return after


async def recall(unit: UnitOfWork, batch_id: str, etag: str) -> Row:
    """The last batch is back. DISPATCH_HAS_ITEMS."""
    row = await _office(unit, batch_id, etag)
    state = rules.move(State(row.state), Verb.RECALL)
    await _check_nothing_open(unit, row.link_id)
    after = await _write(unit, row, Verb.RECALL, state=state, relieved_at=unit.now)
    await events.relieved(unit, after)
    return after


async def hand_over(unit: UnitOfWork, batch_id: str, etag: str, note: str) -> Row:
    """The lead hands over to the batch that goes next. DISPATCH_NOT_LEAD, DISPATCH_NO_NEXT, OWN_RECORD."""
    row = await _lead(unit, batch_id, etag)
    state = rules.move(State(row.state), Verb.HANDOVER)
    other = await queries.next_one(unit, row.link_id)
    if other is None:
        raise Conflict("DISPATCH_NO_NEXT")
    rules.check_two(row.lead_id, other.lead_id)
    after = await _write(unit, row, Verb.HANDOVER, state=state, reason="")
    await _follow(unit, other, Verb.HANDOVER, **paragraphs(note=note))
    await events.handed_over(unit, after, other)
    return after


async def acknowledge(unit: UnitOfWork, batch_id: str, etag: str) -> Row:
    """The lead of the batch that takes over acknowledges; what is open goes over to it. DISPATCH_NOT_LEAD."""
    row = await _lead(unit, batch_id, etag)
    state = rules.move(State(row.state), Verb.ACKNOWLEDGE)
    other = await _other(unit, row)
    # The one who is there goes first: one batch is there at a time.
    gone = await _follow(
        unit, other, Verb.ACKNOWLEDGE, relieved_at=unit.now, relieved_by=unit.context.caller.person_id
    )
    i = items.c
    carried = await unit.execute(
        update(items)
        .where(i.tenant_id == row.tenant_id, i.batch_id == other.id, i.state == Item.OPEN)
        .values(
            version=i.version + 1,
            updated_at=unit.now,
            batch_id=row.id,
            batch=row.number,
            carried=i.carried + 1,
        )
    )
    after = await _write(unit, row, Verb.ACKNOWLEDGE, state=state, began_at=unit.now, taken_over=carried)
    await events.relieved(unit, gone)
    events.began(unit, after)
    return after


async def give_back(unit: UnitOfWork, batch_id: str, etag: str, reason: str) -> Row:
    """The lead of the batch that takes over does not take it on as it is. DISPATCH_NOT_LEAD."""
    row = await _lead(unit, batch_id, etag)
    state = rules.move(State(row.state), Verb.RETURN)
    other = await _follow(unit, await _other(unit, row), Verb.RETURN, **prose(reason=reason))
    after = await _write(unit, row, Verb.RETURN, state=state, note="")
    await events.returned(unit, other)
    return after


async def _link(unit: UnitOfWork, link_id: str) -> Row:
    row = await queries.link(unit, link_id, lock=True)
    if row.ended_on is not None:
        raise Conflict("DISPATCH_LINK_ENDED")
    return row


async def _check_nothing_open(unit: UnitOfWork, link_id: str) -> None:
    rules.check_nothing_open((await queries.open_items(unit, [link_id])).get(link_id, 0))


async def _office(unit: UnitOfWork, batch_id: str, etag: str) -> Row:
    return await _locked(unit, queries.here(unit, batches), batch_id, etag)


async def _lead(unit: UnitOfWork, batch_id: str, etag: str) -> Row:
    row = await _locked(unit, queries.own(unit), batch_id, etag)
    rules.check_lead(unit.context.caller.person_id, row.lead_id)
    return row


async def _locked(unit: UnitOfWork, where: Any, batch_id: str, etag: str) -> Row:
    """One batch while nothing moves on its link."""
    await queries.lock_link(unit, await queries.batch(unit, where, batch_id))
    row = await queries.batch(unit, where, batch_id)
    if etag != str(row.version):
        raise Stale
    return row


async def _other(unit: UnitOfWork, row: Row) -> Row:
    """The batch on the other side of a hand-over that runs."""
    other = await queries.there(unit, row.link_id)
    if other is None:
        raise NotFound("DISPATCH_BATCH_NOT_FOUND")
    return other


async def _follow(unit: UnitOfWork, row: Row, verb: Verb, **values: Any) -> Row:
    return await _write(unit, row, verb, state=rules.OTHER[verb][State(row.state)], **values)


async def _write(unit: UnitOfWork, row: Row, verb: Verb, **values: Any) -> Row:
    b = batches.c
    after = await unit.one(
        update(batches)
        .where(b.tenant_id == row.tenant_id, b.id == row.id)
        .values(version=b.version + 1, updated_at=unit.now, **values)
        .returning(batches)
    )
    unit.audit(f"dispatch.{verb}", row.id, state=str(after.state))
    return after
