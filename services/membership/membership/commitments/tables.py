"""The table of commitments."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from chassis.privacy import nothing
from chassis.tables import key, moment, tenant_columns

METADATA = MetaData()

commitments = Table(
    "commitments_commitments",
    METADATA,
    *tenant_columns(),
    key("enterprise_id"),
    Column("kind", Text, nullable=False),
    Column("promise", Text, nullable=False),
    Column("made_on", Date, nullable=False),
    Column("until_on", Date),
    moment("withdrawn_at", nullable=True),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    CheckConstraint("until_on >= made_on", name="commitments_period"),
    CheckConstraint("reason = '' OR withdrawn_at IS NOT NULL", name="commitments_reason"),
    Index("commitments_of", "tenant_id", "enterprise_id", "id"),
)

# A firm's word, not a person's; whoever gave it in the firm's name is known by the account.
RECORDS = (
    nothing(commitments, acted="created_by", plain="enterprise_id kind promise made_on until_on reason"),
)
