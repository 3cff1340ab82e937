"""Changes to the catalogue."""

from collections.abc import Mapping
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import insert, select, update

from chassis.errors import Conflict, FieldError, NotFound, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.catalogue import events, rules
from ticket.catalogue.queries import RECENT
from ticket.catalogue.tables import items


async def publish(unit: UnitOfWork, draft: rules.Draft) -> Row:
    """Publish a new item. SERVICE_ITEM_CODE_TAKEN when the building has the code already."""
    rules.check_times(draft.first_response_hours, draft.resolution_hours)
    rules.check_form(draft.form)
    statement = (
        insert(items)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            synthetic=draft.synthetic,
            code=draft.code,
            name_zh=draft.name_zh,
            name_en=draft.name_en,
            summary_zh=draft.summary_zh,
            summary_en=draft.summary_en,
            affairs=draft.affairs,
            station=draft.station,
            desk=draft.desk,
            form=dict(draft.form),
            first_response_hours=draft.first_response_hours,
            resolution_hours=draft.resolution_hours,
            price_note=draft.price_note,
            sensitivity=draft.sensitivity,
            live=True,
            onsite=draft.onsite,
        )
        .returning(items)
    )
    try:
        item = await unit.one(statement)
    except UniqueViolationError as error:
        raise Conflict(
            "SERVICE_ITEM_CODE_TAKEN", fields=[FieldError("code", "SERVICE_ITEM_CODE_TAKEN")]
        ) from error
    unit.audit("catalogue.publish", item.id, code=item.code)
    unit.emit(events.published(item), aggregate_id=item.id)
    return item


async def change(unit: UnitOfWork, item_id: str, etag: str, values: Mapping[str, Any]) -> Row:
    """Change some columns of an item. Tickets that were opened keep what they were opened with."""
    own = (items.c.tenant_id == unit.tenant_id) & (items.c.id == item_id)
    item = await unit.first(select(items).where(own).with_for_update())
    if item is None:
        raise NotFound("SERVICE_ITEM_NOT_FOUND")
    if etag and etag != str(item.version):
        raise Stale
    after = dict(item) | dict(values)
    rules.check_times(after["first_response_hours"], after["resolution_hours"])
    rules.check_form(after["form"])
    item = await unit.one(
        update(items)
        .where(own)
        .values(version=items.c.version + 1, updated_at=unit.now, **values)
        .returning(items)
    )
    RECENT.forget((unit.tenant_id, item_id))
    unit.audit("catalogue.change", item.id, fields=",".join(sorted(values)))
    unit.emit(events.published(item), aggregate_id=item.id)
    return item
