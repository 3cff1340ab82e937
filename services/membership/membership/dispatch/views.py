"""Dispatch in the contract's words."""

from collections.abc import Sequence

from chassis import days
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import dispatch_pb2 as pb
from membership.dispatch import queries, rules
from membership.dispatch.events import ITEM, STATE
from membership.dispatch.rules import Item, Side, State
from membership.members.queries import ONESELF

_FINISH = "finish"


async def links(reader: Reader, rows: Sequence[Row]) -> list[pb.DispatchLink]:
    """Links with what is open."""
    open_items = await queries.open_items(reader, (row.id for row in rows))
    numbers = {row.id: await queries.last_number(reader, row.id) for row in rows}
    return [
        pb.DispatchLink(
            id=row.id,
            etag=str(row.version),
            village=row.village,
            from_on=days.written(row.from_on),
            ended_on=days.written(row.ended_on),
            batches=numbers[row.id],
            open_items=open_items.get(row.id, 0),
            verbs=[] if row.ended_on else ["end"],
            synthetic=row.synthetic,
        )
        for row in rows
    ]


async def batches(reader: Reader, rows: Sequence[Row]) -> list[pb.DispatchBatch]:
    """Batches with who is sent."""
    villages = await queries.villages(reader, (row.link_id for row in rows))
    sent = await queries.sent(reader, (row.id for row in rows))
    open_items = await queries.open_items(reader, (row.link_id for row in rows))
    return [
        pb.DispatchBatch(
            id=row.id,
            etag=str(row.version),
            link_id=row.link_id,
            village=villages.get(row.link_id, ""),
            number=row.number,
            state=STATE.number(row.state),
            from_on=days.written(row.from_on),
            until_on=days.written(row.until_on),
            people=[
                pb.DispatchPerson(person_id=one.person_id, display=one.display, lead=one.is_lead)
                for one in sent.get(row.id, ())
            ],
            note=row.note,
            reason=row.reason,
            open_items=open_items.get(row.link_id, 0),
            taken_over=row.taken_over,
            verbs=[str(verb) for verb in rules.allowed(State(row.state), _sides(reader, row))],
            synthetic=row.synthetic,
            begin_time=row.began_at,
            relieve_time=row.relieved_at,
        )
        for row in rows
    ]


def _sides(reader: Reader, row: Row) -> frozenset[Side]:
    """On which side of a batch the caller stands, by what the caller came to do."""
    if reader.context.permission != ONESELF:
        return frozenset({Side.OFFICE})
    return frozenset({Side.LEAD} if row.lead_id == reader.context.caller.person_id else ())


def items(rows: Sequence[Row], serving: frozenset[str] = frozenset()) -> list[pb.DispatchItem]:
    """Items; those of the batches with which the caller serves can be finished."""
    return [
        pb.DispatchItem(
            id=row.id,
            etag=str(row.version),
            link_id=row.link_id,
            title=row.title,
            state=ITEM.number(row.state),
            opened_by=row.opened_by,
            batch=row.batch,
            carried=row.carried,
            due_on=days.written(row.due_on),
            result=row.result,
            done_on=days.written(row.done_on),
            verbs=[_FINISH] if row.state == Item.OPEN and row.batch_id in serving else [],
            synthetic=row.synthetic,
        )
        for row in rows
    ]


async def my_items(reader: Reader, rows: Sequence[Row]) -> list[pb.DispatchItem]:
    """Items as somebody sees them who is or was sent."""
    mine = await queries.my_batches(reader)
    return items(rows, frozenset(row.id for row in mine if row.state == State.SERVING))
