"""Duty groups and who stands behind them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import rls

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "desks_desks",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name_zh", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("emails", ARRAY(sa.Text), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "code", name="desks_desks_code"),
    )
    op.create_table(
        "desks_members",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "desk_id", "account_id"),
    )
    op.create_index("desks_members_account", "desks_members", ["tenant_id", "account_id"])
    for table in ("desks_desks", "desks_members"):
        rls.tenant_table(table, span=False, delete=table == "desks_members")
        # Other services ask who stands behind a desk.
        rls.policy(table, "service", "SELECT", "true")
        rls.grant(table, "service", "SELECT")
