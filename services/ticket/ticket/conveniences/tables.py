"""The table of conveniences."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text

from chassis.privacy import nothing
from chassis.tables import tenant_columns

METADATA = MetaData()

uses = Table(
    "conveniences_uses",
    METADATA,
    *tenant_columns(),
    Column("kind", Text, nullable=False),
    Column("used_on", Date, nullable=False),
    Column("times", Integer, nullable=False),
    Column("undone", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("conveniences_uses_day", "tenant_id", "used_on"),
)

RECORDS = (nothing(uses, acted="created_by", plain="kind used_on"),)
