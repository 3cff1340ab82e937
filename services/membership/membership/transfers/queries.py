"""Reads of transfers: in the building, by the member, and as the source or superior that a record names."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, select, true

from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.transfers.rules import ASKED, State
from membership.transfers.tables import transfers


def visible(context: Context) -> ColumnElement[bool]:
    """B and T: every transfer into the building."""
    return true() if context.mode in ("job", "consumer") or context.has("BT") else false()


def own(reader: Reader) -> ColumnElement[bool]:
    """The caller's own transfers into the tenant."""
    t = transfers.c
    return (t.tenant_id == reader.tenant_id) & (t.person_id == (reader.context.caller.person_id or None))


def outgoing(reader: Reader) -> ColumnElement[bool]:
    """Those that name the caller's tenant as their source, once its word was asked for."""
    return (transfers.c.source_id == reader.tenant_id) & transfers.c.state.in_(ASKED)


def stuck(reader: Reader) -> ColumnElement[bool]:
    """Those that the caller's tenant may have to resolve: submitted, and not released yet."""
    return (transfers.c.resolver_id == reader.tenant_id) & (transfers.c.state == State.SUBMITTED)


async def get(reader: Reader, transfer_id: str, *, lock: bool = False) -> Row:
    """One of the building's; TRANSFER_NOT_FOUND for anything that the caller may not see."""
    here = (transfers.c.tenant_id == reader.tenant_id) & visible(reader.context)
    return await one(reader, here, transfer_id, lock=lock)


async def one(reader: Reader, where: ColumnElement[bool], transfer_id: str, *, lock: bool = False) -> Row:
    """One among those of the caller's; TRANSFER_NOT_FOUND for any other."""
    statement = select(transfers).where(where, transfers.c.id == transfer_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("TRANSFER_NOT_FOUND")
    return found


async def page(
    reader: Reader,
    where: ColumnElement[bool],
    *,
    states: Iterable[str] = (),
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Transfers of the caller's, newest first, `size` + 1 at most."""
    t = transfers.c
    statement = select(transfers).where(where)
    if wanted := tuple(states):
        statement = statement.where(t.state.in_(wanted))
    if after:
        statement = statement.where(t.id < after[0])
    return await reader.fetch(statement.order_by(t.id.desc()).limit(size + 1))


def here(reader: Reader) -> ColumnElement[bool]:
    """The transfers into the building that the caller may see."""
    return (transfers.c.tenant_id == reader.tenant_id) & visible(reader.context)


async def all_mine(reader: Reader) -> Sequence[Row]:
    """The caller's transfers, the latest first."""
    return await reader.fetch(select(transfers).where(own(reader)).order_by(transfers.c.id.desc()))
