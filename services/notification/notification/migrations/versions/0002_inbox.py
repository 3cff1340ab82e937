"""The inbox: messages, the delivery log and preferences."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis import rls

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox_deliveries",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("message_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index(
        "inbox_deliveries_message", "inbox_deliveries", ["tenant_id", "message_id", "attempt"], unique=False
    )
    op.create_table(
        "inbox_messages",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("capability", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "account", "event_id", name="inbox_messages_once"),
    )
    op.create_index("inbox_messages_account", "inbox_messages", ["account", "id"], unique=False)
    op.create_index(
        "inbox_messages_queue",
        "inbox_messages",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(
        "inbox_messages_unread",
        "inbox_messages",
        ["account", "id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "inbox_preferences",
        sa.Column("account", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("email", sa.Boolean(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    # The mailer walks the queue of all tenants, hence consumer="all".
    rls.tenant_table(
        "inbox_messages", account=["account"], account_updates=["read_at"], span=False, consumer="all"
    )
    rls.tenant_table("inbox_deliveries", append_only=True, span=False, consumer="all")
    rls.lock_down("inbox_preferences")
    rls.policy("inbox_preferences", "account", "ALL", f"account = {rls.ACCOUNT}")
    rls.grant("inbox_preferences", "account", "SELECT, INSERT, UPDATE")
    rls.policy("inbox_preferences", "consumer", "SELECT", "true")
    rls.grant("inbox_preferences", "consumer", "SELECT")
