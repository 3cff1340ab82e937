"""The words of stalls on the wire, and their events: ids and figures, never what people wrote."""

from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.ticket.v1 import stalls_pb2 as pb

STATE: Final = Words(pb.StallState)
KIND: Final = Words(pb.StallStepKind)


def added(stall: Row) -> pb.StallAdded:
    return pb.StallAdded(stall_id=stall.id, synthetic=stall.synthetic)


def assessed(stall: Row) -> pb.StallAssessed:
    return pb.StallAssessed(
        stall_id=stall.id,
        state=STATE.number(stall.state),
        score=stall.score,
        synthetic=stall.synthetic,
    )


def helped(stall: Row) -> pb.StallHelped:
    return pb.StallHelped(stall_id=stall.id, synthetic=stall.synthetic)


def closed(stall: Row) -> pb.StallClosed:
    return pb.StallClosed(stall_id=stall.id, synthetic=stall.synthetic)
