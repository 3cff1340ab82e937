"""Reads of counters and of what can be filed in a building."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from chassis.errors import NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader
from window.counters.tables import building_matters, counters
from window.departments import queries as departments
from window.matters import queries as matters


@dataclass(frozen=True, slots=True)
class Offer:
    """A matter at a counter of the building, in the version now in force (the last one, once retired)."""

    row: Row
    counter: Row
    version: Row
    department: Row
    in_force: bool

    @property
    def open(self) -> bool:
        """Whether it can be filed now."""
        is_live = departments.is_live(self.department)
        return bool(self.row.enabled and self.counter.is_open and self.in_force and is_live)


async def counter(reader: Reader, counter_id: str, *, lock: bool = False) -> Row:
    """One counter of the building; COUNTER_NOT_FOUND for anything else."""
    c = counters.c
    statement = select(counters).where(c.tenant_id == reader.tenant_id, c.id == counter_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("COUNTER_NOT_FOUND")
    return found


async def page(
    reader: Reader, *, include_closed: bool, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """The building's counters by name, `size` + 1 at most."""
    c = counters.c
    statement = select(counters).where(c.tenant_id == reader.tenant_id)
    if not include_closed:
        statement = statement.where(c.is_open)
    if after:
        statement = statement.where(beyond((c.name_zh, c.id), after))
    return await reader.fetch(statement.order_by(c.name_zh, c.id).limit(size + 1))


async def matters_at(reader: Reader, counter_ids: Sequence[str]) -> dict[str, int]:
    """How many matters are enabled at each counter."""
    m = building_matters.c
    rows = await reader.fetch(
        select(m.counter_id, func.count().label("matters"))
        .where(m.tenant_id == reader.tenant_id, m.counter_id.in_(counter_ids), m.enabled)
        .group_by(m.counter_id)
    )
    return {row.counter_id: row.matters for row in rows}


async def offers(
    reader: Reader,
    *,
    words: str = "",
    department_id: str = "",
    counter_id: str = "",
    include_closed: bool = False,
    after: Sequence[Any] | None = None,
    size: int = 25,
) -> list[Offer]:
    """What can be filed in the building, in the order it was enabled, `size` + 1 at most; all words must
    occur in a matter's names or summaries. A building has some dozens of matters: they are read and
    then looked through, since their names are the departments' and lie in other tenants' rows."""
    m = building_matters.c
    statement = select(building_matters).where(m.tenant_id == reader.tenant_id)
    if department_id:
        statement = statement.where(m.department_id == department_id)
    if counter_id:
        statement = statement.where(m.counter_id == counter_id)
    if after:
        statement = statement.where(m.id > after[0])
    found = await _complete(reader, await reader.fetch(statement.order_by(m.id)))
    wanted = words.casefold().split()
    return [
        offer
        for offer in found
        if (include_closed or offer.open) and all(word in _text(offer) for word in wanted)
    ][: size + 1]


async def offer(reader: Reader, building_matter_id: str) -> Offer:
    """One matter that is or was enabled in the building; MATTER_NOT_FOUND for anything else."""
    m = building_matters.c
    rows = await reader.fetch(
        select(building_matters).where(m.tenant_id == reader.tenant_id, m.id == building_matter_id)
    )
    found = await _complete(reader, rows)
    if not found:
        raise NotFound("MATTER_NOT_FOUND")
    return found[0]


async def _complete(reader: Reader, rows: Sequence[Row]) -> list[Offer]:
    c = counters.c
    at = await reader.fetch(
        select(counters).where(c.tenant_id == reader.tenant_id, c.id.in_({row.counter_id for row in rows}))
    )
    by_id = {counter.id: counter for counter in at}
    versions = await matters.newest(reader, {row.matter_id for row in rows})
    known = await departments.listed(reader, {row.department_id for row in rows})
    return [
        Offer(
            row=row,
            counter=by_id[row.counter_id],
            version=versions[row.matter_id],
            department=known[row.department_id],
            in_force=versions[row.matter_id].in_force,
        )
        for row in rows
        if row.matter_id in versions and row.department_id in known
    ]


def _text(offer: Offer) -> str:
    v, d = offer.version, offer.department
    texts = (v.name_zh, v.name_en, v.summary_zh, v.summary_en, d.name_zh, d.name_en, d.modern_name_zh)
    return "\n".join((*texts, *d.aliases)).casefold()
