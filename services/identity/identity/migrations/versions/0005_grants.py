"""Role grants, and the feed that tells services what changed."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "grants_grants",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("floor", sa.Text, nullable=False),
        sa.Column("enterprise_id", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoke_reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("grants_grants_account", "grants_grants", ["account_id"])
    op.create_index(
        "grants_grants_live",
        "grants_grants",
        ["tenant_id", "account_id", "role", "floor", "enterprise_id", "case_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    rls.tenant_table("grants_grants", span=False, account=["account_id"])
    rls.policy("grants_grants", "service", "ALL", "true")
    rls.grant("grants_grants", "service", "SELECT, INSERT")

    op.create_table(
        "grants_changes",
        sa.Column("position", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("grants_changes_at", "grants_changes", ["at"])
    rls.district_table(
        "grants_changes",
        privileges={
            "tenant": "INSERT",
            "account": "INSERT",
            "service": "SELECT, INSERT",
            "job": "SELECT, DELETE",
        },
    )
