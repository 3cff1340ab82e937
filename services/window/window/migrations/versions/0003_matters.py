"""Matters and their published versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "matters_matters",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        *_content(),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("published_version", sa.Integer, nullable=False),
        sa.Column("draft_changed", sa.Boolean, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "code", name="matters_matters_code"),
    )
    rls.tenant_table("matters_matters")
    op.create_table(
        "matters_versions",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("matter_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *_content(),
        sa.Column("in_force", sa.Boolean, nullable=False),
        sa.Column("synthetic", sa.Boolean, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "matter_id", "version"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "matter_id"], ["matters_matters.tenant_id", "matters_matters.id"]
        ),
    )
    op.create_index("matters_versions_matter", "matters_versions", ["matter_id", "version"])
    op.create_index(
        "matters_versions_in_force",
        "matters_versions",
        ["tenant_id", "matter_id"],
        unique=True,
        postgresql_where=sa.text("in_force"),
    )
    rls.tenant_table("matters_versions")
    # What a department has published is public: every building may enable it.
    rls.policy("matters_versions", "tenant", "SELECT", "true")


def _content() -> list[sa.Column[object]]:
    return [
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name_zh", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("summary_zh", sa.Text, nullable=False),
        sa.Column("summary_en", sa.Text, nullable=False),
        sa.Column("materials", JSONB, nullable=False),
        sa.Column("promised_days", sa.Integer, nullable=False),
    ]
