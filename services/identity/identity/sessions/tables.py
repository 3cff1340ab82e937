"""Tables of sessions."""

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from chassis.privacy import deleted, nothing
from chassis.tables import key, moment

METADATA = MetaData()

sessions = Table(
    "sessions_sessions",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("account_id"),
    Column("remote_address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    moment("created_at"),
    moment("used_at"),
    moment("expires_at"),
    moment("revoked_at", nullable=True),
    Column("revoke_reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("id", name="sessions_sessions_id"),
    Index("sessions_sessions_account", "account_id", "id"),
    Index("sessions_sessions_expiry", "expires_at"),
)

# Refresh tokens that were exchanged: one that comes back ends its session.
spent = Table(
    "sessions_spent",
    METADATA,
    key("tenant_id"),
    key("session_id"),
    Column("token_hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant_id", "session_id", "token_hash"),
)

# Signing keys; the seed is sealed by the vault.
keys = Table(
    "sessions_keys",
    METADATA,
    Column("kid", Text, primary_key=True),
    Column("seed", LargeBinary, nullable=False),
    Column("public", LargeBinary, nullable=False),
    moment("created_at"),
    moment("expires_at", nullable=True),
)

throttles = Table(
    "sessions_throttles",
    METADATA,
    Column("key", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    moment("failed_at"),
    moment("blocked_until"),
)

RECORDS = (
    deleted(
        sessions,
        subject="account_id",
        words="remote_address user_agent revoke_reason",
        secret="token_hash",
    ),
    deleted(spent, through={"session_id": "sessions_sessions"}, secret="token_hash"),
    nothing(keys, plain="kid seed public"),
    nothing(throttles, plain="key"),
)
