"""Reads of listings and interests. Each states the tenant and what the caller may see."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from ticket.listings import access
from ticket.listings.rules import WAITING, Standing
from ticket.listings.tables import interests, listings


async def listing(reader: Reader, listing_id: str, *, lock: bool = False) -> Row:
    """One listing the caller may see; LISTING_NOT_FOUND for anything else."""
    own = (listings.c.tenant_id == reader.tenant_id) & (listings.c.id == listing_id)
    statement = select(listings).where(own, access.visible(reader.context))
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("LISTING_NOT_FOUND")
    return found


async def page_of_listings(
    reader: Reader,
    *,
    kind: str,
    states: tuple[str, ...],
    mine: bool,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Listings the caller may see, newest first, `size` + 1 at most."""
    c = listings.c
    statement = select(listings).where(c.tenant_id == reader.tenant_id, access.visible(reader.context))
    if kind:
        statement = statement.where(c.kind == kind)
    if states:
        statement = statement.where(c.state.in_(states))
    if mine:
        statement = statement.where(access.own_listings(reader.context))
    if after:
        statement = statement.where(c.id < after[0])
    return await reader.fetch(statement.order_by(c.id.desc()).limit(size + 1))


async def waiting(reader: Reader, rows: Sequence[Row]) -> dict[str, int]:
    """How many interests in each of these listings wait for an answer."""
    i = interests.c
    found = await reader.fetch(
        select(i.listing_id, func.count().label("count"))
        .where(i.tenant_id == reader.tenant_id, i.listing_id.in_([row.id for row in rows]))
        .where(i.state.in_(sorted(WAITING)))
        .group_by(i.listing_id)
    )
    return {row.listing_id: row.count for row in found}


async def interest(reader: Reader, interest_id: str, *, lock: bool = False) -> Row:
    """One interest the caller may see; INTEREST_NOT_FOUND for anything else."""
    i = interests.c
    statement = _seen(reader).where(i.id == interest_id)
    found = await reader.first(statement.with_for_update(of=interests) if lock else statement)
    if found is None:
        raise NotFound("INTEREST_NOT_FOUND")
    return found


async def page_of_interests(
    reader: Reader,
    *,
    listing_id: str,
    mine: bool,
    open_only: bool,
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Interests the caller may see, newest first, `size` + 1 at most."""
    i = interests.c
    statement = _seen(reader)
    if listing_id:
        statement = statement.where(i.listing_id == listing_id)
    if mine:
        statement = statement.where(i.account == reader.context.caller.account_id)
    if open_only:
        statement = statement.where(i.state.in_(sorted(WAITING)))
    if after:
        statement = statement.where(i.id < after[0])
    return await reader.fetch(statement.order_by(i.id.desc()).limit(size + 1))


def _seen(reader: Reader) -> Select[Any]:
    i, c = interests.c, listings.c
    return (
        select(interests, c.enterprise_id.label("owner_enterprise"), c.created_by.label("maker"))
        .join(listings, (c.tenant_id == i.tenant_id) & (c.id == i.listing_id))
        .where(i.tenant_id == reader.tenant_id, access.visible_interests(reader.context))
    )


async def open_in(reader: Reader, listing_id: str) -> Sequence[Row]:
    """Every interest in a listing that waits for an answer, locked."""
    i = interests.c
    return await reader.fetch(
        select(interests)
        .where(i.tenant_id == reader.tenant_id, i.listing_id == listing_id)
        .where(i.state.in_(sorted(WAITING)))
        .order_by(i.id)
        .with_for_update()
    )


async def bookings(reader: Reader, listing_id: str) -> list[tuple[datetime, datetime]]:
    """The times at which a resource is with somebody."""
    i = interests.c
    rows = await reader.fetch(
        select(i.start_at, i.end_at)
        .where(i.tenant_id == reader.tenant_id, i.listing_id == listing_id)
        .where(i.state == Standing.ACCEPTED, i.end_at > reader.now)
    )
    return [(row.start_at, row.end_at) for row in rows]
