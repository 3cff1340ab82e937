"""The events of the shop: ids, goods and points."""

from typing import Any, Final

from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import rewards_pb2 as pb

KIND: Final = Words(pb.RewardKind)
STATE: Final = Words(pb.RedemptionState)
CAUSE: Final = Words(pb.RedemptionCause)


def reward_changed(unit: UnitOfWork, row: Row) -> None:
    """A reward is new, other than it was, or has another stock."""
    unit.emit(pb.RewardChanged(reward_id=row.id, stock=row.stock), aggregate_id=row.id)


def redeemed(unit: UnitOfWork, row: Row) -> None:
    """Somebody reserved a reward."""
    _emit(unit, row, pb.RewardRedeemed(**_said(row)))


def fulfilled(unit: UnitOfWork, row: Row) -> None:
    """A reward was handed over."""
    _emit(unit, row, pb.RedemptionFulfilled(**_said(row)))


def cancelled(unit: UnitOfWork, row: Row) -> None:
    """A reservation was cancelled."""
    _emit(unit, row, pb.RedemptionCancelled(**_said(row), cause=CAUSE.number(row.cause)))


def _said(row: Row) -> dict[str, Any]:
    return {
        "redemption_id": row.id,
        "reward_id": row.reward_id,
        "title": row.title,
        "account": row.account,
        "price": row.price,
    }


def _emit(
    unit: UnitOfWork, row: Row, event: pb.RewardRedeemed | pb.RedemptionFulfilled | pb.RedemptionCancelled
) -> None:
    unit.emit(event, aggregate_id=row.id, audience=[row.account])
