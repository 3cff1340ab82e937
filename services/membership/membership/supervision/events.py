"""The events of supervision, and the words of the contract."""

from typing import Final

from chassis import days
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import supervision_pb2 as pb

STATE: Final = Words(pb.SupervisionState)
FINDING: Final = Words(pb.FindingState)
STAR: Final = Words(pb.StarState)
DESK: Final = "party-desk"
"""The duty group that hears of a supervision, or of an application."""


def held(unit: UnitOfWork, row: Row) -> None:
    """A supervision was held."""
    event = pb.SupervisionHeld(
        supervision_id=row.id,
        superior_id=row.superior_id,
        held_date=days.written(row.held_on),
        findings=row.found,
        desk=DESK,
        synthetic=row.synthetic,
    )
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id)


def changed(unit: UnitOfWork, row: Row, unverified: int) -> None:
    """A finding is in another state, or has an owner."""
    event = pb.FindingChanged(
        finding_id=row.id,
        supervision_id=row.supervision_id,
        superior_id=row.superior_id,
        state=FINDING.number(row.state),
        open=unverified,
        synthetic=row.synthetic,
    )
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id)


def applied(unit: UnitOfWork, row: Row) -> None:
    """A branch applied for stars."""
    event = pb.StarApplied(
        star_id=row.id,
        org_id=row.org_id,
        superior_id=row.superior_id,
        level=row.level,
        desk=DESK,
        synthetic=row.synthetic,
    )
    unit.emit(event, aggregate_id=row.id)


def decided(unit: UnitOfWork, row: Row) -> None:
    """It was decided, or taken back."""
    applicant = row.applicant_account or ""
    event = pb.StarDecided(
        star_id=row.id,
        org_id=row.org_id,
        superior_id=row.superior_id,
        level=row.level,
        state=STAR.number(row.state),
        applicant=applicant,
        synthetic=row.synthetic,
    )
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id, audience=[applicant])
