"""Published matters in the contract's words; the capabilities that show them share this."""

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.statements import Row
from louyu.window.v1 import matters_pb2 as pb


def to_published(row: Row, department: Row | None) -> pb.PublishedMatter:
    """A published version as everybody sees it."""
    return pb.PublishedMatter(
        matter_id=row.matter_id,
        version=row.version,
        department_id=row.tenant_id,
        department_name_zh=department.name_zh if department else "",
        department_name_en=department.name_en if department else "",
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        summary_zh=row.summary_zh,
        summary_en=row.summary_en,
        materials=to_materials(row.materials),
        promised_days=row.promised_days,
        synthetic=row.synthetic,
        publish_time=row.published_at,
    )


def to_materials(stored: Iterable[Mapping[str, Any]]) -> list[pb.Material]:
    """The papers a matter needs."""
    return [pb.Material(**material) for material in stored]
