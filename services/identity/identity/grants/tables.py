"""Tables of grants."""

from sqlalchemy import BigInteger, Column, Identity, Index, MetaData, PrimaryKeyConstraint, Table, Text, text

from chassis.privacy import deleted, nothing
from chassis.tables import key, moment, reference, tenant_columns

METADATA = MetaData()

grants = Table(
    "grants_grants",
    METADATA,
    *tenant_columns(),
    key("account_id"),
    Column("role", Text, nullable=False),
    Column("floor", Text, nullable=False),
    # Text rather than uuid: "bound to nothing" is a value here, so that a twin is a twin.
    Column("enterprise_id", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    moment("starts_at"),
    moment("ends_at", nullable=True),
    moment("revoked_at", nullable=True),
    Column("revoke_reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("grants_grants_account", "account_id"),
    Index(
        "grants_grants_live",
        "tenant_id",
        "account_id",
        "role",
        "floor",
        "enterprise_id",
        "case_id",
        unique=True,
        postgresql_where=text("revoked_at IS NULL"),
    ),
)

changes = Table(
    "grants_changes",
    METADATA,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    reference("account_id"),
    Column("session_id", Text, nullable=False),
    moment("at"),
    Index("grants_changes_at", "at"),
)

RECORDS = (
    deleted(
        grants,
        subject="account_id",
        words="revoke_reason",
        acted="created_by",
        plain="role floor enterprise_id case_id",
    ),
    nothing(changes, acted="account_id", plain="kind session_id"),
)
