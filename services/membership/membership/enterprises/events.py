"""The events of the registry, and how its words are written in the contract."""

from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.membership.v1 import enterprises_pb2 as pb

INDUSTRY: Final = Words(pb.Industry)
BRANCH: Final = Words(pb.BranchStatus)
HEADCOUNT: Final = Words(pb.HeadcountBand)
SUPPORT: Final = Words(pb.OwnerSupport)
STATE: Final = Words(pb.EnterpriseState)
ORDER: Final = Words(pb.EnterpriseOrder)


def registered(row: Row) -> pb.EnterpriseRegistered:
    """An enterprise was registered."""
    return pb.EnterpriseRegistered(
        enterprise_id=row.id,
        name=row.name,
        industry=INDUSTRY.number(row.industry),
        floor=row.floor,
        branch=BRANCH.number(row.branch),
        synthetic=row.synthetic,
    )


def changed(row: Row) -> pb.EnterpriseChanged:
    """The record of an enterprise was corrected."""
    return pb.EnterpriseChanged(
        enterprise_id=row.id,
        name=row.name,
        industry=INDUSTRY.number(row.industry),
        floor=row.floor,
        branch=BRANCH.number(row.branch),
    )


def surveyed(row: Row) -> pb.EnterpriseSurveyed:
    """An enterprise was surveyed."""
    return pb.EnterpriseSurveyed(
        enterprise_id=row.id,
        industry=INDUSTRY.number(row.industry),
        branch=BRANCH.number(row.branch),
        headcount=HEADCOUNT.number(row.headcount),
        completeness=row.completeness,
    )


def moved_out(row: Row) -> pb.EnterpriseMovedOut:
    """An enterprise left the building."""
    return pb.EnterpriseMovedOut(enterprise_id=row.id, floor=row.floor)
