"""Reads of tenants."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from identity.organisations import Kind
from identity.tenants.rules import Links
from identity.tenants.tables import tenants


def visible(tenant_id: str) -> ColumnElement[bool]:
    """The tenant itself and those below it."""
    return or_(tenants.c.tenant_id == tenant_id, tenants.c.ancestors.contains([tenant_id]))


async def tenant(reader: Reader, tenant_id: str) -> Row:
    """One tenant that the caller's may see; TENANT_NOT_FOUND for anything else."""
    found = await reader.first(
        select(tenants).where(tenants.c.tenant_id == tenant_id, visible(reader.tenant_id))
    )
    if found is None:
        raise NotFound("TENANT_NOT_FOUND")
    return found


async def page(
    reader: Reader,
    *,
    words: str,
    kind: str | None,
    state: str | None,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Tenants the caller's may see, by name; one more than `size` where there are more."""
    statement = select(tenants).where(visible(reader.tenant_id))
    if kind:
        statement = statement.where(tenants.c.kind == kind)
    if state:
        statement = statement.where(tenants.c.state == state)
    for word in words.split():
        # A district has some hundreds of organisations: words are looked for by reading them.
        joined = tenants.c.name_zh + " " + tenants.c.name_en
        aliases = func.array_to_string(tenants.c.aliases, " ")
        statement = statement.where(
            or_(joined.icontains(word, autoescape=True), aliases.icontains(word, autoescape=True))
        )
    if after:
        key, last = after
        statement = statement.where(
            or_(tenants.c.name_key > key, and_(tenants.c.name_key == key, tenants.c.tenant_id > last))
        )
    return await reader.fetch(statement.order_by(tenants.c.name_key, tenants.c.tenant_id).limit(size + 1))


async def registry(reader: Reader, after: str, size: int) -> Sequence[Row]:
    """Every tenant, by identifier."""
    statement = select(tenants).order_by(tenants.c.tenant_id).limit(size)
    return await reader.fetch(statement.where(tenants.c.tenant_id > after) if after else statement)


async def tree(reader: Reader) -> tuple[Mapping[str, Kind], Mapping[str, Links]]:
    """The kind and the links of every tenant the reader may see."""
    t = tenants.c
    rows = await reader.fetch(select(t.tenant_id, t.kind, t.region_id, t.superior_id))
    kinds = {row.tenant_id: Kind(row.kind) for row in rows}
    return kinds, {row.tenant_id: Links(row.region_id, row.superior_id) for row in rows}


async def standings(reader: Reader, tenant_ids: Sequence[str]) -> Sequence[Row]:
    """Kind, state and names of tenants, for those who hold something in them."""
    t = tenants.c
    statement = select(t.tenant_id, t.kind, t.state, t.name_zh, t.name_en)
    return await reader.fetch(statement.where(t.tenant_id.in_(tenant_ids)))


async def below(reader: Reader, tops: Sequence[str]) -> Sequence[Row]:
    """Tenants below any of these, with those above them and their kind and state."""
    t = tenants.c
    return await reader.fetch(
        select(t.tenant_id, t.kind, t.state, t.ancestors, t.region_id).where(t.ancestors.overlap(list(tops)))
    )


async def kind_of(reader: Reader, tenant_id: str) -> Kind:
    """What kind of organisation a tenant is."""
    found = await reader.scalar(select(tenants.c.kind).where(tenants.c.tenant_id == tenant_id))
    if found is None:
        raise NotFound("TENANT_NOT_FOUND")
    return Kind(found)


async def district(reader: Reader) -> str | None:
    """The district; None before it was set up."""
    found = await reader.scalar(select(tenants.c.tenant_id).where(tenants.c.kind == Kind.DISTRICT))
    return str(found) if found else None
