"""What a department does with its matters."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update

from chassis.errors import Conflict, FieldError, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from window.matters import events, queries, rules
from window.matters.tables import matters, versions


async def draft(unit: UnitOfWork, code: str, content: rules.Content, *, synthetic: bool) -> Row:
    """Write the draft of a new matter. MATTER_CODE_TAKEN when the department has the code already."""
    rules.check(content)
    statement = (
        insert(matters)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            synthetic=synthetic,
            code=code,
            state=rules.State.DRAFT,
            published_version=0,
            draft_changed=True,
            **content.columns(),
        )
        .returning(matters)
    )
    try:
        row: Row = await unit.one(statement)
    except UniqueViolationError as error:
        raise Conflict("MATTER_CODE_TAKEN", fields=[FieldError("code", "MATTER_CODE_TAKEN")]) from error
    unit.audit("matters.create", row.id, code=code)
    return row


async def edit(unit: UnitOfWork, matter_id: str, etag: str, values: Mapping[str, Any]) -> Row:
    """Edit the draft of the next version; what is published stays as it is."""
    row = await _take(unit, matter_id, "update", etag)
    content = replace(content_of(row), **values)
    rules.check(content)
    unit.audit("matters.update", row.id, fields=",".join(sorted(values)))
    return await _write(unit, row, draft_changed=True, **content.columns())


async def publish(unit: UnitOfWork, matter_id: str, etag: str) -> Row:
    """Publish the draft as the next version. MATTER_UNCHANGED when there is nothing new in it."""
    row = await _take(unit, matter_id, "publish", etag)
    if not row.draft_changed:
        raise Conflict("MATTER_UNCHANGED")
    version = row.published_version + 1
    await _end_force(unit, row)
    await unit.execute(
        insert(versions).values(
            tenant_id=unit.tenant_id,
            matter_id=row.id,
            version=version,
            code=row.code,
            in_force=True,
            synthetic=row.synthetic,
            published_at=unit.now,
            **content_of(row).columns(),
        )
    )
    row = await _write(
        unit,
        row,
        state=rules.State.PUBLISHED,
        published_version=version,
        draft_changed=False,
        published_at=unit.now,
    )
    unit.audit("matters.publish", row.id, version=version)
    unit.emit(events.published(row), aggregate_id=row.id)
    return row


async def retire(unit: UnitOfWork, matter_id: str, etag: str) -> Row:
    """Take a matter out of the catalogue; cases filed under it are finished."""
    row = await _take(unit, matter_id, "retire", etag)
    await _end_force(unit, row)
    row = await _write(unit, row, state=rules.State.RETIRED)
    unit.audit("matters.retire", row.id)
    unit.emit(events.retired(row), aggregate_id=row.id)
    return row


def content_of(row: Row) -> rules.Content:
    """What a stored matter says."""
    return rules.Content(
        name_zh=row.name_zh,
        name_en=row.name_en,
        summary_zh=row.summary_zh,
        summary_en=row.summary_en,
        materials=rules.materials_of(row.materials),
        promised_days=row.promised_days,
    )


async def _take(unit: UnitOfWork, matter_id: str, verb: str, etag: str) -> Row:
    row = await queries.matter(unit, matter_id, lock=True)
    if etag != str(row.version):
        raise Stale
    rules.require(row.state, verb)
    return row


async def _end_force(unit: UnitOfWork, row: Row) -> None:
    v = versions.c
    await unit.execute(
        update(versions)
        .where(v.tenant_id == unit.tenant_id, v.matter_id == row.id, v.in_force)
        .values(in_force=False)
    )


async def _write(unit: UnitOfWork, row: Row, **values: Any) -> Row:
    c = matters.c
    return await unit.one(
        update(matters)
        .where(c.tenant_id == unit.tenant_id, c.id == row.id)
        .values(version=c.version + 1, updated_at=unit.now, **values)
        .returning(matters)
    )
