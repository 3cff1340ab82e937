"""Tables of departments."""

from sqlalchemy import Boolean, Column, Index, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.privacy import nothing
from chassis.tables import key, moment, tenant_columns

METADATA = MetaData()

# A department is its own tenant and has one record, so the record's id is the tenant's.
departments = Table(
    "departments_departments",
    METADATA,
    *tenant_columns(),
    key("approver_id"),
    Column("code", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("modern_name_zh", Text, nullable=False),
    Column("modern_name_en", Text, nullable=False),
    Column("aliases", ARRAY(Text), nullable=False),
    Column("state", Text, nullable=False),
    Column("online", Boolean, nullable=False),
    Column("last_word", Text, nullable=False),
    moment("live_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("departments_code", "code", "id"),
    Index("departments_approver", "approver_id", "code", "id"),
)

RECORDS = (
    nothing(
        departments,
        acted="created_by",
        plain="approver_id code name_zh name_en modern_name_zh modern_name_en aliases state last_word",
    ),
)
