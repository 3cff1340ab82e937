"""The events of transfers, who stands on which side, and the words of the contract."""

from typing import Any, Final

from chassis.context import Context
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import transfers_pb2 as pb
from membership.members.queries import ONESELF
from membership.transfers.rules import Side

STATE: Final = Words(pb.TransferState)
MANAGER: Final = Words(pb.TransferManager)
TROUBLE: Final = Words(pb.SourceTrouble)
SOURCE_DESK: Final = "party-desk"
"""The duty group of a source that hears of transfers to release."""


def sides(row: Row, context: Context) -> frozenset[Side]:
    """On which sides of a transfer the caller stands, by what the caller came to do."""
    if context.mode == "party":
        if context.permission == "transfers.resolve":
            return frozenset({Side.SUPERIOR} if row.resolver_id == context.tenant_id else ())
        return frozenset({Side.SOURCE} if row.source_id == context.tenant_id else ())
    found = {Side.PERSON} if row.person_id == context.caller.person_id else set[Side]()
    if context.permission != ONESELF and context.has("B"):
        found.add(Side.TARGET)
    return frozenset(found)


def _common(row: Row) -> dict[str, Any]:
    return {
        "transfer_id": row.id,
        "person_id": row.person_id,
        "account": row.account,
        "source_id": row.source_id,
    }


def _emit(unit: UnitOfWork, row: Row, event: Any) -> None:
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id, audience=[row.account or ""])


def submitted(unit: UnitOfWork, row: Row) -> None:
    """A member submitted a transfer."""
    desk = SOURCE_DESK if row.source_id else ""
    _emit(unit, row, pb.TransferSubmitted(**_common(row), desk=desk))


def released(unit: UnitOfWork, row: Row) -> None:
    """It was released."""
    _emit(unit, row, pb.TransferReleased(**_common(row), trouble=TROUBLE.number(row.trouble)))


def completed(unit: UnitOfWork, row: Row) -> None:
    """It was received."""
    _emit(unit, row, pb.TransferCompleted(**_common(row), org_unit_id=row.org_id))


def rejected(unit: UnitOfWork, row: Row) -> None:
    """It was refused or not taken."""
    _emit(unit, row, pb.TransferRejected(**_common(row)))


def expired(unit: UnitOfWork, row: Row) -> None:
    """Its letter ran out."""
    _emit(unit, row, pb.TransferExpired(**_common(row)))


def withdrawn(unit: UnitOfWork, row: Row) -> None:
    """The member took it back."""
    _emit(unit, row, pb.TransferWithdrawn(**_common(row)))
