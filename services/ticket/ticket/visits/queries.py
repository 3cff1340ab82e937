"""Reads of visits and plans. Each states the tenant and what the caller may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, or_, select

from chassis.context import Context
from chassis.days import beginning_of
from chassis.errors import FieldError, Invalid, NotFound
from chassis.statements import Row
from chassis.units import Reader
from ticket.sites import queries as sites
from ticket.visits import rules
from ticket.visits.rules import Target
from ticket.visits.tables import enterprises, plans, visits

WHOLE_TENANT: Final = "B"


@dataclass(frozen=True, slots=True)
class Member:
    """An enterprise or a place that a plan is about."""

    id: str
    name: str
    floor: str

    @property
    def level(self) -> int:
        """From the lowest floor up; what is on none comes before the first."""
        return -int(self.floor[1:]) if self.floor.startswith("B") else int(self.floor or 0)

    @property
    def place(self) -> tuple[int, str, str]:
        """From the lowest floor up, then by name."""
        return self.level, self.name, self.id


def floors(context: Context) -> tuple[str, ...] | None:
    """The floors that the caller sees; None for all. B: the whole building · F: its floors."""
    if context.has(WHOLE_TENANT) or context.mode == "job":
        return None
    return context.ids("F")


async def plan(reader: Reader, plan_id: str, *, lock: bool = False) -> Row:
    """One plan of the tenant; PLAN_NOT_FOUND for anything else."""
    own = select(plans).where(plans.c.tenant_id == reader.tenant_id, plans.c.id == plan_id)
    found = await reader.first(own.with_for_update() if lock else own)
    if found is None:
        raise NotFound("PLAN_NOT_FOUND")
    return found


async def page_of_plans(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Plans, newest first, `size` + 1 at most."""
    statement = select(plans).where(plans.c.tenant_id == reader.tenant_id)
    if after:
        statement = statement.where(plans.c.id < after[0])
    return await reader.fetch(statement.order_by(plans.c.id.desc()).limit(size + 1))


async def members(reader: Reader, plan: Row) -> list[Member]:
    """Whom a plan is about, as far as the caller sees them: some hundreds in a large building."""
    if plan.target == Target.SITE:
        rows = await sites.all_in_use(reader)
    else:
        e = enterprises.c
        rows = await reader.fetch(
            select(e.id, e.name, e.floor).where(e.tenant_id == reader.tenant_id, e.moved_out.is_(False))
        )
    seen = floors(reader.context)
    found = [
        Member(row.id, row.name, row.floor)
        for row in rows
        if (not plan.floor or row.floor == plan.floor) and (seen is None or row.floor in seen)
    ]
    return sorted(found, key=lambda member: member.place)


async def reached(reader: Reader, plan: Row) -> set[str]:
    """Who has been visited in the days of a plan's round."""
    v = visits.c
    rows = await reader.fetch(
        select(v.target_id)
        .distinct()
        .where(v.tenant_id == reader.tenant_id, v.target == plan.target)
        .where(v.visited_at >= beginning_of(plan.start_date), v.visited_at < rules.end_of(plan.due_date))
    )
    return {row.target_id for row in rows}


async def unvisited(reader: Reader, plan: Row) -> list[Member]:
    """Whom a plan's round has not reached yet, from the lowest floor up."""
    done = await reached(reader, plan)
    return [member for member in await members(reader, plan) if member.id not in done]


async def last_visits(reader: Reader, ids: Sequence[str]) -> dict[str, datetime]:
    """When each of them was last visited."""
    v = visits.c
    rows = await reader.fetch(
        select(v.target_id, func.max(v.visited_at).label("last"))
        .where(v.tenant_id == reader.tenant_id, v.target_id.in_(list(ids)))
        .group_by(v.target_id)
    )
    return {row.target_id: row.last for row in rows}


async def enterprise(reader: Reader, enterprise_id: str, field: str) -> Member:
    """An enterprise that the caller may visit; TARGET_NOT_FOUND names the field."""
    e = enterprises.c
    row = await reader.first(
        select(e.id, e.name, e.floor).where(
            e.tenant_id == reader.tenant_id, e.id == enterprise_id, e.moved_out.is_(False)
        )
    )
    return _within(reader.context, Member(row.id, row.name, row.floor) if row else None, field)


async def names(reader: Reader, ids: Sequence[str]) -> dict[str, str]:
    """The names of enterprises, also of those that have moved out: a name is no secret in a building."""
    if not ids:
        return {}
    e = enterprises.c
    rows = await reader.fetch(
        select(e.id, e.name).where(e.tenant_id == reader.tenant_id, e.id.in_(list(ids)))
    )
    return {row.id: row.name for row in rows}


async def site(reader: Reader, site_id: str) -> Member:
    """A place in use that the caller may patrol; TARGET_NOT_FOUND names the field `target_id`."""
    found = await sites.in_use(reader, site_id)
    return _within(reader.context, Member(found.id, found.name, found.floor), "target_id")


def _within(context: Context, member: Member | None, field: str) -> Member:
    seen = floors(context)
    if member is None or (seen is not None and member.floor not in seen):
        raise Invalid("TARGET_NOT_FOUND", fields=[FieldError(field, "TARGET_NOT_FOUND")])
    return member


async def page_of_visits(
    reader: Reader, kind: str, target_id: str, after: Sequence[Any] | None, size: int, *, mine: bool
) -> Sequence[Row]:
    """Visits the caller may see, newest first, `size` + 1 at most."""
    v, account = visits.c, reader.context.caller.account_id
    statement = select(visits).where(v.tenant_id == reader.tenant_id)
    seen = floors(reader.context)
    if seen is not None:
        statement = statement.where(or_(v.visitor == account, v.floor.in_(seen)))
    if kind:
        statement = statement.where(v.target == kind)
    if target_id:
        statement = statement.where(v.target_id == target_id)
    if mine:
        statement = statement.where(v.visitor == account)
    if after:
        statement = statement.where(v.id < after[0])
    return await reader.fetch(statement.order_by(v.id.desc()).limit(size + 1))
