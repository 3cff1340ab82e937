"""Changes to organisations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update

from chassis.context import Scope
from chassis.errors import Conflict, Forbidden, NotFound, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from identity.accounts.queries import Standing
from identity.grants import commands as grants
from identity.names import sort_key
from identity.organisations import Kind, State
from identity.tenants import events, queries, rules
from identity.tenants.rules import Links
from identity.tenants.tables import tenants


@dataclass(frozen=True, slots=True)
class Draft:
    """An organisation to provision."""

    kind: Kind
    name_zh: str
    name_en: str
    links: Links = field(default_factory=lambda: Links(None, None))
    aliases: Sequence[str] = ()
    sites: Sequence[Mapping[str, str]] = ()
    area_m2: Decimal | None = None
    height_m: Decimal | None = None
    built_year: int = 0
    opened_year: int = 0
    floors: int = 0
    synthetic: bool = False
    state: State = State.PROVISIONING


async def provision(unit: UnitOfWork, draft: Draft, administrator: Standing | None = None) -> Row:
    """Set up an organisation below the caller's district, with its first administrator."""
    _district_only(unit)
    if draft.kind is Kind.DISTRICT:
        raise Conflict("DISTRICT_EXISTS")
    kinds, tree = await queries.tree(unit)
    rules.check_links(draft.kind, draft.links, kinds)
    tenant_id = new_id()
    above = rules.ancestors(tenant_id, unit.tenant_id, {**tree, tenant_id: draft.links})
    tenant = await _insert(unit, tenant_id, draft, above)
    if administrator:
        await grants.appoint(unit, tenant_id, administrator)
    return tenant


async def found_district(unit: UnitOfWork, draft: Draft) -> Row:
    """Set up the district itself; on the command line, once."""
    if await queries.district(unit):
        raise Conflict("DISTRICT_EXISTS")
    return await _insert(unit, new_id(), draft, [])


async def _insert(unit: UnitOfWork, tenant_id: str, draft: Draft, above: Sequence[str]) -> Row:
    rules.check_years(draft.built_year, draft.opened_year)
    values = {
        "tenant_id": tenant_id,
        "created_at": unit.now,
        "updated_at": unit.now,
        "created_by": unit.context.caller.actor,
        "synthetic": draft.synthetic,
        "kind": draft.kind,
        "state": draft.state,
        "name_zh": draft.name_zh,
        "name_en": draft.name_en,
        "name_key": sort_key(draft.name_zh),
        "aliases": list(draft.aliases),
        "region_id": draft.links.region_id,
        "superior_id": draft.links.superior_id,
        "ancestors": list(above),
        "sites": [dict(site) for site in draft.sites],
        "area_m2": draft.area_m2,
        "height_m": draft.height_m,
        "built_year": draft.built_year,
        "opened_year": draft.opened_year,
        "floors": draft.floors,
        "reason": "",
    }
    tenant = await unit.one(insert(tenants).values(values).returning(tenants))
    unit.audit("tenants.provision", tenant_id, kind=draft.kind)
    event = events.activated if draft.state is State.ACTIVE else events.changed
    unit.emit(event(tenant), aggregate_id=tenant_id, tenant_id=tenant_id)
    await grants.note_tenant(unit)
    return tenant


async def change(unit: UnitOfWork, tenant_id: str, etag: str, values: Mapping[str, Any]) -> Row:
    """Change names and facts; links only in the district's name."""
    tenant = await _locked(unit, tenant_id)
    if etag and etag != str(tenant.version):
        raise Stale
    merged = dict(tenant) | dict(values)
    rules.check_years(merged["built_year"], merged["opened_year"])
    links = Links(merged["region_id"] or None, merged["superior_id"] or None)
    moved = links != Links(tenant.region_id, tenant.superior_id)
    written = dict(values) | {"region_id": links.region_id, "superior_id": links.superior_id}
    written["name_key"] = sort_key(merged["name_zh"])
    if moved:
        _district_only(unit)
    changed = await _write(unit, tenant_id, written)
    if moved:
        changed = await _relink(unit, changed, links)
        await grants.note_tenant(unit)
    unit.audit("tenants.change", tenant_id, fields=",".join(sorted(values)))
    unit.emit(events.changed(changed), aggregate_id=tenant_id, tenant_id=tenant_id)
    return changed


async def _relink(unit: UnitOfWork, tenant: Row, links: Links) -> Row:
    """Compute anew who is above the tenant and above everyone below it."""
    kinds, tree = await queries.tree(unit)
    rules.check_links(Kind(tenant.kind), links, kinds)
    moved = [tenant.tenant_id, *(row.tenant_id for row in await queries.below(unit, [tenant.tenant_id]))]
    for tenant_id in moved:
        await unit.execute(
            update(tenants)
            .where(tenants.c.tenant_id == tenant_id)
            .values(ancestors=rules.ancestors(tenant_id, unit.tenant_id, tree))
        )
    return tenant


async def move(unit: UnitOfWork, tenant_id: str, verb: str, reason: str = "") -> Row:
    """Activate, suspend or archive an organisation."""
    _district_only(unit)
    tenant = await _locked(unit, tenant_id)
    if tenant.kind == Kind.DISTRICT:
        raise Forbidden("DISTRICT_STAYS")
    state = rules.after(State(tenant.state), verb)
    tenant = await _write(unit, tenant_id, {"state": state, "reason": reason})
    unit.audit(f"tenants.{verb}", tenant_id, reason=reason)
    event = events.activated if state is State.ACTIVE else events.suspended
    unit.emit(event(tenant), aggregate_id=tenant_id, tenant_id=tenant_id)
    await grants.note_tenant(unit)
    return tenant


async def _locked(unit: UnitOfWork, tenant_id: str) -> Row:
    found = await unit.first(
        select(tenants)
        .where(tenants.c.tenant_id == tenant_id, queries.visible(unit.tenant_id))
        .with_for_update()
    )
    if found is None:
        raise NotFound("TENANT_NOT_FOUND")
    return found


async def _write(unit: UnitOfWork, tenant_id: str, values: Mapping[str, Any]) -> Row:
    statement = (
        update(tenants)
        .where(tenants.c.tenant_id == tenant_id, queries.visible(unit.tenant_id))
        .values(version=tenants.c.version + 1, updated_at=unit.now, **values)
        .returning(tenants)
    )
    return await unit.one(statement)


def _district_only(unit: UnitOfWork) -> None:
    """Setting up, closing and moving organisations is the district's; an administrator's permission
    ends at the own one."""
    if Scope("D", unit.tenant_id) not in unit.context.scopes:
        raise Forbidden("DISTRICT_ONLY")
