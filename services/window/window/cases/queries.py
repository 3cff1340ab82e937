"""Reads of cases: from the applicant's side in the building, and from the department's side over all
buildings. Each states whose rows it wants; the policies are the second lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from chassis.errors import NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader
from window.cases import access, rules
from window.cases.tables import cases, steps


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty fields narrow nothing."""

    states: tuple[str, ...] = ()
    applicant: str = ""
    handler: str = ""
    department_id: str = ""
    enterprise_id: str = ""
    building: str = ""
    number: str = ""
    callback_open: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        """As predicates."""
        c = cases.c
        found: list[ColumnElement[bool]] = [
            column == value
            for column, value in (
                (c.applicant, self.applicant),
                (c.handler, self.handler),
                (c.department_id, self.department_id),
                (c.enterprise_id, self.enterprise_id),
                (c.tenant_id, self.building),
            )
            if value
        ]
        if self.states:
            found.append(c.state.in_(self.states))
        if self.callback_open:
            found.append(c.callback_open)
        if self.number:
            # A range instead of LIKE, which is not leakproof and would lose the index under RLS; "~"
            # comes after every character a number has.
            found += [c.number >= self.number, c.number < self.number + "~"]
        return found


async def case(reader: Reader, case_id: str, *, lock: bool = False) -> Row:
    """One case of the building that the caller may see; CASE_NOT_FOUND for anything else."""
    own = cases.c.tenant_id == reader.tenant_id
    return await _one(reader, case_id, own & access.visible(reader.context), lock=lock)


async def received_case(reader: Reader, case_id: str, *, lock: bool = False) -> Row:
    """One case that was handed to the caller's department; CASE_NOT_FOUND for anything else."""
    return await _one(reader, case_id, access.received(reader.context), lock=lock)


async def _one(reader: Reader, case_id: str, mine: ColumnElement[bool], *, lock: bool) -> Row:
    statement = select(cases).where(cases.c.id == case_id, mine)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("CASE_NOT_FOUND")
    return found


async def page(reader: Reader, narrowed: Filter, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Cases of the building that the caller may see, newest first, `size` + 1 at most."""
    c = cases.c
    statement = select(cases).where(
        c.tenant_id == reader.tenant_id, access.visible(reader.context), *narrowed.conditions()
    )
    if after:
        statement = statement.where(c.id < after[0])
    return await reader.fetch(statement.order_by(c.id.desc()).limit(size + 1))


async def received_page(
    reader: Reader, narrowed: Filter, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """The department's cases from all buildings, oldest submission first, `size` + 1 at most."""
    c = cases.c
    statement = select(cases).where(access.received(reader.context), *narrowed.conditions())
    if after:
        last = (datetime.fromisoformat(after[0]), after[1])
        statement = statement.where(beyond((c.submitted_at, c.id), last))
    return await reader.fetch(statement.order_by(c.submitted_at, c.id).limit(size + 1))


async def counts(reader: Reader) -> Sequence[Row]:
    """(department_id, state, how_many) of everything filed in the building."""
    c = cases.c
    preparing = (rules.State.DRAFT, rules.State.PRECHECKED)
    return await reader.fetch(
        select(c.department_id, c.state, func.count().label("how_many"))
        .where(c.tenant_id == reader.tenant_id, c.state.not_in(preparing))
        .group_by(c.department_id, c.state)
        .order_by(c.department_id, c.state)
    )


async def received_counts(reader: Reader) -> Sequence[Row]:
    """(state, how_many) of what the department has open."""
    c = cases.c
    return await reader.fetch(
        select(c.state, func.count().label("how_many"))
        .where(access.received(reader.context), c.state.in_(sorted(rules.OPEN)))
        .group_by(c.state)
    )


async def overdue(reader: Reader) -> int:
    """How many accepted cases of the department are past their promised day."""
    c = cases.c
    working = (rules.State.ACCEPTED, rules.State.PROCESSING)
    late = select(func.count()).where(
        access.received(reader.context), c.state.in_(working), c.due_at < reader.now
    )
    return int(await reader.scalar(late))


async def open_callbacks(reader: Reader) -> int:
    """How many call-backs the department owes."""
    c = cases.c
    owed = select(func.count()).where(
        access.received(reader.context), c.state == rules.State.RATED, c.callback_open
    )
    return int(await reader.scalar(owed))


async def steps_of(reader: Reader, row: Row) -> Sequence[Row]:
    """What happened to a case that the caller may see, oldest first. A case has some dozen steps."""
    s = steps.c
    return await reader.fetch(
        select(steps).where(s.tenant_id == row.tenant_id, s.case_id == row.id).order_by(s.id)
    )


async def pending(reader: Reader, after: str, limit: int) -> Sequence[Row]:
    """(tenant_id, id, department_id) of cases that wait for a department's system, of all tenants."""
    c = cases.c
    statement = select(c.tenant_id, c.id, c.department_id).where(c.state == rules.State.PENDING_RELAY)
    if after:
        statement = statement.where(c.id > after)
    return await reader.fetch(statement.order_by(c.id).limit(limit))
