"""Organisations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis import rls

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "tenants_tenants",
        sa.Column("tenant_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("synthetic", sa.Boolean, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("name_zh", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("aliases", ARRAY(sa.Text), nullable=False),
        sa.Column("region_id", sa.Uuid),
        sa.Column("superior_id", sa.Uuid),
        sa.Column("ancestors", ARRAY(sa.Uuid), nullable=False),
        sa.Column("sites", JSONB, nullable=False),
        sa.Column("area_m2", sa.Numeric),
        sa.Column("height_m", sa.Numeric),
        sa.Column("built_year", sa.Integer, nullable=False),
        sa.Column("opened_year", sa.Integer, nullable=False),
        sa.Column("floors", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('provisioning', 'active', 'suspended', 'archived')", name="state"),
    )
    op.create_index("tenants_tenants_name", "tenants_tenants", ["name_key", "tenant_id"])
    op.create_index("tenants_tenants_ancestors", "tenants_tenants", ["ancestors"], postgresql_using="gin")
    op.create_index(
        "tenants_tenants_district",
        "tenants_tenants",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("kind = 'district'"),
    )
    rls.lock_down("tenants_tenants")
    below = f"tenant_id = {rls.TENANT} OR {rls.TENANT} = ANY (ancestors)"
    rls.policy("tenants_tenants", "tenant", "SELECT", below)
    rls.policy("tenants_tenants", "tenant", "UPDATE", below)
    rls.policy("tenants_tenants", "tenant", "INSERT", f"{rls.TENANT} = ANY (ancestors)")
    rls.grant("tenants_tenants", "tenant", "SELECT, INSERT, UPDATE")
    # Names and kinds are public within the district: a person reads those of the own memberships, and
    # identity itself works out whose grants reach where.
    rls.policy("tenants_tenants", "account", "SELECT", "true")
    rls.grant("tenants_tenants", "account", "SELECT")
    rls.policy("tenants_tenants", "service", "SELECT", "true")
    rls.policy("tenants_tenants", "service", "INSERT", "kind = 'district'")
    rls.grant("tenants_tenants", "service", "SELECT, INSERT")
