"""Changes to stalls. The edge commits."""

from datetime import date

import asyncpg
from sqlalchemy import insert

from chassis.days import day_of, past
from chassis.errors import Conflict
from chassis.statements import NewRow, Row
from chassis.units import UnitOfWork
from ticket.stalls import events, queries, rules
from ticket.stalls.rules import THERE, WELL, State, StepKind
from ticket.stalls.tables import stalls, steps


async def add(unit: UnitOfWork, name: str, place: str, enterprise_id: str, *, synthetic: bool) -> Row:
    """Write a stall down. STALL_EXISTS where one of the name is there."""
    row = {
        **unit.fresh(synthetic=synthetic),
        "name": name,
        "place": place,
        "enterprise_id": enterprise_id or None,
        "state": State.OPEN,
        "plan": "",
        "began_on": None,
        "baseline": 0,
        "score": 0,
        "helped": 0,
        "assessor": None,
        "assessor_person": None,
    }
    try:
        async with unit.savepoint():
            await unit.execute(insert(stalls), row)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("STALL_EXISTS") from error
    made = NewRow(row)
    unit.emit(events.added(made), aggregate_id=made.id)
    return made


async def begin(unit: UnitOfWork, stall_id: str, *, score: int, findings: str, plan: str) -> Row:
    """Find a stall in difficulty and plan its help. STALL_WRONG_STATE unless it needed none."""
    stall = await queries.stall(unit, stall_id, lock=True)
    rules.check_state(stall, WELL)
    today, caller = day_of(unit.now), unit.context.caller
    changed = unit.change(
        stalls,
        stall,
        {
            "state": State.STRUGGLING,
            "plan": plan,
            "began_on": today,
            "baseline": score,
            "score": score,
            "helped": 0,
            "assessor": caller.account_id,
            "assessor_person": caller.person_id or None,
        },
    )
    _note(unit, changed, StepKind.BASELINE, today, score, findings)
    unit.audit("stalls.begin", stall.id, score=score)
    unit.emit(events.assessed(changed), aggregate_id=stall.id)
    return changed


async def help_(unit: UnitOfWork, stall_id: str, *, day: str, what: str) -> Row:
    """Note what was done for a stall.

    STALL_WRONG_STATE, DATE_INVALID, DATE_IN_FUTURE; STALL_HELP_TOO_EARLY before it was found in difficulty.
    """
    stall = await queries.stall(unit, stall_id, lock=True)
    rules.check_state(stall, {State.STRUGGLING})
    on = past("date", day, unit.now)
    rules.check_help_day(stall, on)
    changed = unit.change(stalls, stall, {"helped": stall.helped + 1})
    _note(unit, changed, StepKind.HELP, on, 0, what)
    unit.emit(events.helped(changed), aggregate_id=stall.id)
    return changed


async def reassess(unit: UnitOfWork, stall_id: str, *, score: int, findings: str) -> Row:
    """Assess a stall again; whether it has improved follows from the scores.

    STALL_WRONG_STATE, STALL_NOT_HELPED; OWN_STALL_ASSESSMENT for who found it in difficulty.
    """
    stall = await queries.stall(unit, stall_id, lock=True)
    caller = unit.context.caller
    rules.check_state(stall, {State.STRUGGLING})
    rules.check_assessor(stall, caller.account_id, caller.person_id)
    rules.check_helped(stall)
    changed = unit.change(stalls, stall, {"state": rules.after(stall, score), "score": score})
    _note(unit, changed, StepKind.REASSESSMENT, day_of(unit.now), score, findings)
    unit.audit("stalls.reassess", stall.id, score=score, improved=changed.state == State.IMPROVED)
    unit.emit(events.assessed(changed), aggregate_id=stall.id)
    return changed


async def close(unit: UnitOfWork, stall_id: str) -> Row:
    """Close a stall that is gone; twice is once."""
    stall = await queries.stall(unit, stall_id, lock=True)
    if stall.state == State.CLOSED:
        return stall
    rules.check_state(stall, THERE)
    changed = unit.change(stalls, stall, {"state": State.CLOSED})
    unit.audit("stalls.close", stall.id)
    unit.emit(events.closed(changed), aggregate_id=stall.id)
    return changed


def _note(unit: UnitOfWork, stall: Row, kind: StepKind, day: date, score: int, words: str) -> None:
    unit.add(
        steps,
        {
            **unit.fresh(synthetic=stall.synthetic),
            "stall_id": stall.id,
            "kind": kind,
            "day": day,
            "score": score,
            "words": words,
        },
    )
