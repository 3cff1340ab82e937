"""Setting up desks and putting people behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.errors import Conflict, FieldError, Invalid, NotFound, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from identity.accounts.queries import Standing
from identity.desks.tables import desks, members


@dataclass(frozen=True, slots=True)
class Draft:
    """A desk to set up."""

    code: str
    name_zh: str
    name_en: str
    emails: Sequence[str]


async def create(unit: UnitOfWork, draft: Draft) -> Row:
    """Set up a desk. DESK_CODE_TAKEN where the tenant has the code already."""
    statement = (
        insert(desks)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            code=draft.code,
            name_zh=draft.name_zh,
            name_en=draft.name_en,
            emails=list(draft.emails),
        )
        .returning(desks)
    )
    try:
        desk = await unit.one(statement)
    except UniqueViolationError as error:
        raise Conflict("DESK_CODE_TAKEN", fields=[FieldError("code", "DESK_CODE_TAKEN")]) from error
    unit.audit("desks.create", desk.id, code=draft.code)
    return desk


async def change(unit: UnitOfWork, desk_id: str, etag: str, values: Mapping[str, Any]) -> Row:
    """Change names and addresses."""
    desk = await _locked(unit, desk_id)
    if etag and etag != str(desk.version):
        raise Stale
    unit.audit("desks.change", desk_id, fields=",".join(sorted(values)))
    return await _write(unit, desk_id, values)


async def add_member(unit: UnitOfWork, desk_id: str, account: Standing) -> Row:
    """Put an account on a desk."""
    if account.left:
        raise Invalid("ACCOUNT_LEFT", fields=[FieldError("account", "ACCOUNT_LEFT")])
    await _locked(unit, desk_id)
    await unit.execute(
        upsert(members)
        .values(
            tenant_id=unit.tenant_id,
            desk_id=desk_id,
            account_id=account.account_id,
            created_at=unit.now,
        )
        .on_conflict_do_nothing()
    )
    unit.audit("desks.add_member", desk_id, account=account.account_id)
    return await _write(unit, desk_id, {})


async def remove_member(unit: UnitOfWork, desk_id: str, account_id: str) -> Row:
    """Take an account off a desk; nothing happens where it was not on it."""
    await _locked(unit, desk_id)
    await unit.execute(
        delete(members).where(
            members.c.tenant_id == unit.tenant_id,
            members.c.desk_id == desk_id,
            members.c.account_id == account_id,
        )
    )
    unit.audit("desks.remove_member", desk_id, account=account_id)
    return await _write(unit, desk_id, {})


async def _locked(unit: UnitOfWork, desk_id: str) -> Row:
    found = await unit.first(
        select(desks).where(desks.c.tenant_id == unit.tenant_id, desks.c.id == desk_id).with_for_update()
    )
    if found is None:
        raise NotFound("DESK_NOT_FOUND")
    return found


async def _write(unit: UnitOfWork, desk_id: str, values: Mapping[str, Any]) -> Row:
    statement = (
        update(desks)
        .where(desks.c.tenant_id == unit.tenant_id, desks.c.id == desk_id)
        .values(version=desks.c.version + 1, updated_at=unit.now, **values)
        .returning(desks)
    )
    return await unit.one(statement)
