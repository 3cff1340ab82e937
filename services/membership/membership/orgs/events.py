"""The events of organisations, and how their words are written in the contract."""

from collections.abc import Mapping
from typing import Final

from chassis import days
from chassis.context import Context
from chassis.statements import Row
from chassis.words import Words
from louyu.membership.v1 import orgs_pb2 as pb
from membership.orgs.rules import Side

KIND: Final = Words(pb.OrgKind)
STATE: Final = Words(pb.OrgState)


def sides(row: Row, context: Context) -> frozenset[Side]:
    """On which sides of an organisation the caller's tenant stands."""
    if context.mode != "party":
        return frozenset({Side.BUILDING})
    parties: Mapping[Side, str | None] = {Side.APPLICANT: row.applicant_id, Side.APPROVER: row.approver_id}
    return frozenset(side for side, tenant in parties.items() if tenant == context.tenant_id)


def applied(row: Row) -> pb.OrgUnitApplied:
    """An organisation was applied for."""
    return pb.OrgUnitApplied(
        org_unit_id=row.id,
        kind=KIND.number(row.kind),
        applicant_id=row.applicant_id,
        approver_id=row.approver_id,
    )


def approved(row: Row) -> pb.OrgUnitApproved:
    """It was approved."""
    return pb.OrgUnitApproved(
        org_unit_id=row.id,
        kind=KIND.number(row.kind),
        applicant_id=row.applicant_id,
        approver_id=row.approver_id,
        approved_on=days.written(row.approved_on),
        synthetic=row.synthetic,
    )


def rejected(row: Row) -> pb.OrgUnitRejected:
    """It was not."""
    return pb.OrgUnitRejected(
        org_unit_id=row.id,
        kind=KIND.number(row.kind),
        applicant_id=row.applicant_id,
        approver_id=row.approver_id,
    )


def activated(row: Row) -> pb.OrgUnitActivated:
    """It is at work."""
    return pb.OrgUnitActivated(
        org_unit_id=row.id,
        kind=KIND.number(row.kind),
        approver_id=row.approver_id,
        founded_on=days.written(row.founded_on),
        parent_id=row.parent_id,
        floor=row.floor,
        enterprise_id=row.enterprise_id,
        synthetic=row.synthetic,
    )


def changed(row: Row) -> pb.OrgUnitChanged:
    """Its record was corrected."""
    return pb.OrgUnitChanged(
        org_unit_id=row.id,
        kind=KIND.number(row.kind),
        approver_id=row.approver_id,
        parent_id=row.parent_id,
        floor=row.floor,
    )


def dissolved(row: Row) -> pb.OrgUnitDissolved:
    """It is no more."""
    return pb.OrgUnitDissolved(
        org_unit_id=row.id,
        kind=KIND.number(row.kind),
        applicant_id=row.applicant_id,
        floor=row.floor,
    )
