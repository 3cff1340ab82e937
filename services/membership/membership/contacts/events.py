"""The events of contacts: that one took place, never with whom."""

from typing import Final

from chassis import days
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import contacts_pb2 as pb
from membership.contacts.rules import State

KIND: Final = Words(pb.ContactKind)
TOPIC: Final = Words(pb.ContactTopic)
NEED: Final = Words(pb.ContactNeed)
STATE: Final = Words(pb.ContactState)
OBJECTION: Final = Words(pb.ContactObjection)


def logged(unit: UnitOfWork, row: Row) -> None:
    """A contact was recorded."""
    event = pb.ContactLogged(
        liaison_entry_id=row.id,
        kind=KIND.number(row.kind),
        area_id=row.area_id or "",
        on_date=days.written(row.contact_on),
        late=row.late,
        need=NEED.number(row.need),
        synthetic=row.synthetic,
    )
    unit.emit(event, aggregate_id=row.id)


def disputed(unit: UnitOfWork, contact_id: str, state: State) -> None:
    """Somebody objected, or the branch decided."""
    event = pb.ContactDisputed(liaison_entry_id=contact_id, state=STATE.number(state))
    unit.emit(event, aggregate_id=contact_id)


def tied(unit: UnitOfWork, row: Row) -> None:
    """A need became a ticket."""
    unit.emit(pb.ContactNeedTied(liaison_entry_id=row.id, ticket_id=row.ticket_id), aggregate_id=row.id)


def link_changed(unit: UnitOfWork, row: Row) -> None:
    """It was said who is to be contacted, or that nobody is any more."""
    event = pb.ContactLinkChanged(
        liaison_link_id=row.id,
        kind=KIND.number(row.kind),
        ended=row.ended,
    )
    unit.emit(event, aggregate_id=row.id)
