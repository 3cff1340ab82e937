"""Tables of promised times. The clocks themselves are part of what they belong to."""

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import nothing
from chassis.tables import settings_columns

METADATA = MetaData()

settings = Table(
    "sla_settings",
    METADATA,
    *settings_columns(),
    Column("document", JSONB, nullable=False),
)

# The ladder may name an account that a level falls back to: an office, not something about a person.
RECORDS = (nothing(settings, acted="created_by", plain="document"),)
