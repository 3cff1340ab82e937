"""Contacts in the contract's words."""

from datetime import timedelta
from typing import Any

from chassis import days
from chassis.clocks import timestamp
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import contacts_pb2 as pb
from membership.contacts import queries, rules
from membership.contacts.events import KIND, NEED, OBJECTION, STATE, TOPIC
from membership.contacts.rules import Need, Settings, State
from membership.contacts.settings import SETTINGS


def link(row: Row, *, contacted_today: bool = False) -> pb.ContactLink:
    """Who is to be contacted by whom."""
    return pb.ContactLink(
        id=row.id,
        **_sides(row),
        contacted_today=contacted_today,
        synthetic=row.synthetic,
    )


def _sides(row: Row) -> dict[str, Any]:
    return {
        "kind": KIND.number(row.kind),
        "area_id": row.area_id or "",
        "area_name": row.area_name,
        "carer_id": row.carer_id or "",
        "carer_display": row.carer_display,
        "person_id": row.person_id or "",
        "display": row.display,
        "enterprise_id": row.enterprise_id or "",
        "enterprise_name": row.enterprise_name,
        "ended": row.ended,
    }


def contact(reader: Reader, row: Row, *, removed: bool = False) -> pb.Contact:
    """An entry; one that was removed says nothing any more."""
    if removed:
        return pb.Contact(id=row.id, state=STATE.number(State.REMOVED))
    return pb.Contact(
        id=row.id,
        link=pb.ContactLink(id=row.link_id, **_sides(row)),
        contact_date=days.written(row.contact_on),
        topic=TOPIC.number(row.topic),
        need=NEED.number(row.need),
        ticket_id=row.ticket_id or "",
        late=row.late,
        state=STATE.number(row.state),
        objection=OBJECTION.number(row.objection),
        create_time=row.created_at,
        verbs=_verbs(reader, row),
        synthetic=row.synthetic,
    )


def _verbs(reader: Reader, row: Row) -> list[str]:
    """What the caller may do: the person whom it is about, and the branch except for whoever wrote it."""
    person = reader.context.caller.person_id
    found = []
    if person and row.person_id == person:
        if row.state == State.RECORDED:
            found.append("object")
        if row.need != Need.NONE and not row.ticket_id:
            found.append("tie")
    elif reader.context.has("B") and row.state == State.OBJECTED and row.author != person:
        found.append("decide")
    return found


async def summary(reader: Reader, period: int) -> pb.ContactSummary:
    """Contacts of so many days up to today."""
    today = days.day_of(reader.now)
    since = today - timedelta(days=period - 1)
    figures = await SETTINGS.current(reader)
    counts = await queries.counts(reader, since)
    whole = reader.context.has("BT")
    told = rules.told(await queries.by_need(reader, since), figures) if whole else {}
    return pb.ContactSummary(
        start_date=days.written(since),
        end_date=days.written(today),
        contacts=counts.contacts,
        days=counts.days,
        late=counts.late,
        needs=counts.needs,
        tickets=counts.tickets,
        by_need=[pb.ContactNeedCount(need=NEED.number(need), count=count) for need, count in told.items()],
        areas=[
            pb.ContactAreaDays(
                area_id=row.area_id,
                area_name=row.area_name,
                days=row.days,
                last_date=days.written(row.last),
            )
            for row in await queries.by_area(reader, since)
        ],
    )


def settings(held: Settings) -> pb.ContactSettings:
    """The settings that hold, and where they come from."""
    return pb.ContactSettings(
        etag=str(held.version),
        retention_days=held.retention_days,
        late_days=held.late_days,
        smallest_told=held.smallest_told,
        source="tenant" if held.version else "default",
        set_time=timestamp(held.created_at) if held.created_at else None,
    )
