"""The events of the appraisal, and the words of the contract."""

from datetime import date
from typing import Any, Final

from chassis import days
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import appraisal_pb2 as pb
from membership.appraisal import months
from membership.appraisal.rubrics import Channel

CHANNEL: Final = Words(pb.AppraisalChannel)
STATE: Final = Words(pb.AppraisalState)
MONTH_STATE: Final = Words(pb.AppraisalMonthState)
OUTCOME: Final = Words(pb.AppraisalOutcome)
SUPERIOR_DESK: Final = "party-desk"
"""The duty group of a superior that hears of appeals."""


def period_opened(unit: UnitOfWork, period: Row, members: int) -> None:
    """A period was opened."""
    event = pb.AppraisalPeriodOpened(
        appraisal_period_id=period.id,
        org_unit_id=period.org_id,
        from_month=months.written(period.from_on),
        until_month=months.written(period.until_on),
        rubric_version=period.rubric_version,
        members=members,
        synthetic=period.synthetic,
    )
    unit.emit(event, aggregate_id=period.id)


def recorded(unit: UnitOfWork, row: Row, channel: Channel, month: date, targets: int, *, late: bool) -> None:
    """Marks were recorded."""
    said = {"channel": CHANNEL.number(channel), "month": months.written(month)}
    _emit(unit, row, pb.AppraisalRecorded(**_common(row), **said, targets=targets, late=late))


def scored(unit: UnitOfWork, row: Row) -> None:
    """Every target is confirmed."""
    _emit(unit, row, pb.AppraisalScored(**_common(row)))


def shown(unit: UnitOfWork, row: Row) -> None:
    """The member sees it."""
    until = days.written(row.appeal_until)
    event = pb.AppraisalShown(**_common(row), account=row.account or "", appeal_until=until)
    _emit(unit, row, event, tell=True)


def appealed(unit: UnitOfWork, row: Row) -> None:
    """The superior is asked."""
    event = pb.AppraisalAppealed(**_common(row), superior_id=row.superior_id or "", desk=SUPERIOR_DESK)
    _emit(unit, row, event, tell=True)


def finalised(unit: UnitOfWork, row: Row, months_due: int, months_assessed: int) -> None:
    """It stays as it is."""
    event = pb.AppraisalFinalised(
        **_common(row),
        account=row.account or "",
        assessed=row.stars is not None,
        stars=row.stars or 0,
        months_due=months_due,
        months_assessed=months_assessed,
        corrected=row.corrected,
    )
    _emit(unit, row, event, tell=True)


def ended(unit: UnitOfWork, row: Row) -> None:
    """It ended without a result."""
    _emit(unit, row, pb.AppraisalEnded(**_common(row)))


def _common(row: Row) -> dict[str, Any]:
    return {"appraisal_id": row.id, "period_id": row.period_id, "synthetic": row.synthetic}


def _emit(unit: UnitOfWork, row: Row, event: Any, *, tell: bool = False) -> None:
    audience = [row.account or ""] if tell else []
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id, audience=audience)
