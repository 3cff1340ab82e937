"""Departments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import rls

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "departments_departments",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("approver_id", sa.Uuid, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name_zh", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("modern_name_zh", sa.Text, nullable=False),
        sa.Column("modern_name_en", sa.Text, nullable=False),
        sa.Column("aliases", ARRAY(sa.Text), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("online", sa.Boolean, nullable=False),
        sa.Column("last_word", sa.Text, nullable=False),
        sa.Column("live_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("departments_code", "departments_departments", ["code", "id"])
    op.create_index("departments_approver", "departments_departments", ["approver_id", "code", "id"])
    rls.tenant_table(
        "departments_departments",
        party={"approver_id": ["state", "last_word", "version", "updated_at"]},
    )
    # A live department is public: every building may find it.
    rls.policy("departments_departments", "tenant", "SELECT", "state IN ('live', 'suspended')")
