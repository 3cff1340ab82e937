"""Tables of places."""

from sqlalchemy import Boolean, Column, MetaData, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from chassis.privacy import nothing
from chassis.tables import tenant_columns

METADATA = MetaData()

sites = Table(
    "sites_sites",
    METADATA,
    *tenant_columns(),
    Column("name", Text, nullable=False),
    Column("floor", Text, nullable=False),
    Column("whereabouts", Text, nullable=False),
    Column("live", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "name", name="sites_sites_name"),
)

RECORDS = (nothing(sites, acted="created_by", plain="name floor whereabouts"),)
