"""Conveniences."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "conveniences_uses",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("used_on", sa.Date, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("undone", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("conveniences_uses_day", "conveniences_uses", ["tenant_id", "used_on"])
    rls.tenant_table("conveniences_uses", span=False)
