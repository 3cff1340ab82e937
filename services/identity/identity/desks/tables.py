"""Tables of desks."""

from sqlalchemy import Column, Index, MetaData, PrimaryKeyConstraint, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.privacy import deleted, nothing
from chassis.tables import key, moment, tenant_columns

METADATA = MetaData()

desks = Table(
    "desks_desks",
    METADATA,
    *tenant_columns(),
    Column("code", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("emails", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "code", name="desks_desks_code"),
)

members = Table(
    "desks_members",
    METADATA,
    key("tenant_id"),
    key("desk_id"),
    key("account_id"),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "desk_id", "account_id"),
    Index("desks_members_account", "tenant_id", "account_id"),
)

RECORDS = (
    nothing(desks, acted="created_by", plain="code name_zh name_en emails"),
    deleted(members, subject="account_id", plain="desk_id"),
)
