"""Points: enterprises that ask for bands, members who share theirs, and who saw what."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0009"
down_revision = "0008"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    op.create_table(
        "points_asks",
        _id("tenant_id"),
        _id("id"),
        _id("enterprise_id"),
        _text("enterprise_name"),
        _text("asked_by"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "enterprise_id", name="points_asks_enterprise"),
    )
    rls.tenant_table("points_asks", span=False)
    _shares()
    op.create_table(
        "points_exports",
        _id("tenant_id"),
        _id("id"),
        _id("enterprise_id"),
        _text("enterprise_name"),
        _id("person_id"),
        _text("band"),
        _text("exported_by"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("points_exports_of", "points_exports", ["tenant_id", "person_id", "id"])
    rls.tenant_table("points_exports", span=False, append_only=True)
    rls.personal("points_exports")


def _shares() -> None:
    op.create_table(
        "points_shares",
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        _id("enterprise_id"),
        _id("person_id"),
        _id("points_account"),
        _text("shown_as"),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "points_account"], ["points_accounts.tenant_id", "points_accounts.id"]
        ),
    )
    op.create_index(
        "points_shares_active",
        "points_shares",
        ["tenant_id", "enterprise_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("points_shares_of", "points_shares", ["tenant_id", "person_id"])
    rls.tenant_table("points_shares", span=False)
    rls.personal("points_shares", "UPDATE")
