"""Tables of promised times. The clocks themselves are part of what they belong to."""

from sqlalchemy import Column, Integer, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from chassis.tables import key, moment

METADATA = MetaData()

settings = Table(
    "sla_settings",
    METADATA,
    key("tenant_id"),
    Column("version", Integer, nullable=False),
    Column("document", JSONB, nullable=False),
    moment("created_at"),
    Column("created_by", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "version"),
)
