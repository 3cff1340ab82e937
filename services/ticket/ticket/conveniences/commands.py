"""Changes to conveniences. The edge commits."""

from datetime import date

from chassis.days import day_of
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.conveniences import events, queries, rules
from ticket.conveniences.rules import Kind
from ticket.conveniences.tables import uses


async def record(unit: UnitOfWork, kind: Kind, count: int, day: date | None, *, synthetic: bool) -> Row:
    """Note that something was used. USE_DAY_OUT_OF_RANGE."""
    today = day_of(unit.now)
    used_on = day or today
    rules.check_day(used_on, today)
    note = unit.add(
        uses,
        {
            **unit.fresh(synthetic=synthetic),
            "kind": kind,
            "used_on": used_on,
            "times": count or 1,
            "undone": False,
        },
    )
    unit.emit(events.recorded(note), aggregate_id=note.id)
    return note


async def undo(unit: UnitOfWork, use_id: str) -> Row:
    """Take a note back; twice is once. NOT_YOUR_USE, USE_SETTLED."""
    note = await queries.use(unit, use_id)
    rules.check_undo(note, day_of(note.created_at), unit.context.caller.actor, day_of(unit.now))
    if note.undone:
        return note
    note = unit.change(uses, note, {"undone": True})
    unit.emit(events.withdrawn(note), aggregate_id=note.id)
    return note
