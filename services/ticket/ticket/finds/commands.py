"""Changes to finds and claims. The edge commits."""

from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import insert

from chassis.days import numbered, past, series
from chassis.errors import Conflict, Forbidden
from chassis.statements import NewRow, Row
from chassis.units import UnitOfWork
from ticket.finds import access, events, queries, rules
from ticket.finds.rules import HERE, OPEN, Kind, Standing, State
from ticket.finds.tables import claims, finds


@dataclass(frozen=True, slots=True)
class NewFind:
    """Something as it is taken in. `found_date` is empty for today."""

    kind: Kind
    title: str
    marks: str
    place: str
    found_date: str
    synthetic: bool


async def register(unit: UnitOfWork, new: NewFind) -> Row:
    """Take something in and announce it. DATE_INVALID, DATE_IN_FUTURE."""
    found_on = past("found_date", new.found_date, unit.now)
    of_day = series("F", unit.now)
    find = unit.add(
        finds,
        {
            **unit.fresh(synthetic=new.synthetic),
            "number": numbered(of_day, await unit.number(of_day)),
            "kind": new.kind,
            "state": State.KEPT,
            "title": new.title,
            "marks": new.marks,
            "place": new.place,
            "found_on": found_on,
            "handed_to": "",
            "ended_at": None,
        },
    )
    unit.emit(events.registered(find), aggregate_id=find.id)
    return find


async def give_back(unit: UnitOfWork, find_id: str) -> Row:
    """Give a find to the one whose claim was verified; what others claimed is declined.
    FIND_WRONG_STATE unless it is set aside for somebody."""
    find = await queries.find(unit, find_id, lock=True)
    rules.check_state(find, {State.RESERVED})
    for claim in await queries.open_to(unit, find.id):
        if claim.state == Standing.VERIFIED:
            _move(unit, claim, Standing.FULFILLED, claim.answer)
        else:
            _move(unit, claim, Standing.DECLINED, "")
    return _end(unit, find, State.RETURNED, "")


async def hand_on(unit: UnitOfWork, find_id: str, handed_to: str) -> Row:
    """Hand a find to somebody who has to have it. FIND_WRONG_STATE for what has left the station."""
    find = await queries.find(unit, find_id, lock=True)
    rules.check_state(find, HERE)
    for claim in await queries.open_to(unit, find.id):
        _move(unit, claim, Standing.DECLINED, "")
    return _end(unit, find, State.HANDED_ON, handed_to)


async def claim(unit: UnitOfWork, find_id: str, words: str, *, at_station: bool, synthetic: bool) -> Row:
    """Claim what lies at the station.

    FIND_WRONG_STATE, ALREADY_CLAIMED; NOT_AT_STATION for anybody but staff who write somebody down.
    """
    if at_station and not access.keeps(unit.context):
        raise Forbidden("NOT_AT_STATION")
    find = await queries.find(unit, find_id, lock=True)
    rules.check_state(find, {State.KEPT})
    row: dict[str, Any] = {
        **unit.fresh(synthetic=synthetic),
        "find_id": find.id,
        "state": Standing.CLAIMED,
        "account": unit.context.caller.account_id,
        "person_id": unit.context.caller.person_id or None,
        "at_station": at_station,
        "words": words,
        "answer": "",
    }
    try:
        async with unit.savepoint():
            await unit.execute(insert(claims), row)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("ALREADY_CLAIMED") from error
    made = NewRow(row)
    unit.emit(
        events.claimed(made, find.created_by),
        aggregate_id=made.id,
        audience=(find.created_by, made.account),
    )
    return await queries.claim(unit, made.id)


async def verify(unit: UnitOfWork, claim_id: str, answer: str) -> Row:
    """Hold a claim to be right and set the find aside.

    OWN_FIND_CLAIM, FIND_CLAIM_WRONG_STATE, FIND_WRONG_STATE where it is set aside for somebody else.
    """
    find, found = await _find_first(unit, claim_id)
    rules.check_verifier(found, unit.context.caller.account_id, unit.context.caller.person_id)
    rules.check_claim(found, {Standing.CLAIMED})
    rules.check_state(find, {State.KEPT})
    unit.change(finds, find, {"state": State.RESERVED})
    unit.audit("finds.verify", found.id, find=find.id)
    return _seen(found, _move(unit, found, Standing.VERIFIED, answer), State.RESERVED)


async def decline(unit: UnitOfWork, claim_id: str, answer: str) -> Row:
    """Decline a claim; what was set aside for it can be claimed again.

    OWN_FIND_CLAIM, FIND_CLAIM_WRONG_STATE.
    """
    find, found = await _find_first(unit, claim_id)
    rules.check_verifier(found, unit.context.caller.account_id, unit.context.caller.person_id)
    return _let_go(unit, find, found, Standing.DECLINED, answer)


async def withdraw(unit: UnitOfWork, claim_id: str) -> Row:
    """Take one's claim back; twice is once. NOT_YOUR_FIND_CLAIM, FIND_CLAIM_WRONG_STATE."""
    find, found = await _find_first(unit, claim_id)
    if found.account != unit.context.caller.account_id:
        raise Forbidden("NOT_YOUR_FIND_CLAIM")
    if found.state == Standing.WITHDRAWN:
        return found
    return _let_go(unit, find, found, Standing.WITHDRAWN, found.answer)


def _let_go(unit: UnitOfWork, find: Row, found: Row, after: Standing, answer: str) -> Row:
    rules.check_claim(found, OPEN)
    rules.check_state(find, HERE)
    if found.state == Standing.VERIFIED:
        unit.change(finds, find, {"state": State.KEPT})
    return _seen(found, _move(unit, found, after, answer), State.KEPT)


async def _find_first(unit: UnitOfWork, claim_id: str) -> tuple[Row, Row]:
    """The find and the claim, locked in this order: two answers at once wait for each other at the find."""
    seen = await queries.claim(unit, claim_id)
    find = await queries.find(unit, seen.find_id, lock=True)
    return find, await queries.claim(unit, claim_id, lock=True)


def _move(unit: UnitOfWork, claim: Row, after: Standing, answer: str) -> Row:
    columns = {column.name for column in claims.c}
    row = NewRow({name: value for name, value in dict(claim).items() if name in columns})
    moved = unit.change(claims, row, {"state": after, "answer": answer})
    told = events.answered(moved, unit.context.caller.account_id)
    unit.emit(told, aggregate_id=claim.id, audience=(claim.account,))
    return moved


def _seen(before: Row, moved: Row, find_state: State) -> Row:
    return NewRow({**dict(before), **dict(moved), "find_state": find_state})


def _end(unit: UnitOfWork, find: Row, state: State, handed_to: str) -> Row:
    ended = unit.change(
        finds, find, {"state": state, "marks": "", "handed_to": handed_to, "ended_at": unit.now}
    )
    unit.audit(f"finds.{state}", find.id)
    unit.emit(events.ended(ended), aggregate_id=find.id)
    return ended
