"""The events of the roster, and how its words are written in the contract."""

from typing import Final

from chassis import days
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import members_pb2 as pb

BODY: Final = Words(pb.MemberBody)
KIND: Final = Words(pb.MemberKind)
STAGE: Final = Words(pb.MemberStage)
STATE: Final = Words(pb.MemberState)
ENDING: Final = Words(pb.MemberEnding)
TOLD: Final = Words(pb.ToldHow)


def proposed(unit: UnitOfWork, row: Row) -> None:
    """Somebody was put forward."""
    event = pb.MemberProposed(
        member_id=row.id,
        person_id=row.person_id,
        account=row.account,
        belongs_to=BODY.number(row.body),
        org_unit_id=row.org_id,
    )
    unit.emit(event, aggregate_id=row.id, audience=[row.account or ""])


def activated(unit: UnitOfWork, row: Row) -> None:
    """A membership counts."""
    event = pb.MemberActivated(
        member_id=row.id,
        person_id=row.person_id,
        account=row.account,
        belongs_to=BODY.number(row.body),
        kind=KIND.number(row.kind),
        stage=STAGE.number(row.stage),
        org_unit_id=row.org_id,
        group_id=row.group_id,
        employer_id=row.employer_id,
        joined_on=days.written(row.joined_on),
    )
    unit.emit(event, aggregate_id=row.id, audience=[row.account or ""])


def declined(unit: UnitOfWork, row: Row) -> None:
    """The person objected."""
    event = pb.MemberDeclined(member_id=row.id, person_id=row.person_id)
    unit.emit(event, aggregate_id=row.id, audience=[row.account or ""])


def moved(unit: UnitOfWork, row: Row) -> None:
    """The member works or belongs elsewhere."""
    event = pb.MemberMoved(
        member_id=row.id,
        person_id=row.person_id,
        org_unit_id=row.org_id,
        group_id=row.group_id,
        employer_id=row.employer_id,
    )
    unit.emit(event, aggregate_id=row.id, audience=[row.account or ""])


def ended(unit: UnitOfWork, row: Row) -> None:
    """Somebody left the roster."""
    event = pb.MemberEnded(
        member_id=row.id,
        person_id=row.person_id,
        account=row.account,
        belongs_to=BODY.number(row.body),
        ending=ENDING.number(row.ending),
    )
    unit.emit(event, aggregate_id=row.id, audience=[row.account or ""])
