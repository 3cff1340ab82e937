"""Enterprises and the terms they are found by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0002"
down_revision = "0001"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "enterprises_enterprises",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("short_name", sa.Text, nullable=False),
        sa.Column("credit_code", sa.Text, nullable=False),
        sa.Column("industry", sa.Text, nullable=False),
        sa.Column("floor", sa.Text, nullable=False),
        sa.Column("floor_order", sa.SmallInteger, nullable=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("headcount", sa.Text, nullable=False),
        sa.Column("owner_support", sa.Text, nullable=False),
        sa.Column("contact_account", sa.Uuid),
        sa.Column("contact_display", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        _moment("surveyed_at", nullable=True),
        sa.Column("completeness", sa.Integer, nullable=False),
        sa.Column("former_names", JSONB, nullable=False),
        _moment("moved_out_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint("state IN ('active', 'moved_out')", name="enterprises_state"),
    )
    _index(
        "enterprises_code",
        ["credit_code"],
        unique=True,
        where="state = 'active' AND credit_code <> ''",
    )
    _index("enterprises_name_floor", ["name_key", "floor"], unique=True, where="state = 'active'")
    _index("enterprises_by_name", ["state", "sort_key", "id"])
    _index("enterprises_by_floor", ["state", "floor_order", "sort_key", "id"])
    rls.tenant_table("enterprises_enterprises")
    op.create_table(
        "enterprises_terms",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("term", sa.Text(collation="C"), nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "term", "enterprise_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "enterprise_id"],
            ["enterprises_enterprises.tenant_id", "enterprises_enterprises.id"],
        ),
    )
    op.create_index("enterprises_terms_of", "enterprises_terms", ["tenant_id", "enterprise_id"])
    rls.tenant_table("enterprises_terms", delete=True)


def _index(name: str, columns: list[str], *, unique: bool = False, where: str = "") -> None:
    op.create_index(
        name,
        "enterprises_enterprises",
        ["tenant_id", *columns],
        unique=unique,
        postgresql_where=sa.text(where) if where else None,
    )
