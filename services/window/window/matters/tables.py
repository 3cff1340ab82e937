"""Tables of matters: what a department is writing, and every version it has published."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import nothing
from chassis.tables import key, moment, tenant_columns

METADATA = MetaData()


def _content() -> tuple[Column[Any], ...]:
    return (
        Column("code", Text, nullable=False),
        Column("name_zh", Text, nullable=False),
        Column("name_en", Text, nullable=False),
        Column("summary_zh", Text, nullable=False),
        Column("summary_en", Text, nullable=False),
        Column("materials", JSONB, nullable=False),
        Column("promised_days", Integer, nullable=False),
    )


matters = Table(
    "matters_matters",
    METADATA,
    *tenant_columns(),
    *_content(),
    Column("state", Text, nullable=False),
    Column("published_version", Integer, nullable=False),
    Column("draft_changed", Boolean, nullable=False),
    moment("published_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "code", name="matters_matters_code"),
)

# A published version never changes, except that it stops being the one in force.
versions = Table(
    "matters_versions",
    METADATA,
    key("tenant_id"),
    key("matter_id"),
    Column("version", Integer, nullable=False),
    *_content(),
    Column("in_force", Boolean, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    moment("published_at"),
    PrimaryKeyConstraint("tenant_id", "matter_id", "version"),
    ForeignKeyConstraint(["tenant_id", "matter_id"], [matters.c.tenant_id, matters.c.id]),
    # Buildings and cases look versions up by the matter alone: they lie in the departments' tenants.
    Index("matters_versions_matter", "matter_id", "version"),
    Index(
        "matters_versions_in_force",
        "tenant_id",
        "matter_id",
        unique=True,
        postgresql_where=text("in_force"),
    ),
)

_SAID = "code name_zh name_en summary_zh summary_en materials"

RECORDS = (
    nothing(matters, acted="created_by", plain=f"{_SAID} state"),
    nothing(versions, plain=f"{_SAID} matter_id"),
)
