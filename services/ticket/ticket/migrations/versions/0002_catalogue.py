"""Service items."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "catalogue_items",
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
        sa.Column("summary_zh", sa.Text, nullable=False),
        sa.Column("summary_en", sa.Text, nullable=False),
        sa.Column("affairs", sa.Text, nullable=False),
        sa.Column("station", sa.Text, nullable=False),
        sa.Column("desk", sa.Text, nullable=False),
        sa.Column("form", JSONB, nullable=False),
        sa.Column("first_response_hours", sa.Integer, nullable=False),
        sa.Column("resolution_hours", sa.Integer, nullable=False),
        sa.Column("price_note", sa.Text, nullable=False),
        sa.Column("sensitivity", sa.Text, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "code", name="catalogue_items_code"),
    )
    op.create_index("catalogue_items_live", "catalogue_items", ["tenant_id", "live", "id"])
    rls.tenant_table("catalogue_items")
