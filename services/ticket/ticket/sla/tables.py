"""Tables of promised times. The clocks themselves are part of what they belong to."""

from sqlalchemy import Column, Integer, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import nothing
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

# The ladder may name an account that a level falls back to: an office, not something about a person.
RECORDS = (nothing(settings, acted="created_by", plain="document"),)
