"""Tables of the inbox."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import deleted
from chassis.tables import key, moment

METADATA = MetaData()

messages = Table(
    "inbox_messages",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("account"),
    key("event_id"),
    Column("template", Text, nullable=False),
    # What the words need; they are put together in the reader's language when read or mailed.
    Column("params", JSONB, nullable=False),
    Column("capability", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    # System time; set while the message waits for the mail server.
    moment("next_attempt_at", nullable=True),
    moment("occurred_at"),
    moment("read_at", nullable=True),
    # Set where a duty group's shared mailboxes are written to; the account is then nobody's.
    Column("desk", Text, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("tenant_id", "id"),
    # An event makes one message per account, however often it is delivered.
    UniqueConstraint("tenant_id", "account", "event_id", name="inbox_messages_once"),
    Index("inbox_messages_account", "account", "id"),
    Index("inbox_messages_unread", "account", "id", postgresql_where=text("read_at IS NULL")),
    Index("inbox_messages_queue", "next_attempt_at", postgresql_where=text("next_attempt_at IS NOT NULL")),
)

deliveries = Table(
    "inbox_deliveries",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("message_id"),
    Column("template", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("answer", Text, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("inbox_deliveries_message", "tenant_id", "message_id", "attempt"),
)

# An account's wish holds in every tenant, so its row belongs to the account and to no tenant.
preferences = Table(
    "inbox_preferences",
    METADATA,
    key("account"),
    Column("email", Boolean, nullable=False),
    Column("language", Text, nullable=False),
    moment("updated_at"),
    PrimaryKeyConstraint("account"),
)

RECORDS = (
    deleted(
        messages,
        subject="account",
        words="params",
        plain="event_id template capability subject_id channel state desk",
    ),
    deleted(
        deliveries,
        through={"message_id": "inbox_messages"},
        words="answer",
        plain="template channel outcome",
    ),
    deleted(preferences, subject="account", words="language"),
)
