"""Stalls, and what happened to them."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    _stalls()
    _steps()


def _aggregate() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    ]


def _words(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def _stalls() -> None:
    op.create_table(
        "stalls_stalls",
        *_aggregate(),
        *_words("name", "place"),
        sa.Column("enterprise_id", sa.Uuid),
        *_words("state", "plan"),
        sa.Column("began_on", sa.Date),
        *_numbers("baseline", "score", "helped"),
        sa.Column("assessor", sa.Uuid),
        sa.Column("assessor_person", sa.Uuid),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index(
        "stalls_stalls_name",
        "stalls_stalls",
        ["tenant_id", "name"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_index("stalls_stalls_page", "stalls_stalls", ["tenant_id", "name", "id"])
    rls.tenant_table("stalls_stalls", span=False)


def _steps() -> None:
    op.create_table(
        "stalls_steps",
        *_aggregate(),
        sa.Column("stall_id", sa.Uuid, nullable=False),
        *_words("kind"),
        sa.Column("day", sa.Date, nullable=False),
        *_numbers("score"),
        *_words("words"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "stall_id"], ["stalls_stalls.tenant_id", "stalls_stalls.id"]),
    )
    op.create_index("stalls_steps_stall", "stalls_steps", ["tenant_id", "stall_id", "id"])
    rls.tenant_table("stalls_steps", span=False)
