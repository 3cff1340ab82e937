"""Transfers into a building; the source and the superior act on them as parties."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0014"
down_revision = "0013"

WRITTEN_BY_PARTIES = (
    "state, version, updated_at, letter_no, released_on, valid_until, released_by, released_at, trouble, "
    "evidence_no, reason, ended_at"
)


def upgrade() -> None:
    _transfers()
    _settings()


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str, *, default: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="" if default else None)


def _day(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=True)


def _transfers() -> None:
    table = "transfers_transfers"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at", nullable=False),
        _moment("updated_at", nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        _id("person_id"),
        _id("account", nullable=True),
        _text("display"),
        _id("source_id", nullable=True),
        _text("source_name", default=True),
        _id("resolver_id", nullable=True),
        _id("org_id"),
        _id("group_id", nullable=True),
        _id("employer_id", nullable=True),
        _day("joined_on"),
        _text("state"),
        sa.Column("letter_days", sa.Integer, nullable=False),
        _day("silent_on"),
        _text("letter_no", default=True),
        _day("released_on"),
        _day("valid_until"),
        _id("released_by", nullable=True),
        _text("trouble", default=True),
        _text("evidence_no", default=True),
        _text("receipt_no", default=True),
        _id("received_by", nullable=True),
        _text("reason", default=True),
        _moment("confirmed_at"),
        _moment("released_at"),
        _moment("ended_at"),
        _moment("left_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint(
            "state <> 'done' OR (letter_no <> '' AND receipt_no <> '' AND released_at IS NOT NULL)",
            name="transfers_both_sides",
        ),
        sa.CheckConstraint(
            "released_by <> person_id AND received_by <> person_id", name="transfers_by_others"
        ),
        sa.CheckConstraint("(trouble = '') = (evidence_no = '')", name="transfers_evidence"),
        sa.CheckConstraint("(source_id IS NULL) = (source_name <> '')", name="transfers_one_source"),
    )
    op.create_index(
        "transfers_once",
        table,
        ["tenant_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'submitted', 'released')"),
    )
    op.create_index("transfers_state", table, ["tenant_id", "state", "id"])
    op.create_index("transfers_source", table, ["source_id", "id"])
    op.create_index("transfers_resolver", table, ["resolver_id", "state", "id"])
    rls.tenant_table(table, span=False)
    # A party is shown what its word was asked for, and lets go of what was submitted, or refuses it.
    asked = "state NOT IN ('draft', 'withdrawn')"
    source, resolver = f"source_id = {rls.TENANT}", f"resolver_id = {rls.TENANT}"
    rls.policy(table, "party", "SELECT", f"({source} OR {resolver}) AND {asked}")
    rls.policy(
        table,
        "party",
        "UPDATE",
        f"({source} OR {resolver}) AND state = 'submitted'",
        f"({source} AND state IN ('released', 'rejected')) OR ({resolver} AND state = 'released')",
    )
    rls.grant(table, "party", f"SELECT, UPDATE ({WRITTEN_BY_PARTIES})")
    rls.personal(table, "UPDATE")


def _settings() -> None:
    op.create_table(
        "transfers_settings",
        _id("tenant_id"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("letter_days", sa.Integer, nullable=False),
        sa.Column("silent_days", sa.Integer, nullable=False),
        _text("created_by"),
        _moment("created_at", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("transfers_settings", append_only=True)
