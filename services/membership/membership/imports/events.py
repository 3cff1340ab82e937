"""The events of imports, and how their words are written in the contract."""

from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.membership.v1 import imports_pb2 as pb

KIND: Final = Words(pb.ImportKind)
STATE: Final = Words(pb.ImportState)
OUTCOME: Final = Words(pb.RowOutcome)


def result_of(row: Row) -> pb.ImportCounts:
    """What an import did so far."""
    return pb.ImportCounts(
        created=row.created, updated=row.updated, unchanged=row.unchanged, rejected=row.rejected
    )


def finished(row: Row) -> pb.ImportFinished:
    """An import finished."""
    return pb.ImportFinished(
        import_id=row.id,
        creator=row.created_by,
        kind=KIND.number(row.kind),
        result=result_of(row),
    )
