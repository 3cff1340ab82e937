"""The table of organisations. The building owns the rows, which name who applied and who decides."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from chassis.privacy import nothing
from chassis.tables import moment, reference, tenant_columns

METADATA = MetaData()

orgs = Table(
    "orgs_orgs",
    METADATA,
    *tenant_columns(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("serves", Text, nullable=False),
    reference("parent_id"),
    # The tenant under whose organisations those stand that have none above them in their own.
    reference("superior_id"),
    Column("floor", Text, nullable=False),
    reference("enterprise_id"),
    Column("state", Text, nullable=False),
    reference("applicant_id"),
    reference("applied_by"),
    reference("approver_id"),
    reference("decided_by"),
    Column("approved_on", Date, nullable=True),
    Column("approval_no", Text, nullable=False, server_default=text("''")),
    Column("founded_on", Date, nullable=True),
    Column("last_word", Text, nullable=False, server_default=text("''")),
    moment("decided_at", nullable=True),
    moment("activated_at", nullable=True),
    moment("dissolved_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "parent_id"], ["orgs_orgs.tenant_id", "orgs_orgs.id"]),
    # Only what was approved, or needs no approval, was founded and can be at work.
    CheckConstraint(
        "state <> 'active' OR (founded_on IS NOT NULL AND (kind = 'group' OR founded_on >= approved_on))",
        name="orgs_founded_after_approval",
    ),
    CheckConstraint("(kind = 'group') = (applicant_id IS NULL)", name="orgs_groups_need_no_application"),
    Index(
        "orgs_orgs_name",
        "tenant_id",
        "kind",
        "name_key",
        unique=True,
        postgresql_where=text("state IN ('applied', 'approved', 'active')"),
    ),
    Index("orgs_orgs_state", "tenant_id", "state", "id"),
    Index("orgs_orgs_parent", "tenant_id", "parent_id"),
    Index("orgs_orgs_applicant", "applicant_id", "id"),
    Index("orgs_orgs_approver", "approver_id", "state", "id"),
)

RECORDS = (
    nothing(
        orgs,
        acted="created_by applied_by decided_by",
        plain="kind name name_key serves parent_id superior_id floor enterprise_id state applicant_id "
        "approver_id approved_on approval_no founded_on last_word",
    ),
)
