"""Rewards and their redemptions."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0008"
down_revision = "0007"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=False)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _tenant_columns() -> list[sa.Column[object]]:
    return [
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    ]


def upgrade() -> None:
    op.create_table(
        "rewards_rewards",
        *_tenant_columns(),
        _text("title"),
        _text("summary"),
        _text("kind"),
        _count("price"),
        _count("stock"),
        _count("limit_per_person"),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint("stock >= 0 AND price > 0 AND limit_per_person >= 0", name="rewards_figures"),
        sa.CheckConstraint("kind IN ('daily', 'book', 'cultural', 'food')", name="rewards_kind"),
    )
    op.create_index("rewards_by_price", "rewards_rewards", ["tenant_id", "price", "id"])
    rls.tenant_table("rewards_rewards")
    op.create_table(
        "rewards_redemptions",
        *_tenant_columns(),
        _id("reward_id"),
        _id("points_account"),
        _id("person_id"),
        _id("account"),
        _text("title"),
        _count("price"),
        _text("code"),
        _text("state"),
        _text("cause", ""),
        _text("reason", ""),
        _text("settled_by", ""),
        _moment("expires_at"),
        _moment("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reward_id"], ["rewards_rewards.tenant_id", "rewards_rewards.id"]
        ),
        sa.CheckConstraint(
            "state IN ('reserved', 'fulfilled', 'cancelled')", name="rewards_redemptions_state"
        ),
        sa.CheckConstraint("(state = 'cancelled') = (cause <> '')", name="rewards_redemptions_cause"),
    )
    for name, columns in (
        ("rewards_redemptions_of", ["tenant_id", "person_id", "id"]),
        ("rewards_redemptions_by_state", ["tenant_id", "state", "id"]),
    ):
        op.create_index(name, "rewards_redemptions", columns)
    op.create_index(
        "rewards_redemptions_due",
        "rewards_redemptions",
        ["expires_at"],
        postgresql_where=sa.text("state = 'reserved'"),
    )
    rls.tenant_table("rewards_redemptions", span=False)
    rls.personal("rewards_redemptions", "UPDATE")
