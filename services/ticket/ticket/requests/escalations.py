"""Overdue clocks climb the ladder: what is due is looked at over all tenants, a batch at a time."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import orjson
import structlog
from sqlalchemy import insert, select, tuple_

from chassis.jobs import Job
from chassis.statements import Row
from chassis.tables import tenants
from chassis.units import UnitOfWork, Units
from ticket.affairs import Sensitivity
from ticket.requests import events, history
from ticket.requests.tables import tickets, timeline
from ticket.sla import commands as sla
from ticket.sla import queries as decisions
from ticket.sla.commands import Climb, Level
from ticket.sla.queries import Decided, Owners, Roster

NAME: Final = "requests-clocks"
EVERY_S: Final = 10.0
BATCH: Final = 1000

_TENANT: Final = attrgetter("tenant_id")
_log: Final = structlog.get_logger()
_T: Final = tickets.c
_LOOKED_AT: Final = [
    column for column in _T if column.name not in ("form", "attachments", "summary", "last_word", "remark")
]
"""Not what people wrote: it is nobody's business here, and costs more to read than the rest."""
_KEEP: Final = """
UPDATE requests_tickets AS t SET
  clocks = n.clocks::jsonb, first_response_due_at = n.first, resolution_due_at = n.result,
  next_due_clock = n.clock, next_due_at = n.due, warn_at = n.warn, look_at = n.look,
  escalation = greatest(t.escalation, n.level),
  escalated_at = CASE WHEN n.past THEN coalesce(t.escalated_at, $12) ELSE t.escalated_at END
FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::timestamptz[],
            $8::timestamptz[], $9::timestamptz[], $10::smallint[], $11::bool[])
     AS n (id, clocks, first, result, clock, due, warn, look, level, past)
WHERE t.tenant_id = $1 AND t.id = n.id
"""
"""Not a new version of a ticket: who is about to decide something about it has missed nothing."""

_LOOK: Final = """
UPDATE requests_tickets AS t SET look_at = n.look FROM unnest($2::uuid[], $3::timestamptz[]) AS n (id, look)
WHERE t.tenant_id = $1 AND t.id = n.id
"""


def watch(owners: Owners) -> Job:
    """Tells whoever is to be told of clocks that are overdue."""
    return Job(NAME, EVERY_S, partial(look, owners=owners))


async def look(units: Units, owners: Owners) -> int:
    """Look at every ticket whose time has come; how many there were.

    Each is looked at once, whatever becomes of it. Where a building's tickets cannot be dealt with (identity
    is away), the others' are, they come again with the next run, and the run ends with the error.
    """
    everywhere = units.job_context(NAME)
    looked, failure = 0, None
    after: tuple[Any, ...] | None = None
    while rows := await units.run(everywhere, partial(_due, after=after)):
        after = (rows[-1].look_at, rows[-1].tenant_id, rows[-1].id)
        for tenant_id, group in groupby(
            sorted(rows, key=lambda row: row.tenant_id), lambda row: row.tenant_id
        ):
            try:
                looked += await _building(units, owners, tenant_id, [row.id for row in group])
            except Exception as error:
                _log.warning("clocks_not_looked_at", tenant=tenant_id, error=type(error).__name__)
                failure = error
    if failure is not None:
        raise failure
    return looked


async def _due(unit: UnitOfWork, after: tuple[Any, ...] | None) -> Sequence[Row]:
    order = (_T.look_at, _T.tenant_id, _T.id)
    statement = select(*order).where(_T.look_at <= unit.now).order_by(*order).limit(BATCH)
    if after:
        beyond = tuple_(*order) > tuple_(*after, types=[column.type for column in order])
        statement = statement.where(_T.look_at >= after[0], beyond)
    return await unit.fetch(statement)


async def _building(units: Units, owners: Owners, tenant_id: str, ids: Sequence[str]) -> int:
    context = units.job_context(NAME, tenant_id)
    here = (_T.tenant_id == tenant_id) & _T.id.in_(ids)

    async def ask(unit: UnitOfWork) -> tuple[Decided, Sequence[str], Row | None]:
        found = await unit.fetch(select(_T.desk).distinct().where(here))
        above = await unit.first(
            select(tenants.c.superior_id, tenants.c.region_id).where(tenants.c.tenant_id == tenant_id)
        )
        return await decisions.decided_now(unit), [row.desk for row in found], above

    decided, desks, above = await units.run(context, ask)
    higher = [one for one in (above.superior_id, above.region_id) if one] if above else []
    roster = await owners.roster(tenant_id, higher, desks, decided.settings.fallback)

    async def climb(unit: UnitOfWork) -> int:
        due = here & (_T.look_at <= unit.now)
        rows = await unit.fetch(
            select(*_LOOKED_AT).where(due).order_by(_T.id).with_for_update(skip_locked=True)
        )
        found = [(row, sla.climb(row, decided, unit.now)) for row in rows]
        await _keep(unit, decided, found)
        notes = [note for row, climbed in found for note in _tell(unit, roster, row, climbed)]
        await unit.execute_many(insert(timeline), notes)
        return len(rows)

    return await units.run(context, climb)


async def _keep(unit: UnitOfWork, decided: Decided, found: Sequence[tuple[Row, Climb]]) -> None:
    same = [(row.id, sla.next_look(climb.clocks, decided)) for row, climb in found if not climb.changed]
    if same:
        await unit.connection.execute(
            _LOOK, unit.tenant_id, *(list(column) for column in zip(*same, strict=True))
        )
    kept = [
        (row.id, sla.columns(climb.clocks, decided), sla.level_reached(climb), _is_past(row, climb))
        for row, climb in found
        if climb.changed
    ]
    if not kept:
        return
    await unit.connection.execute(
        _KEEP,
        unit.tenant_id,
        [ticket_id for ticket_id, *_ in kept],
        [orjson.dumps(columns["clocks"]).decode() for _, columns, *_ in kept],
        *(
            [columns[name] for _, columns, *_ in kept]
            for name in (
                "first_response_due_at",
                "resolution_due_at",
                "next_due_clock",
                "next_due_at",
                "warn_at",
                "look_at",
            )
        ),
        [level for *_, level, _ in kept],
        [past for *_, past in kept],
        unit.now,
    )


def _is_past(row: Row, climb: Climb) -> bool:
    """Whether it climbed past the building; what only the case team may see never does."""
    return row.sensitivity != Sensitivity.P3 and any(step.level is Level.SUPERIOR for _, step in climb.steps)


def _tell(unit: UnitOfWork, roster: Roster, row: Row, climb: Climb) -> list[dict[str, Any]]:
    """Tell the other services; the entries of the ticket's timeline, in which each level comes once."""
    notes = []
    noted = row.escalation
    for clock in climb.overdue:
        history.tell(unit, row, events.overdue(row, clock.kind, clock.due_at))
        notes.append(history.entry(unit, row, f"overdue_{clock.kind}", ""))
    for again, climbed in ((False, climb.steps), (True, climb.again)):
        for clock, step in climbed:
            told = roster.told(
                step.level, row.desk, row.assignee, row.requester, sealed=row.sensitivity == Sensitivity.P3
            )
            event = events.escalated(
                row, clock.kind, clock.due_at, step.level, told, quiet=climb.quiet, again=again
            )
            history.tell(unit, row, event, also=(*told.within, *told.above))
            if (place := sla.place(step.level)) > noted:
                noted = place
                notes.append(history.entry(unit, row, f"escalated_{step.level}", ""))
    return notes
