"""Sessions, the tokens they spent, signing keys, and the counters that slow guessing down."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0006"
down_revision = "0005"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "sessions_sessions",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("remote_address", sa.Text, nullable=False),
        sa.Column("user_agent", sa.Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        _moment("used_at"),
        _moment("expires_at"),
        _moment("revoked_at", nullable=True),
        sa.Column("revoke_reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("id", name="sessions_sessions_id"),
    )
    op.create_index("sessions_sessions_account", "sessions_sessions", ["account_id", "id"])
    op.create_index("sessions_sessions_expiry", "sessions_sessions", ["expires_at"])
    op.create_table(
        "sessions_spent",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "session_id", "token_hash"),
    )
    op.create_table(
        "sessions_keys",
        sa.Column("kid", sa.Text, primary_key=True),
        sa.Column("seed", sa.LargeBinary, nullable=False),
        sa.Column("public", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        _moment("expires_at", nullable=True),
    )
    op.create_table(
        "sessions_throttles",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        _moment("failed_at"),
        _moment("blocked_until"),
    )
    _guard()


def _guard() -> None:
    # An administrator ends sessions and does not see the hashes of their tokens.
    table = "sessions_sessions"
    rls.lock_down(table)
    rls.policy(table, "tenant", "ALL", f"tenant_id = {rls.TENANT}")
    rls.grant(
        table,
        "tenant",
        "SELECT (tenant_id, id, account_id, revoked_at), UPDATE (revoked_at, revoke_reason)",
    )
    mine = f"account_id = {rls.ACCOUNT}"
    rls.policy(table, "account", "SELECT", mine)
    rls.policy(table, "account", "UPDATE", mine)
    rls.grant(table, "account", "SELECT, UPDATE (revoked_at, revoke_reason)")
    rls.policy(table, "service", "ALL", "true")
    rls.grant(table, "service", "SELECT, INSERT, UPDATE")
    rls.policy(table, "job", "ALL", "true")
    rls.grant(table, "job", "SELECT, DELETE")

    rls.lock_down("sessions_spent")
    rls.policy("sessions_spent", "service", "ALL", "true")
    rls.grant("sessions_spent", "service", "SELECT, INSERT")
    rls.policy("sessions_spent", "job", "ALL", "true")
    rls.grant("sessions_spent", "job", "SELECT, DELETE")

    rls.district_table(
        "sessions_keys",
        privileges={
            "service": "SELECT, INSERT, UPDATE",
            "tenant": "SELECT (kid, expires_at), INSERT, UPDATE (expires_at)",
            "job": "SELECT (kid, expires_at), DELETE",
        },
    )
    rls.district_table(
        "sessions_throttles",
        privileges={"service": "SELECT, INSERT, UPDATE, DELETE", "job": "SELECT, DELETE"},
    )
