"""The events of reviews, and the words of the contract."""

from typing import Any, Final

from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import reviews_pb2 as pb
from membership.reviews.rules import Basis

GRADE: Final = Words(pb.ReviewGrade)
STATE: Final = Words(pb.ReviewState)
BASIS: Final = Words(pb.ReviewBasisKind)
TALLY: Final = Words(pb.ReviewTallyKind)


def opened(unit: UnitOfWork, row: Row) -> None:
    """A review was opened: the member may rate themselves."""
    _emit(unit, row, pb.ReviewOpened(**_common(row), account=row.account or ""))


def gathered(unit: UnitOfWork, row: Row, basis: Basis) -> None:
    """A basis came; the review stands where it stood."""
    _emit(unit, row, pb.ReviewGathered(**_common(row), basis=BASIS.number(basis)))


def decided(unit: UnitOfWork, row: Row) -> None:
    """Somebody decided; which grade is for those who may read it."""
    event = pb.ReviewDecided(**_common(row), account=row.account or "", bases=len(row.bases))
    _emit(unit, row, event)


def _common(row: Row) -> dict[str, Any]:
    return {"review_id": row.id, "year": row.year, "synthetic": row.synthetic}


def _emit(unit: UnitOfWork, row: Row, event: Any) -> None:
    unit.emit(event, aggregate_id=row.id, audience=[row.account or ""])
