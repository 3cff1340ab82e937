"""Reads of the enterprise registry."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    true,
)

from chassis.context import Context
from chassis.errors import NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader
from membership.enterprises import rules
from membership.enterprises.tables import enterprises, terms
from membership.texts import key_of_name

WHOLE_TENANT: Final = "BDST"
"""Scopes that see every enterprise of the tenant; E sees its firm, F its floor."""


def visible(context: Context) -> ColumnElement[bool]:
    """The enterprises that the caller's grants reach."""
    if context.mode in ("job", "consumer") or context.has(WHOLE_TENANT):
        return true()
    reach = []
    if firms := context.ids("E"):
        reach.append(enterprises.c.id.in_(firms))
    if floors := context.ids("F"):
        reach.append(enterprises.c.floor.in_(floors))
    return or_(false(), *reach)


def _mine(reader: Reader) -> ColumnElement[bool]:
    return and_(enterprises.c.tenant_id == reader.tenant_id, visible(reader.context))


async def get(reader: Reader, enterprise_id: str, *, lock: bool = False) -> Row:
    """One enterprise that the caller may see; NotFound otherwise."""
    statement = select(enterprises).where(_mine(reader), enterprises.c.id == enterprise_id)
    row = await reader.first(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound("ENTERPRISE_NOT_FOUND")
    return row


async def here(reader: Reader, enterprise_id: str) -> Row:
    """One active enterprise of the tenant, for records that name it: whoever they are of may not see the
    registry. NotFound for any other."""
    c = enterprises.c
    own = (c.tenant_id == reader.tenant_id, c.id == enterprise_id, c.state == "active")
    row = await reader.first(select(c.id, c.name, c.floor).where(*own))
    if row is None:
        raise NotFound("ENTERPRISE_NOT_FOUND")
    return row


async def own(reader: Reader, enterprise_id: str) -> Row:
    """One active enterprise that the caller acts for; NotFound for any other."""
    if enterprise_id not in reader.context.ids("E"):
        raise NotFound("ENTERPRISE_NOT_FOUND")
    return await here(reader, enterprise_id)


async def names(reader: Reader, ids: Collection[str]) -> dict[str, str]:
    """Names of the tenant's enterprises by id."""
    if not ids:
        return {}
    c = enterprises.c
    found = await reader.fetch(
        select(c.id, c.name).where(c.tenant_id == reader.tenant_id, c.id.in_(set(ids)))
    )
    return {row.id: row.name for row in found}


async def on_floor(reader: Reader, floor: str) -> Sequence[str]:
    """The ids of the tenant's active enterprises on a floor."""
    c = enterprises.c
    own = (c.tenant_id == reader.tenant_id, c.floor == floor, c.state == "active")
    return [row.id for row in await reader.fetch(select(c.id).where(*own))]


async def page(
    reader: Reader,
    *,
    q: str = "",
    floor: str = "",
    industry: str = "",
    state: str = "active",
    branch: str = "",
    surveyed: bool | None = None,
    order: rules.Order = "name",
    after: Sequence[Any] | None = None,
    size: int = 25,
) -> Sequence[Row]:
    """Enterprises in pinyin order, or from the lowest floor up; `size` + 1 at most."""
    c = enterprises.c
    statement = select(enterprises).where(_mine(reader), c.state == state)
    for column, value in ((c.floor, floor), (c.industry, industry), (c.branch, branch)):
        if value:
            statement = statement.where(column == value)
    if surveyed is not None:
        statement = statement.where(c.surveyed_at.is_not(None) if surveyed else c.surveyed_at.is_(None))
    statement = _matching(statement, q)
    keys = (c.sort_key, c.id) if order == "name" else (c.floor_order, c.sort_key, c.id)
    if after is not None:
        values = after if order == "name" else (int(after[0]), *after[1:])
        statement = statement.where(beyond(keys, values))
    return await reader.fetch(statement.order_by(*keys).limit(size + 1))


def _matching(statement: Select[Any], q: str) -> Select[Any]:
    wanted = rules.terms_of_query(q)
    if q.strip() and not wanted:
        return statement.where(false())
    for term in sorted(wanted):
        statement = statement.where(
            exists().where(
                terms.c.tenant_id == enterprises.c.tenant_id,
                terms.c.term == term,
                terms.c.enterprise_id == enterprises.c.id,
            )
        )
    return statement


async def summary(reader: Reader) -> Sequence[Row]:
    """Active enterprises by floor and industry: how many, how many surveyed, how many with a branch."""
    c = enterprises.c
    return await reader.fetch(
        select(
            c.floor,
            c.floor_order,
            c.industry,
            func.count().label("total"),
            func.count(c.surveyed_at).label("surveyed"),
            func.count().filter(c.branch == "own").label("with_branch"),
        )
        .where(_mine(reader), c.state == "active")
        .group_by(c.floor, c.floor_order, c.industry)
        .order_by(c.floor_order, c.industry)
    )


async def twins(reader: Reader, facts: rules.Facts, *, but: str = "") -> Sequence[Row]:
    """Active enterprises that have the same credit code, or the same name on the same floor; the one
    with the same code first."""
    c = enterprises.c
    same_name = and_(c.name_key == key_of_name(facts.name), c.floor == facts.floor)
    same_code = c.credit_code == facts.credit_code if facts.credit_code else false()
    statement = select(enterprises).where(
        c.tenant_id == reader.tenant_id, c.state == "active", or_(same_code, same_name)
    )
    if but:
        statement = statement.where(c.id != but)
    found = await reader.fetch(statement)
    return sorted(found, key=lambda row: row.credit_code != facts.credit_code or not facts.credit_code)


async def active(reader: Reader) -> Sequence[Row]:
    """Every active enterprise of the tenant, for comparing a whole ledger with it."""
    c = enterprises.c
    return await reader.fetch(
        select(enterprises).where(c.tenant_id == reader.tenant_id, c.state == "active").order_by(c.id)
    )


async def organised(reader: Reader, owners: Collection[str]) -> Sequence[Row]:
    """(floor, total, organised) of active enterprises from the top floor down; organised are those with a
    branch of their own, and `owners`."""
    c = enterprises.c
    with_org = or_(c.branch == "own", c.id.in_(owners))
    return await reader.fetch(
        select(
            c.floor,
            func.count().label("total"),
            func.count().filter(with_org).label("organised"),
        )
        .where(_mine(reader), c.state == "active")
        .group_by(c.floor, c.floor_order)
        .order_by(c.floor_order.desc())
    )


async def unorganised(
    reader: Reader, owners: Collection[str], after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Active enterprises without an organisation, from the lowest floor up, `size` + 1 at most."""
    c = enterprises.c
    return await _upwards(reader, and_(c.branch != "own", c.id.not_in(owners)), after, size)


async def elsewhere(
    reader: Reader, floors: Collection[str], after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Active enterprises on other floors than these, from the lowest floor up, `size` + 1 at most."""
    return await _upwards(reader, enterprises.c.floor.not_in(floors), after, size)


async def _upwards(
    reader: Reader, wanted: ColumnElement[bool], after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    c = enterprises.c
    keys = (c.floor_order, c.sort_key, c.id)
    statement = select(enterprises).where(_mine(reader), c.state == "active", wanted)
    if after is not None:
        statement = statement.where(beyond(keys, (int(after[0]), *after[1:])))
    return await reader.fetch(statement.order_by(*keys).limit(size + 1))
