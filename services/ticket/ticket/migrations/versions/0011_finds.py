"""Finds, and claims to them."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _finds()
    _claims()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _aggregate() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    ]


def _words(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _finds() -> None:
    op.create_table(
        "finds_finds",
        *_aggregate(),
        *_words("number", "kind", "state", "title", "marks", "place"),
        sa.Column("found_on", sa.Date, nullable=False),
        *_words("handed_to"),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "number", name="finds_finds_number"),
    )
    op.create_index("finds_finds_state", "finds_finds", ["tenant_id", "state", "id"])
    rls.tenant_table("finds_finds", span=False)


def _claims() -> None:
    op.create_table(
        "finds_claims",
        *_aggregate(),
        sa.Column("find_id", sa.Uuid, nullable=False),
        *_words("state"),
        sa.Column("account", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid),
        sa.Column("at_station", sa.Boolean, nullable=False),
        *_words("words", "answer"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "find_id"], ["finds_finds.tenant_id", "finds_finds.id"]),
    )
    op.create_index("finds_claims_find", "finds_claims", ["tenant_id", "find_id", "id"])
    op.create_index("finds_claims_account", "finds_claims", ["tenant_id", "account", "id"])
    op.create_index(
        "finds_claims_verified",
        "finds_claims",
        ["tenant_id", "find_id"],
        unique=True,
        postgresql_where=sa.text("state = 'verified'"),
    )
    op.create_index(
        "finds_claims_once",
        "finds_claims",
        ["tenant_id", "find_id", "account"],
        unique=True,
        postgresql_where=sa.text("state IN ('claimed', 'verified') AND NOT at_station"),
    )
    rls.tenant_table("finds_claims", span=False)
    rls.personal("finds_claims", "UPDATE")
