"""Reads of reports: in the building, by the tenant above, and to whom an organisation reports."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, false, func, select, true

from chassis.context import Context
from chassis.errors import Conflict, NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.cadres import queries as cadres
from membership.orgs import queries as orgs
from membership.reports.rules import Fact, State
from membership.reports.tables import facts, reports, versions


def visible(context: Context) -> ColumnElement[bool]:
    """B: every report · F: those of the groups on the own floors."""
    if context.mode in ("job", "consumer") or context.has("B"):
        return true()
    bound = context.ids("F")
    return reports.c.floor.in_(bound) if bound else false()


def here(reader: Reader) -> ColumnElement[bool]:
    """The building's reports that the caller may see."""
    return (reports.c.tenant_id == reader.tenant_id) & visible(reader.context)


def named(reader: Reader) -> ColumnElement[bool]:
    """What branches of tenants below submitted to the caller's tenant."""
    return (reports.c.superior_id == reader.tenant_id) & (reports.c.state != State.DRAFT)


async def one(reader: Reader, where: ColumnElement[bool], report_id: str, *, lock: bool = False) -> Row:
    """One among those of the caller's; REPORT_NOT_FOUND for any other."""
    statement = select(reports).where(where, reports.c.id == report_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("REPORT_NOT_FOUND")
    return found


async def page(
    reader: Reader,
    where: ColumnElement[bool],
    *,
    states: Iterable[str] = (),
    mine: bool = False,
    to_accept: bool = False,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Reports of the caller's, newest first, `size` + 1 at most."""
    r = reports.c
    statement = select(reports).where(where)
    if wanted := tuple(states):
        statement = statement.where(r.state.in_(wanted))
    if mine:
        statement = statement.where(r.author == (reader.context.caller.person_id or None))
    if to_accept:
        statement = statement.where(r.state == State.SUBMITTED, r.superior_id == _above(reader))
    if after:
        statement = statement.where(r.id < after[0])
    return await reader.fetch(statement.order_by(r.id.desc()).limit(size + 1))


def _above(reader: Reader) -> str | None:
    """The tenant above whose word is asked for: the caller's as a party, none in the building itself."""
    return reader.tenant_id if reader.context.mode == "party" else None


async def history(reader: Reader, row: Row) -> Sequence[Row]:
    """The versions of a report, the newest first; those above are shown what was submitted."""
    v = versions.c
    known = select(versions).where(v.tenant_id == row.tenant_id, v.report_id == row.id)
    if reader.context.mode == "party":
        known = known.where(v.submitted_at.is_not(None))
    return await reader.fetch(known.order_by(v.number.desc()))


async def version(reader: Reader, row: Row) -> Row:
    """The version of a report that is being written, or was submitted last."""
    v = versions.c
    own = (v.tenant_id == row.tenant_id, v.report_id == row.id, v.number == row.number)
    return await reader.one(select(versions).where(*own))


async def receiver(reader: Reader, org: Row) -> tuple[str | None, str | None, str]:
    """To whom an organisation reports: the one above it in the building, else the tenant above; its name.
    REPORT_WITHOUT_RECEIVER where the tree names neither."""
    if org.parent_id:
        above = await orgs.get(reader, org.parent_id)
        return above.id, None, above.name
    tenant = await orgs.tenant(reader, org.superior_id) if org.superior_id else None
    if tenant is None:
        raise Conflict("REPORT_WITHOUT_RECEIVER", params={"name": org.name})
    return None, tenant.tenant_id, tenant.name_zh


async def accepting(reader: Reader, report_id: str) -> str:
    """The person who is to hear of what is submitted in the building: the secretary of the organisation
    above; empty where nobody is known, or it goes to the tenant above."""
    row = await one(reader, here(reader), report_id)
    post = await cadres.secretary(reader, row.to_org_id) if row.to_org_id else None
    return str(post.person_id) if post else ""


async def told(
    reader: Reader, first: date, last: date, places: Sequence[str] | None = None
) -> Mapping[Fact, int]:
    """What other services told of between two days, by kind; with `places` only of those."""
    f = facts.c
    statement = select(f.kind, func.count().label("count")).where(
        f.tenant_id == reader.tenant_id, f.happened_on.between(first, last)
    )
    if places is not None:
        statement = statement.where(f.place_id.in_(places))
    return {Fact(row.kind): row.count for row in await reader.fetch(statement.group_by(f.kind))}
