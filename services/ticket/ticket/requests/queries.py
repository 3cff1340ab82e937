"""Reads of service requests. Each states the tenant and what the caller may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, select

from chassis.errors import NotFound
from chassis.units import Reader
from ticket.requests import access, rules
from ticket.requests.tables import settings, subtasks, tickets, timeline


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty fields narrow nothing."""

    states: tuple[rules.State, ...] = ()
    assignee: str = ""
    requester: str = ""
    enterprise_id: str = ""
    service_item_id: str = ""
    number: str = ""
    station: str = ""


# What a list shows: everything but the documents, which cost more to decode than the rest together.
_BRIEF: Final = tuple(column for column in tickets.c if column.name not in ("form", "attachments", "remark"))


async def ticket(reader: Reader, ticket_id: str, *, lock: bool = False) -> Row[Any]:
    """One ticket the caller may see; TICKET_NOT_FOUND for anything else. `lock` is for commands."""
    statement = select(tickets).where(
        tickets.c.tenant_id == reader.tenant_id,
        tickets.c.id == ticket_id,
        access.visible(reader.context),
    )
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("TICKET_NOT_FOUND")
    return found


async def page(
    reader: Reader, narrowed: Filter, after: Sequence[Any] | None, size: int
) -> Sequence[Row[Any]]:
    """Tickets the caller may see, newest first, `size` + 1 at most."""
    t = tickets.c
    statement = select(*_BRIEF).where(t.tenant_id == reader.tenant_id)
    if narrowed.states:
        statement = statement.where(t.state.in_(narrowed.states))
    for column, value in (
        (t.assignee, narrowed.assignee),
        (t.requester, narrowed.requester),
        (t.enterprise_id, narrowed.enterprise_id),
        (t.service_item_id, narrowed.service_item_id),
        (t.station, narrowed.station),
    ):
        if value:
            statement = statement.where(column == value)
    if narrowed.number:
        # A range instead of LIKE, which is not leakproof and would lose the index under RLS; "~" comes
        # after every character a number has.
        statement = statement.where(t.number >= narrowed.number, t.number < narrowed.number + "~")
    if after:
        statement = statement.where(t.id < after[0])
    visible = access.visible(reader.context)
    return await reader.fetch(statement.where(visible).order_by(t.id.desc()).limit(size + 1))


async def counts(reader: Reader) -> Sequence[Row[Any]]:
    """(state, tickets) of open tickets the caller may see."""
    t = tickets.c
    return await reader.fetch(
        select(t.state, func.count().label("tickets"))
        .where(t.tenant_id == reader.tenant_id, t.state.in_(sorted(rules.OPEN)))
        .where(access.visible(reader.context))
        .group_by(t.state)
    )


async def parts(reader: Reader, ticket_id: str) -> Sequence[Row[Any]]:
    """The sub-tasks of a ticket, in the order they were split off."""
    return await reader.fetch(
        select(subtasks)
        .where(subtasks.c.tenant_id == reader.tenant_id, subtasks.c.ticket_id == ticket_id)
        .order_by(subtasks.c.id)
    )


async def entries(
    reader: Reader, ticket_id: str, after: Sequence[Any] | None, size: int
) -> Sequence[Row[Any]]:
    """The timeline of a ticket, oldest first, `size` + 1 at most."""
    t = timeline.c
    statement = select(timeline).where(t.tenant_id == reader.tenant_id, t.ticket_id == ticket_id)
    if after:
        statement = statement.where(t.id > after[0])
    return await reader.fetch(statement.order_by(t.id).limit(size + 1))


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; version 0 stands for the defaults."""

    version: int = 0
    auto_close_days: int = rules.AUTO_CLOSE_DAYS
    created_at: datetime | None = None


async def current_settings(reader: Reader, tenant_id: str) -> Settings:
    """The newest version of a building's settings."""
    s = settings.c
    found = await reader.first(
        select(s.version, s.auto_close_days, s.created_at)
        .where(s.tenant_id == tenant_id)
        .order_by(s.version.desc())
        .limit(1)
    )
    return Settings(*found) if found else Settings()
