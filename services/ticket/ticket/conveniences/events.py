"""The words of conveniences on the wire, and their events."""

from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.ticket.v1 import conveniences_pb2 as pb

KIND: Final = Words(pb.UseKind)


def recorded(note: Row) -> pb.UseRecorded:
    return pb.UseRecorded(
        use_id=note.id,
        kind=KIND.number(note.kind),
        date=note.used_on.isoformat(),
        count=note.times,
        synthetic=note.synthetic,
    )


def withdrawn(note: Row) -> pb.UseWithdrawn:
    return pb.UseWithdrawn(
        use_id=note.id, kind=KIND.number(note.kind), date=note.used_on.isoformat(), count=note.times
    )
