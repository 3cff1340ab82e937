"""Tables of clients."""

from sqlalchemy import Column, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.privacy import nothing
from chassis.tables import moment, tenant_columns

METADATA = MetaData()

clients = Table(
    "clients_clients",
    METADATA,
    *tenant_columns(),
    Column("name", Text, nullable=False),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary, nullable=True),
    moment("previous_until", nullable=True),
    moment("used_at", nullable=True),
    moment("revoked_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("id", name="clients_clients_id"),
)

RECORDS = (nothing(clients, acted="created_by", plain="name permissions secret_hash previous_hash"),)
