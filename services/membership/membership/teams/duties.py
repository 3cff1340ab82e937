"""What is done with duties: one function a verb, each in the caller's unit of work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chassis.statements import Row
from chassis.units import Reader, UnitOfWork
from membership.teams import events, queries, rules
from membership.teams.rules import Actor, Parts, State, Verb
from membership.teams.tables import duties
from membership.texts import clean


@dataclass(frozen=True, slots=True)
class Wanted:
    """A duty as somebody records it; `names` has the first letters of the people in it."""

    title: str
    team_id: str
    parts: Parts
    names: Mapping[str, str]
    due_on: date
    synthetic: bool


async def assign(unit: UnitOfWork, wanted: Wanted) -> Row:
    """Record a duty. SUPERVISOR_IS_EXECUTOR."""
    parts, names = wanted.parts, wanted.names
    rules.check_parts(parts)
    team = None
    if wanted.team_id:
        team = await queries.team(unit, wanted.team_id)
        rules.check_standing(team.dissolved)
    row = unit.add(
        duties,
        {
            **unit.fresh(synthetic=wanted.synthetic),
            "title": clean(title=wanted.title)["title"],
            "team_id": wanted.team_id or None,
            "lead_id": parts.lead,
            "lead_display": names[parts.lead],
            "executor_id": parts.executor,
            "executor_display": names[parts.executor],
            "supervisor_id": parts.supervisor,
            "supervisor_display": names[parts.supervisor],
            "due_on": wanted.due_on,
            "state": State.ASSIGNED,
            "reason": "",
            "done_at": None,
            "confirmed_at": None,
        },
    )
    unit.audit("teams.assign", row.id)
    events.duty_changed(unit, row)
    await unit.write()
    return await queries.duty(unit, row.id)


async def finish(unit: UnitOfWork, duty_id: str) -> Row:
    """Whoever carries it out says that it is done."""
    return await _do(unit, duty_id, Verb.FINISH, done_at=unit.now, reason="")


async def confirm(unit: UnitOfWork, duty_id: str) -> Row:
    """The supervisor has looked."""
    return await _do(unit, duty_id, Verb.CONFIRM, confirmed_at=unit.now)


async def send_back(unit: UnitOfWork, duty_id: str, reason: str) -> Row:
    """The supervisor is not satisfied."""
    return await _do(unit, duty_id, Verb.RETURN, done_at=None, **clean(reason=reason))


async def cancel(unit: UnitOfWork, duty_id: str) -> Row:
    """It is not to be done any more."""
    return await _do(unit, duty_id, Verb.CANCEL)


async def _do(unit: UnitOfWork, duty_id: str, verb: Verb, **values: Any) -> Row:
    row = await queries.duty(unit, duty_id, lock=True)
    rules.check_part(verb, parts_of(row), actor(unit))
    after = rules.move(State(row.state), verb)
    changed = unit.change(duties, row, {"state": after, **values})
    unit.audit(f"teams.{verb}", row.id)
    events.duty_changed(unit, changed)
    return changed


def parts_of(row: Row) -> Parts:
    """Who has which part."""
    return Parts(row.lead_id, row.executor_id, row.supervisor_id)


def actor(reader: Reader) -> Actor:
    """Who acts."""
    return Actor(reader.context.caller.person_id, manages=reader.context.has("B"))
