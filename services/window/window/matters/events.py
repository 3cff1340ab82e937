"""The events of matters, and how their words are written in the contract."""

from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.window.v1 import matters_pb2 as pb

STATE: Final = Words(pb.MatterState)


def published(row: Row) -> pb.MatterPublished:
    """A version of a matter is in the catalogue."""
    return pb.MatterPublished(
        matter_id=row.id,
        version=row.published_version,
        department_id=row.tenant_id,
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        promised_days=row.promised_days,
        synthetic=row.synthetic,
    )


def retired(row: Row) -> pb.MatterRetired:
    """A matter left the catalogue."""
    return pb.MatterRetired(matter_id=row.id, department_id=row.tenant_id)
