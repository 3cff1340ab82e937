"""Changes to service requests: one function a verb, each in the caller's unit of work.

Every verb locks the ticket, asks the rules, changes the row, writes the timeline and tells the other
services. The edge commits.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, select, update

from chassis.days import numbered, series
from chassis.errors import FieldError, Forbidden, Invalid, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.catalogue import queries as catalogue
from ticket.requests import access, events, queries, rules
from ticket.requests.history import Attachments, note, tell
from ticket.requests.rules import FiledFor, State, Urgency, Verb
from ticket.requests.settings import SETTINGS
from ticket.requests.tables import tickets
from ticket.sla import commands as sla
from ticket.sla.commands import Happening

MayHandle = Callable[[str, str], Awaitable[bool]]
"""Says whether an account (second) may handle requests of a tenant (first)."""

_FRESH: Final = {
    "version": 1,
    "state": State.SUBMITTED,
    "last_word": "",
    "rating": 0,
    "remark": "",
    "reopened": 0,
    "trips": 0,
    "closed_automatically": False,
    "escalation": 0,
    **dict.fromkeys(
        ("assignee", "referred_to", "accepted_at", "attended_at", "resolved_at", "closed_at", "escalated_at"),
    ),
}
"""What every ticket begins with."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody orders."""

    service_item_id: str
    filed_for: FiledFor
    enterprise_id: str
    floor: str
    summary: str
    form: Mapping[str, Any]
    attachments: Attachments
    urgency: Urgency
    synthetic: bool
    taken_down: bool = False
    """Said, and written down by somebody else: for whichever firm said it, and the form may wait."""


async def open_ticket(unit: UnitOfWork, order: Order) -> Row:
    """File a ticket for a live service item.

    SERVICE_ITEM_NOT_FOUND, SERVICE_ITEM_NOT_LIVE, FORM_INVALID with the fields,
    NOT_THIS_ENTERPRISE when the caller does not speak for the firm.
    """
    later = order.taken_down and not order.form
    item = await catalogue.orderable(unit, order.service_item_id, None if later else order.form)
    enterprise_id = _enterprise(unit, order)
    ticket_id = new_id()
    of_day = series("G", unit.now)
    ticket = unit.add(
        tickets,
        {
            **_FRESH,
            "tenant_id": unit.tenant_id,
            "id": ticket_id,
            "created_at": unit.now,
            "updated_at": unit.now,
            "created_by": unit.context.caller.actor,
            "synthetic": order.synthetic,
            "number": numbered(of_day, await unit.number(of_day)),
            "service_item_id": item.id,
            "item_name_zh": item.name_zh,
            "item_name_en": item.name_en,
            "affairs": item.affairs,
            "station": item.station,
            "desk": item.desk,
            "onsite": item.onsite,
            "sensitivity": item.sensitivity,
            "urgency": order.urgency,
            "filed_for": order.filed_for,
            "enterprise_id": enterprise_id or None,
            "floor": order.floor,
            "requester": unit.context.caller.account_id,
            "summary": order.summary,
            "form": dict(order.form),
            "attachments": list(order.attachments),
            "correlation_id": unit.context.correlation_id or ticket_id,
            **await sla.begin(unit, item, order.urgency),
        },
    )
    tell(unit, ticket, events.opened(ticket))
    return ticket


async def take_down(
    unit: UnitOfWork,
    service_item_id: str,
    *,
    enterprise_id: str,
    floor: str,
    summary: str,
    form: Mapping[str, Any],
    synthetic: bool,
) -> Row:
    """File what a sibling capability was told: in the firm's name where a firm said it, else in the caller's.
    What the item's form asks may be asked later."""
    order = Order(
        service_item_id=service_item_id,
        filed_for=FiledFor.ENTERPRISE if enterprise_id else FiledFor.PERSON,
        enterprise_id=enterprise_id,
        floor=floor,
        summary=summary,
        form=form,
        attachments=(),
        urgency=Urgency.NORMAL,
        synthetic=synthetic,
        taken_down=True,
    )
    return await open_ticket(unit, order)


def _enterprise(unit: UnitOfWork, order: Order) -> str:
    if order.filed_for is FiledFor.PERSON:
        if order.enterprise_id:
            raise Invalid(
                "ENTERPRISE_NOT_EXPECTED",
                fields=[FieldError("enterprise_id", "ENTERPRISE_NOT_EXPECTED")],
            )
        return ""
    if order.taken_down:
        return order.enterprise_id
    firms = unit.context.ids("E")
    firm = order.enterprise_id or (firms[0] if len(firms) == 1 else "")
    if firm not in firms:
        raise Forbidden("NOT_THIS_ENTERPRISE")
    return firm


async def triage(unit: UnitOfWork, ticket_id: str, etag: str, urgency: Urgency, note: str) -> Row:
    """The desk has looked at it."""
    ticket, state = await _take(unit, ticket_id, Verb.TRIAGE, etag)
    times = {}
    if urgency != ticket.urgency:
        item = await catalogue.recent(unit, ticket.service_item_id)
        times = await sla.promised(unit, ticket, item, urgency)
    ticket = _move(unit, ticket, state, "triaged", note, urgency=urgency, **times)
    tell(unit, ticket, events.triaged(ticket))
    return ticket


async def assign(
    unit: UnitOfWork, ticket_id: str, etag: str, assignee: str, note: str, may_handle: MayHandle
) -> Row:
    """Give it to a handler of the building; ASSIGNEE_NOT_A_HANDLER for anyone else."""
    ticket, state = await _take(unit, ticket_id, Verb.ASSIGN, etag)
    rules.check_assignee(ticket, assignee)
    await check_handler(unit, assignee, may_handle)
    ticket = _move(unit, ticket, state, "assigned", note, assignee=assignee)
    tell(unit, ticket, events.assigned(ticket))
    return ticket


async def accept(unit: UnitOfWork, ticket_id: str, etag: str) -> Row:
    """The handler takes it on: the first response."""
    ticket, state = await _take(unit, ticket_id, Verb.ACCEPT, etag)
    return _accept(unit, ticket, state, await sla.happened(unit, ticket, Happening.HEARD))


def _accept(unit: UnitOfWork, ticket: Row, state: State, times: Mapping[str, Any]) -> Row:
    assignee = ticket.assignee or unit.context.caller.account_id
    changed = _move(
        unit,
        ticket,
        state,
        "accepted",
        "",
        assignee=assignee,
        accepted_at=ticket.accepted_at or unit.now,
        **times,
    )
    tell(unit, changed, events.accepted(changed))
    return changed


async def start(unit: UnitOfWork, ticket_id: str, etag: str) -> Row:
    """Work begins."""
    ticket, state = await _take(unit, ticket_id, Verb.START, etag)
    times = await sla.happened(unit, ticket, Happening.HEARD)
    ticket = _move(unit, ticket, state, "started", "", **times)
    tell(unit, ticket, events.started(ticket))
    return ticket


async def attend(unit: UnitOfWork, ticket_id: str, etag: str) -> Row:
    """The handler has come: the check-in without which an on-site service has no result."""
    ticket, state = await _take(unit, ticket_id, Verb.ATTEND, etag)
    times = await sla.happened(unit, ticket, Happening.HEARD)
    ticket = _move(unit, ticket, state, "attended", "", attended_at=unit.now, **times)
    tell(unit, ticket, events.attended(ticket))
    return ticket


async def hold(unit: UnitOfWork, ticket_id: str, etag: str, question: str) -> Row:
    """Wait for the requester, with a question."""
    ticket, state = await _take(unit, ticket_id, Verb.HOLD, etag)
    times = await sla.happened(unit, ticket, Happening.HELD)
    ticket = _move(unit, ticket, state, "held", question, last_word=question, **times)
    tell(unit, ticket, events.held(ticket))
    return ticket


async def resume(unit: UnitOfWork, ticket_id: str, etag: str, note: str) -> Row:
    """Go on, with the requester's answer or without."""
    ticket, state = await _take(unit, ticket_id, Verb.RESUME, etag)
    answered = rules.is_requester(ticket, access.actor(unit.context))
    times = await sla.happened(unit, ticket, Happening.ANSWERED if answered else Happening.CONTINUED)
    ticket = _move(unit, ticket, state, "resumed", note, referred_to=None, **times)
    tell(unit, ticket, events.resumed(ticket))
    return ticket


async def refer(unit: UnitOfWork, ticket_id: str, etag: str, party: str, note: str) -> Row:
    """Hand it to another party under the same correlation id; nothing is filed again."""
    ticket, state = await _take(unit, ticket_id, Verb.REFER, etag)
    times = await sla.happened(unit, ticket, Happening.HEARD)
    ticket = _move(unit, ticket, state, "referred", note, referred_to=party, **times)
    tell(unit, ticket, events.referred(ticket))
    return ticket


async def resolve(unit: UnitOfWork, ticket_id: str, etag: str, result: str, trips: int) -> Row:
    """The handler is done. SUBTASKS_OPEN while parts of it are not."""
    ticket, state = await _take(unit, ticket_id, Verb.RESOLVE, etag)
    rules.check_subtasks_done(part.done_at is not None for part in await queries.parts(unit, ticket.id))
    return await _resolve(unit, ticket, state, result, trips)


async def _resolve(unit: UnitOfWork, ticket: Row, state: State, result: str, trips: int) -> Row:
    times = await sla.happened(unit, ticket, Happening.RESOLVED)
    if ticket.state not in (State.ACCEPTED, State.IN_PROGRESS):
        ticket = _accept(unit, ticket, State.ACCEPTED, times)
    values = {"last_word": result, "trips": trips, "resolved_at": unit.now, **times}
    ticket = _move(unit, ticket, state, "resolved", result, **values)
    tell(unit, ticket, events.resolved(ticket))
    return ticket


async def settle(unit: UnitOfWork, ticket_id: str, result: str) -> None:
    """Give a ticket the result that a sibling capability came to; who did it takes it on, if nobody has. One
    that has its result, or of which something else is still to be done, stays as it is."""
    ticket = await queries.ticket(unit, ticket_id, lock=True)
    parts = await queries.parts(unit, ticket.id)
    if rules.settles(ticket, access.actor(unit.context)) and all(part.done_at for part in parts):
        await _resolve(unit, ticket, State.RESOLVED, result, 0)


async def take_back(unit: UnitOfWork, ticket_id: str) -> None:
    """Withdraw what a sibling capability filed for the caller, unless it has its result."""
    ticket = await queries.ticket(unit, ticket_id, lock=True)
    if ticket.state in rules.UNSETTLED:
        await withdraw(unit, ticket_id, "", "")


async def confirm(unit: UnitOfWork, ticket_id: str, etag: str, rating: int, remark: str) -> Row:
    """The requester agrees, and rates."""
    ticket, state = await _take(unit, ticket_id, Verb.CONFIRM, etag)
    ticket = _move(unit, ticket, state, "confirmed", remark, rating=rating, remark=remark, closed_at=unit.now)
    tell(unit, ticket, events.closed(ticket), events.rated(ticket))
    return ticket


async def rate(unit: UnitOfWork, ticket_id: str, etag: str, rating: int, remark: str) -> Row:
    """Rate a ticket that closed by itself."""
    ticket, state = await _take(unit, ticket_id, Verb.RATE, etag)
    ticket = _move(unit, ticket, state, "rated", remark, rating=rating, remark=remark)
    tell(unit, ticket, events.rated(ticket))
    return ticket


async def reopen(unit: UnitOfWork, ticket_id: str, etag: str, reason: str) -> Row:
    """The requester does not agree; it goes back to its handler, and its rating is void."""
    ticket, state = await _take(unit, ticket_id, Verb.REOPEN, etag)
    ticket = _move(
        unit,
        ticket,
        state,
        "reopened",
        reason,
        reopened=ticket.reopened + 1,
        rating=0,
        remark="",
        closed_automatically=False,
        resolved_at=None,
        closed_at=None,
        attended_at=None,
        **await sla.happened(unit, ticket, Happening.REOPENED),
    )
    tell(unit, ticket, events.reopened(ticket))
    return ticket


async def reject(unit: UnitOfWork, ticket_id: str, etag: str, reason: str) -> Row:
    """The building cannot do this, and says why."""
    ticket, state = await _take(unit, ticket_id, Verb.REJECT, etag)
    times = await sla.happened(unit, ticket, Happening.REJECTED)
    ticket = _move(unit, ticket, state, "rejected", reason, last_word=reason, closed_at=unit.now, **times)
    tell(unit, ticket, events.rejected(ticket))
    return ticket


async def withdraw(unit: UnitOfWork, ticket_id: str, etag: str, reason: str) -> Row:
    """The requester does not need it any more."""
    ticket, state = await _take(unit, ticket_id, Verb.WITHDRAW, etag)
    times = await sla.happened(unit, ticket, Happening.WITHDRAWN)
    ticket = _move(unit, ticket, state, "withdrawn", reason, closed_at=unit.now, **times)
    tell(unit, ticket, events.withdrawn(ticket))
    return ticket


async def close_by_itself(unit: UnitOfWork, ticket_id: str) -> bool:
    """Close a resolved ticket that nobody confirmed in time; False if somebody just did something."""
    own = (tickets.c.tenant_id == unit.tenant_id) & (tickets.c.id == ticket_id)
    ticket = await unit.first(select(tickets).where(own).with_for_update(skip_locked=True))
    days = (await SETTINGS.current(unit)).auto_close_days
    if ticket is None or ticket.state != State.RESOLVED:
        return False
    if not rules.closes_by_itself(ticket.resolved_at, unit.now, days):
        return False
    ticket = _move(
        unit,
        ticket,
        State.CLOSED,
        "closed_automatically",
        "",
        closed_automatically=True,
        closed_at=unit.now,
    )
    tell(unit, ticket, events.closed(ticket))
    return True


async def comment(unit: UnitOfWork, ticket_id: str, text: str, attachments: Attachments) -> Row:
    """Say something on a ticket; the timeline entry. A word of the handler answers who waits for one."""
    ticket = await queries.ticket(unit, ticket_id, lock=True)
    access.needs_reason(ticket, unit.context)
    if ticket.state in rules.UNSETTLED and rules.answers(ticket, access.actor(unit.context)):
        # Not a new version of the ticket: who is about to decide something about it has missed nothing.
        times = await sla.happened(unit, ticket, Happening.HEARD)
        await unit.execute(update(tickets).where(_own(ticket)).values(times))
    entry = note(unit, ticket, "commented", text, attachments)
    tell(unit, ticket, events.commented(ticket, unit.context.caller.account_id))
    return entry


async def check_handler(unit: UnitOfWork, assignee: str, may_handle: MayHandle) -> None:
    """ASSIGNEE_NOT_A_HANDLER for whoever does not handle the building's requests."""
    if not await may_handle(unit.tenant_id, assignee):
        raise Invalid("ASSIGNEE_NOT_A_HANDLER", fields=[FieldError("assignee", "ASSIGNEE_NOT_A_HANDLER")])


async def _take(unit: UnitOfWork, ticket_id: str, verb: Verb, etag: str) -> tuple[Row, State]:
    """Lock a ticket for a verb; the state it leads to."""
    ticket = await queries.ticket(unit, ticket_id, lock=True)
    if etag and etag != str(ticket.version):
        raise Stale
    return ticket, rules.move(ticket, verb, access.actor(unit.context))


async def look_again(unit: UnitOfWork) -> int:
    """Have every running clock of the building looked at: what decides about them has changed."""
    running = (tickets.c.tenant_id == unit.tenant_id) & tickets.c.look_at.is_not(None)
    return await unit.execute(update(tickets).where(running).values(look_at=unit.now))


def _own(ticket: Row) -> ColumnElement[bool]:
    return and_(tickets.c.tenant_id == ticket.tenant_id, tickets.c.id == ticket.id)


def _move(unit: UnitOfWork, ticket: Row, state: State, kind: str, words: str, **values: Any) -> Row:
    moved = unit.change(tickets, ticket, {**values, "state": state})
    note(unit, moved, kind, words)
    return moved
