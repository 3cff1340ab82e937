"""What a building does with its counters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from chassis.errors import Conflict, FieldError, Invalid, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from window.counters import events, queries, rules
from window.counters.tables import building_matters, counters
from window.departments import queries as departments
from window.matters import queries as matters


@dataclass(frozen=True, slots=True)
class Setup:
    """A counter as a building sets it up."""

    name_zh: str
    name_en: str
    department_id: str
    kind: str
    weekdays: Sequence[str]
    opens: str
    closes: str
    place: str
    synthetic: bool


async def set_up(unit: UnitOfWork, setup: Setup) -> Row:
    """Set up a counter. DEPARTMENT_NOT_LIVE unless the department takes cases."""
    opens, closes = setup.opens or rules.OPENS, setup.closes or rules.CLOSES
    rules.check(setup.kind, setup.weekdays, opens, closes)
    if setup.department_id not in await departments.live(unit):
        raise Invalid("DEPARTMENT_NOT_LIVE", fields=[FieldError("department_id", "DEPARTMENT_NOT_LIVE")])
    statement = (
        insert(counters)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            synthetic=setup.synthetic,
            name_zh=setup.name_zh,
            name_en=setup.name_en,
            department_id=setup.department_id,
            kind=setup.kind,
            weekdays=rules.in_week_order(setup.weekdays),
            opens=opens,
            closes=closes,
            place=setup.place,
            is_open=True,
        )
        .returning(counters)
    )
    row: Row = await unit.one(statement)
    unit.audit("counters.create", row.id)
    return row


async def change(unit: UnitOfWork, counter_id: str, etag: str, values: Mapping[str, Any]) -> Row:
    """Change where and when a counter is open. One that becomes standing forgets its weekdays."""
    row = await _take(unit, counter_id, etag)
    after = {**row, **values}
    if values.get("kind") == rules.Kind.STANDING and "weekdays" not in values:
        after["weekdays"] = []
    rules.check(after["kind"], after["weekdays"], after["opens"], after["closes"])
    unit.audit("counters.update", row.id, fields=",".join(sorted(values)))
    weekdays = rules.in_week_order(after["weekdays"])
    return await _write(unit, row, **{**values, "weekdays": weekdays})


async def close(unit: UnitOfWork, counter_id: str, etag: str) -> Row:
    """Close a counter for good."""
    row = await _take(unit, counter_id, etag)
    unit.audit("counters.close", row.id)
    return await _write(unit, row, is_open=False)


async def enable(unit: UnitOfWork, counter_id: str, matter_id: str) -> Row:
    """Enable a published matter of the counter's department; again is the same. MATTER_NOT_PUBLISHED
    for anything else."""
    row = await _open(unit, counter_id)
    version = (await matters.in_force(unit, [matter_id])).get(matter_id)
    if version is None or version.tenant_id != row.department_id:
        raise Invalid("MATTER_NOT_PUBLISHED", fields=[FieldError("matter_id", "MATTER_NOT_PUBLISHED")])
    m = building_matters.c
    before = await unit.first(
        building_matters.select().where(
            m.tenant_id == unit.tenant_id, m.counter_id == row.id, m.matter_id == matter_id
        )
    )
    if before is not None and before.enabled:
        return before
    statement = insert(building_matters).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=unit.context.caller.actor,
        synthetic=version.synthetic,
        counter_id=row.id,
        department_id=row.department_id,
        matter_id=matter_id,
        enabled=True,
    )
    written = await unit.one(
        statement.on_conflict_do_update(
            constraint="counters_matters_once",
            set_={"enabled": True, "updated_at": unit.now, "version": m.version + 1},
        ).returning(building_matters)
    )
    enabled: Row = written
    unit.audit("counters.enable", row.id, matter_id=matter_id)
    unit.emit(events.enabled(enabled), aggregate_id=row.id)
    return enabled


async def disable(unit: UnitOfWork, counter_id: str, matter_id: str) -> Row:
    """Take a matter away from a counter; open cases are finished. Again is the same."""
    row = await queries.counter(unit, counter_id, lock=True)
    m = building_matters.c
    own = (m.tenant_id == unit.tenant_id, m.counter_id == row.id, m.matter_id == matter_id)
    before = await unit.first(building_matters.select().where(*own))
    if before is None:
        raise Invalid("MATTER_NOT_ENABLED", fields=[FieldError("matter_id", "MATTER_NOT_ENABLED")])
    if not before.enabled:
        return before
    written = await unit.one(
        update(building_matters)
        .where(*own)
        .values(enabled=False, updated_at=unit.now, version=m.version + 1)
        .returning(building_matters)
    )
    disabled = written
    unit.audit("counters.disable", row.id, matter_id=matter_id)
    unit.emit(events.disabled(disabled), aggregate_id=row.id)
    return disabled


async def _take(unit: UnitOfWork, counter_id: str, etag: str) -> Row:
    row = await _open(unit, counter_id)
    if etag != str(row.version):
        raise Stale
    return row


async def _open(unit: UnitOfWork, counter_id: str) -> Row:
    row = await queries.counter(unit, counter_id, lock=True)
    if not row.is_open:
        raise Conflict("COUNTER_CLOSED")
    return row


async def _write(unit: UnitOfWork, row: Row, **values: Any) -> Row:
    c = counters.c
    return await unit.one(
        update(counters)
        .where(c.tenant_id == unit.tenant_id, c.id == row.id)
        .values(version=c.version + 1, updated_at=unit.now, **values)
        .returning(counters)
    )
