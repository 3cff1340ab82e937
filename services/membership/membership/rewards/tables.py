"""Tables of rewards and redemptions."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, tenant_columns

METADATA = MetaData()

rewards = Table(
    "rewards_rewards",
    METADATA,
    *tenant_columns(),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("price", Integer, nullable=False),
    Column("stock", Integer, nullable=False),
    Column("limit_per_person", Integer, nullable=False),
    Column("live", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    # The last line against overselling: whatever the code does, there are never fewer than none.
    CheckConstraint("stock >= 0 AND price > 0 AND limit_per_person >= 0", name="rewards_figures"),
    CheckConstraint("kind IN ('daily', 'book', 'cultural', 'food')", name="rewards_kind"),
    Index("rewards_by_price", "tenant_id", "price", "id"),
)

redemptions = Table(
    "rewards_redemptions",
    METADATA,
    *tenant_columns(),
    key("reward_id"),
    key("points_account"),
    key("person_id"),
    key("account"),
    Column("title", Text, nullable=False),
    Column("price", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False, server_default=text("''")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("settled_by", Text, nullable=False, server_default=text("''")),
    moment("expires_at"),
    moment("settled_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "reward_id"], ["rewards_rewards.tenant_id", "rewards_rewards.id"]),
    CheckConstraint("state IN ('reserved', 'fulfilled', 'cancelled')", name="rewards_redemptions_state"),
    CheckConstraint("(state = 'cancelled') = (cause <> '')", name="rewards_redemptions_cause"),
    Index("rewards_redemptions_of", "tenant_id", "person_id", "id"),
    Index("rewards_redemptions_by_state", "tenant_id", "state", "id"),
    Index("rewards_redemptions_due", "expires_at", postgresql_where=text("state = 'reserved'")),
)

RECORDS = (
    nothing(rewards, acted="created_by", plain="title summary kind"),
    blanked(
        redemptions,
        subject="person_id account",
        words="code reason",
        acted="created_by settled_by",
        plain="reward_id points_account title state cause",
        unfinished=redemptions.c.state == "reserved",
    ),
)
