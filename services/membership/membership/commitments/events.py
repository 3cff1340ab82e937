"""The event of commitments: ids and codes."""

from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.membership.v1 import commitments_pb2 as pb
from membership.commitments.rules import State

KIND: Final = Words(pb.CommitmentKind)
STATE: Final = Words(pb.CommitmentState)


def changed(row: Row, state: State) -> pb.CommitmentChanged:
    """A commitment was made or taken back."""
    return pb.CommitmentChanged(
        commitment_id=row.id,
        enterprise_id=row.enterprise_id,
        kind=KIND.number(row.kind),
        state=STATE.number(state),
    )
