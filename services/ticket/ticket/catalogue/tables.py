"""Tables of the catalogue."""

from sqlalchemy import (
    Boolean,
    Column,
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
from chassis.tables import tenant_columns

METADATA = MetaData()

items = Table(
    "catalogue_items",
    METADATA,
    *tenant_columns(),
    Column("code", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("summary_zh", Text, nullable=False),
    Column("summary_en", Text, nullable=False),
    Column("affairs", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("desk", Text, nullable=False),
    Column("form", JSONB, nullable=False),
    Column("first_response_hours", Integer, nullable=False),
    Column("resolution_hours", Integer, nullable=False),
    Column("price_note", Text, nullable=False),
    Column("sensitivity", Text, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("onsite", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "code", name="catalogue_items_code"),
    Index("catalogue_items_live", "tenant_id", "live", "id"),
)

RECORDS = (
    nothing(
        items,
        acted="created_by",
        plain="code name_zh name_en summary_zh summary_en affairs station desk form price_note sensitivity",
    ),
)
