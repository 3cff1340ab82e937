"""Copies, erasures and legal holds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls
from chassis.migrations import privacy_tables

revision = "0011"
down_revision = "0010"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _aggregate() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def upgrade() -> None:
    privacy_tables()
    for table in (
        "accounts_credentials",
        "consents_consents",
        "desks_members",
        "grants_grants",
        "people_checks",
        "sessions_sessions",
        "sessions_spent",
    ):
        rls.personal(table, "DELETE")
    rls.personal("people_presences")
    for table in ("accounts_accounts", "people_persons"):
        rls.personal(table, "UPDATE")
    _requests()
    _holds()
    op.create_table(
        "privacy_settings",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("grace_days", sa.Integer, nullable=False),
        sa.Column("copy_days", sa.Integer, nullable=False),
        _moment("created_at"),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("privacy_settings", span=False, append_only=True)
    for role in ("account", "service"):
        rls.policy("privacy_settings", role, "SELECT", "true")
        rls.grant("privacy_settings", role, "SELECT")


def _requests() -> None:
    op.create_table(
        "privacy_requests",
        *_aggregate(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("ids", JSONB, nullable=False),
        _moment("due_at"),
        _moment("begun_at", nullable=True),
        _moment("done_at", nullable=True),
        _moment("expires_at", nullable=True),
        _moment("looked_at", nullable=True),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("file", JSONB, nullable=False),
        sa.Column("files", JSONB, nullable=False),
        sa.Column("blockers", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("privacy_requests_person", "privacy_requests", ["person_id", "id"])
    op.create_index(
        "privacy_requests_one",
        "privacy_requests",
        ["tenant_id", "person_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_table(
        "privacy_tasks",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("rows", sa.Integer, nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.Column("answer", JSONB, nullable=False, server_default="[]"),
        _moment("next_at"),
        sa.PrimaryKeyConstraint("tenant_id", "request_id", "service"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "request_id"], ["privacy_requests.tenant_id", "privacy_requests.id"]
        ),
    )
    for table in ("privacy_requests", "privacy_tasks"):
        rls.tenant_table(table, span=False)
        rls.policy(table, "service", "ALL", "true")
        rls.grant(table, "service", "SELECT, INSERT, UPDATE")
        rls.personal(table, "UPDATE")


def _holds() -> None:
    op.create_table(
        "privacy_holds",
        *_aggregate(),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        _moment("lifted_at", nullable=True),
        sa.Column("lift_reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("privacy_holds_person", "privacy_holds", ["person_id"])
    rls.tenant_table("privacy_holds", span=False)
    rls.policy("privacy_holds", "service", "SELECT", "true")
    rls.grant("privacy_holds", "service", "SELECT")
    rls.personal("privacy_holds")
