"""Registering and ending clients."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update

from chassis.clocks import system_now
from chassis.errors import NotFound, WrongState
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from identity.clients import rules
from identity.clients.tables import clients
from identity.grants import commands as grants


async def create(unit: UnitOfWork, name: str, permissions: Sequence[str], secret: str) -> Row:
    """Register a client."""
    rules.check_permissions(permissions)
    statement = (
        insert(clients)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            name=name,
            permissions=list(permissions),
            secret_hash=rules.stored(secret),
        )
        .returning(clients)
    )
    client = await unit.one(statement)
    unit.audit("clients.create", client.id, permissions=",".join(permissions))
    return client


async def rotate(unit: UnitOfWork, client_id: str, secret: str) -> Row:
    """Give a client a new secret; the former one works a little longer."""
    client = await _locked(unit, client_id)
    values = {
        "secret_hash": rules.stored(secret),
        "previous_hash": client.secret_hash,
        "previous_until": system_now() + rules.OVERLAP,
    }
    unit.audit("clients.rotate", client_id)
    return await _write(unit, client_id, values)


async def revoke(unit: UnitOfWork, client_id: str, reason: str) -> Row:
    """End a client; its tokens stop working within seconds."""
    await _locked(unit, client_id)
    unit.audit("clients.revoke", client_id, reason=reason)
    await grants.note(unit, "account", client_id)
    return await _write(unit, client_id, {"revoked_at": system_now()})


async def used(unit: UnitOfWork, client: Row) -> None:
    """Remember that a client got a token."""
    await unit.execute(
        update(clients)
        .where(clients.c.tenant_id == client.tenant_id, clients.c.id == client.id)
        .values(used_at=system_now())
    )


async def _locked(unit: UnitOfWork, client_id: str) -> Row:
    found = await unit.first(
        select(clients)
        .where(clients.c.tenant_id == unit.tenant_id, clients.c.id == client_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound("CLIENT_NOT_FOUND")
    if found.revoked_at is not None:
        raise WrongState("CLIENT_REVOKED", state="revoked")
    return found


async def _write(unit: UnitOfWork, client_id: str, values: Mapping[str, Any]) -> Row:
    statement = (
        update(clients)
        .where(clients.c.tenant_id == unit.tenant_id, clients.c.id == client_id)
        .values(version=clients.c.version + 1, updated_at=unit.now, **values)
        .returning(clients)
    )
    return await unit.one(statement)
