"""Reads of service requests. Each states the tenant and what the caller may see."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select, tuple_

from chassis.errors import NotFound
from chassis.statements import NewRow, Row
from chassis.units import Reader
from ticket.requests import access, rules
from ticket.requests.tables import subtasks, tickets, timeline


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty fields narrow nothing."""

    states: tuple[str, ...] = ()
    assignee: str = ""
    requester: str = ""
    enterprise_id: str = ""
    service_item_id: str = ""
    number: str = ""
    station: str = ""
    by_due: bool = False
    """In the order of work instead of newest first."""

    def key(self, row: Row) -> list[Any]:
        """What a page that follows this row starts after."""
        return [row.urgency, row.next_due_at, row.id] if self.by_due else [row.id]


# What a list shows: everything but the documents, which cost more to decode than the rest together.
_BRIEF: Final = tuple(
    column for column in tickets.c if column.name not in ("form", "attachments", "remark", "clocks")
)


async def ticket(reader: Reader, ticket_id: str, *, lock: bool = False) -> Row:
    """One ticket the caller may see; TICKET_NOT_FOUND for anything else. `lock` is for commands."""
    wanted = {"own_tenant": reader.tenant_id, "own_id": ticket_id, **access.values(reader.context)}
    found = await reader.first(_one(access.ways(reader.context), lock=lock), wanted)
    if found is None:
        raise NotFound("TICKET_NOT_FOUND")
    return found


@cache
def _one(by: str, *, lock: bool) -> Select[Any]:
    statement = select(tickets).where(
        tickets.c.tenant_id == bindparam("own_tenant"),
        tickets.c.id == bindparam("own_id"),
        access.visible(by),
    )
    return statement.with_for_update() if lock else statement


async def page(reader: Reader, narrowed: Filter, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Tickets the caller may see, newest first or in the order of work, `size` + 1 at most."""
    wanted = {name: value for name, value in asdict(narrowed).items() if value}
    if after and narrowed.by_due:
        wanted |= {
            "after_urgency": after[0],
            "after_due": datetime.fromisoformat(after[1]),
            "after": after[2],
        }
    elif after:
        wanted["after"] = after[0]
    statement = _page(access.ways(reader.context), frozenset(wanted))
    if narrowed.number:
        # A range instead of LIKE, which is not leakproof and would lose the index under RLS; "~" comes
        # after every character a number has.
        wanted["number_end"] = narrowed.number + "~"
    wanted |= {"own_tenant": reader.tenant_id, "size": size + 1, **access.values(reader.context)}
    return await reader.fetch(statement, wanted)


@cache
def _page(by: str, narrowed: frozenset[str]) -> Select[Any]:
    t = tickets.c
    statement = select(*_BRIEF).where(t.tenant_id == bindparam("own_tenant"), access.visible(by))
    for name in ("assignee", "requester", "enterprise_id", "service_item_id", "station"):
        if name in narrowed:
            statement = statement.where(t[name] == bindparam(name))
    if "states" in narrowed:
        statement = statement.where(t.state.in_(bindparam("states", expanding=True)))
    if "number" in narrowed:
        statement = statement.where(t.number >= bindparam("number"), t.number < bindparam("number_end"))
    if "by_due" in narrowed:
        return _in_order_of_work(statement, after="after" in narrowed)
    if "after" in narrowed:
        statement = statement.where(t.id < bindparam("after"))
    return statement.order_by(t.id.desc()).limit(bindparam("size"))


def _in_order_of_work(statement: Select[Any], *, after: bool) -> Select[Any]:
    """Urgent tickets before all others, then by what falls due next."""
    t = tickets.c
    statement = statement.where(t.next_due_at.is_not(None))
    if after:
        last = (bindparam("after_due", type_=t.next_due_at.type), bindparam("after", type_=t.id.type))
        urgency = bindparam("after_urgency", type_=t.urgency.type)
        later = (t.urgency == urgency) & (tuple_(t.next_due_at, t.id) > tuple_(*last))
        statement = statement.where((t.urgency < urgency) | later)
    return statement.order_by(t.urgency.desc(), t.next_due_at, t.id).limit(bindparam("size"))


async def escalated(
    reader: Reader, *, settled: bool, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Tickets of the tenants below that climbed past their building, latest first, `size` + 1 at most."""
    t = tickets.c
    statement = select(*_BRIEF).where(t.tenant_id.in_(reader.context.span), t.escalated_at.is_not(None))
    if not settled:
        statement = statement.where(t.state.in_(sorted(rules.UNSETTLED)))
    if after:
        last = (datetime.fromisoformat(after[0]), after[1])
        key = (t.escalated_at, t.id)
        statement = statement.where(tuple_(*key) < tuple_(*last, types=[column.type for column in key]))
    return await reader.fetch(statement.order_by(t.escalated_at.desc(), t.id.desc()).limit(size + 1))


async def escalated_one(reader: Reader, ticket_id: str) -> Row:
    """One of them; TICKET_NOT_FOUND for anything else."""
    t = tickets.c
    found = await reader.first(
        select(tickets).where(
            t.tenant_id.in_(reader.context.span), t.id == ticket_id, t.escalated_at.is_not(None)
        )
    )
    if found is None:
        raise NotFound("TICKET_NOT_FOUND")
    return found


async def counts(reader: Reader) -> Sequence[Row]:
    """(state, tickets) of open tickets the caller may see."""
    t = tickets.c
    return await reader.fetch(
        select(t.state, func.count().label("tickets"))
        .where(t.tenant_id == reader.tenant_id, t.state.in_(sorted(rules.OPEN)))
        .where(access.visible(access.ways(reader.context)))
        .group_by(t.state),
        access.values(reader.context),
    )


async def parts(reader: Reader, ticket_id: str) -> Sequence[Row]:
    """The sub-tasks of a ticket, in the order they were split off."""
    return await reader.fetch(
        select(subtasks)
        .where(subtasks.c.tenant_id == reader.tenant_id, subtasks.c.ticket_id == ticket_id)
        .order_by(subtasks.c.id)
    )


async def entries(reader: Reader, ticket: Row, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The timeline of a ticket, oldest first, `size` + 1 at most.

    It begins with the ticket itself: who ordered it and when is not written down a second time.
    """
    t = timeline.c
    of_it = select(timeline).where(t.tenant_id == reader.tenant_id, t.ticket_id == ticket.id).order_by(t.id)
    if after:
        return await reader.fetch(of_it.where(t.id > after[0]).limit(size + 1))
    return [_creation(ticket), *await reader.fetch(of_it.limit(size))]


def _creation(ticket: Row) -> Row:
    return NewRow(
        {
            "id": ticket.id,
            "kind": "created",
            "actor": ticket.requester,
            "text": "",
            "state": rules.State.SUBMITTED,
            "attachments": [],
            "created_at": ticket.created_at,
        }
    )
