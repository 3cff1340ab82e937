"""Reads of hazards. Each states the tenant and what the caller may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from ticket.hazards import access, rules
from ticket.hazards.rules import State
from ticket.hazards.settings import SETTINGS as SETTINGS
from ticket.hazards.tables import escalations, hazards, timeline


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty fields narrow nothing."""

    states: tuple[str, ...] = ()
    hazard_class: str = ""
    site_id: str = ""
    number: str = ""
    mine: bool = False
    overdue: bool = False


async def hazard(reader: Reader, hazard_id: str, *, lock: bool = False) -> Row:
    """One hazard the caller may see; HAZARD_NOT_FOUND for anything else. `lock` is for commands."""
    h = hazards.c
    statement = select(hazards).where(
        h.tenant_id == reader.tenant_id, h.id == hazard_id, access.visible(reader.context)
    )
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("HAZARD_NOT_FOUND")
    return found


async def page(reader: Reader, narrowed: Filter, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Hazards the caller may see, newest first, `size` + 1 at most."""
    h = hazards.c
    statement = _mine(select(hazards), reader)
    for column, value in ((h.hazard_class, narrowed.hazard_class), (h.site_id, narrowed.site_id)):
        if value:
            statement = statement.where(column == value)
    if narrowed.states:
        statement = statement.where(h.state.in_(narrowed.states))
    if narrowed.number:
        # A range instead of LIKE, which is not leakproof and would lose the index under RLS.
        statement = statement.where(h.number >= narrowed.number, h.number < narrowed.number + "~")
    if narrowed.mine:
        statement = statement.where(access.concerning(reader.context))
    if narrowed.overdue:
        statement = statement.where(_overdue())
    if after:
        statement = statement.where(h.id < after[0])
    return await reader.fetch(statement.order_by(h.id.desc()).limit(size + 1))


def _mine(statement: Select[Any], reader: Reader) -> Select[Any]:
    return statement.where(hazards.c.tenant_id == reader.tenant_id, access.visible(reader.context))


def _overdue() -> Any:
    h = hazards.c
    return and_(h.overdue_at >= h.deadline_at, h.state != State.VERIFIED)


async def counts(reader: Reader) -> Sequence[Row]:
    """(state, hazards, overdue) of the open hazards the caller may see."""
    h = hazards.c
    overdue = func.count().filter(_overdue())
    statement = select(h.state, func.count().label("hazards"), overdue.label("overdue"))
    return await reader.fetch(
        _mine(statement, reader).where(h.state.in_(sorted(rules.OPEN))).group_by(h.state)
    )


async def entries(reader: Reader, hazard: Row, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The timeline of a hazard, oldest first, `size` + 1 at most."""
    t = timeline.c
    statement = select(timeline).where(t.tenant_id == reader.tenant_id, t.hazard_id == hazard.id)
    if after:
        statement = statement.where(t.id > after[0])
    return await reader.fetch(statement.order_by(t.id).limit(size + 1))


async def alike(reader: Reader, site_id: str, hazard_class: str, days: int) -> Sequence[Row]:
    """Hazards of a class at a place that were closed in the last days, newest first."""
    h = hazards.c
    return await reader.fetch(
        select(h.id)
        .where(h.tenant_id == reader.tenant_id, h.site_id == site_id, h.hazard_class == hazard_class)
        .where(h.state == State.VERIFIED, h.closed_at >= reader.now - timedelta(days=days))
        .order_by(h.id.desc())
        .limit(1000)
    )


async def escalated_to(
    reader: Reader, after: Sequence[Any] | None, size: int, *, only_open: bool
) -> Sequence[Row]:
    """What was brought before the caller's organisation as the party, newest first, `size` + 1 at most."""
    e = escalations.c
    statement = select(escalations).where(e.party_id == reader.tenant_id)
    if only_open:
        statement = statement.where(e.closed_at.is_(None))
    if after:
        statement = statement.where(e.id < after[0])
    return await reader.fetch(statement.order_by(e.id.desc()).limit(size + 1))


async def escalation(reader: Reader, escalation_id: str) -> Row:
    """One escalation to the caller's organisation, locked; ESCALATION_NOT_FOUND for anything else."""
    e = escalations.c
    found = await reader.first(
        select(escalations).where(e.party_id == reader.tenant_id, e.id == escalation_id).with_for_update()
    )
    if found is None:
        raise NotFound("ESCALATION_NOT_FOUND")
    return found
