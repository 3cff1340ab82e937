"""The events of dispatch, and the words of the contract."""

from typing import Any, Final

from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import dispatch_pb2 as pb
from membership.dispatch import queries

STATE: Final = Words(pb.DispatchBatchState)
ITEM: Final = Words(pb.DispatchItemState)
DESK: Final = "party-desk"
"""The duty group that hears that a batch began."""


async def selected(unit: UnitOfWork, row: Row) -> None:
    """People were selected."""
    accounts = await _accounts(unit, row)
    _emit(unit, row, pb.DispatchSelected(**_said(row), accounts=accounts), accounts)


def began(unit: UnitOfWork, row: Row) -> None:
    """A batch serves from now on."""
    _emit(unit, row, pb.DispatchStarted(**_said(row), taken_over=row.taken_over, desk=DESK), [])


async def handed_over(unit: UnitOfWork, row: Row, other: Row) -> None:
    """A batch handed over to another."""
    lead = await _lead(unit, other)
    count = (await queries.open_items(unit, [row.link_id])).get(row.link_id, 0)
    _emit(unit, row, pb.DispatchOffered(**_said(row), next_lead=lead, open_items=count), [lead])


async def returned(unit: UnitOfWork, row: Row) -> None:
    """The next batch did not take it on."""
    lead = await _lead(unit, row)
    _emit(unit, row, pb.DispatchReturned(**_said(row), lead=lead), [lead])


async def relieved(unit: UnitOfWork, row: Row) -> None:
    """A batch is back."""
    accounts = await _accounts(unit, row)
    _emit(unit, row, pb.DispatchRelieved(**_said(row), accounts=accounts), accounts)


async def cancelled(unit: UnitOfWork, row: Row) -> None:
    """A batch does not go."""
    accounts = await _accounts(unit, row)
    _emit(unit, row, pb.DispatchCancelled(**_said(row), accounts=accounts), accounts)


def item_changed(unit: UnitOfWork, row: Row) -> None:
    """An item was opened, or is done."""
    event = pb.DispatchItemChanged(
        dispatch_item_id=row.id,
        link_id=row.link_id,
        batch=row.batch,
        state=ITEM.number(row.state),
        synthetic=row.synthetic,
    )
    unit.emit(event, aggregate_id=row.id)


def _said(row: Row) -> dict[str, Any]:
    return {
        "dispatch_batch_id": row.id,
        "link_id": row.link_id,
        "number": row.number,
        "synthetic": row.synthetic,
    }


def _emit(unit: UnitOfWork, row: Row, event: Any, audience: list[str]) -> None:
    unit.emit(event, aggregate_id=row.id, audience=audience)


async def _accounts(unit: UnitOfWork, row: Row) -> list[str]:
    sent = (await queries.sent(unit, [row.id])).get(row.id, ())
    return [one.account for one in sent if one.account]


async def _lead(unit: UnitOfWork, row: Row) -> str:
    sent = (await queries.sent(unit, [row.id])).get(row.id, ())
    return next((one.account for one in sent if one.is_lead and one.account), "")
