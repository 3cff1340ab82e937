"""Tables of opinions."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()

campaigns = Table(
    "opinions_campaigns",
    METADATA,
    *tenant_columns(),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("classes", ARRAY(Text), nullable=False),
    Column("opens_on", Date, nullable=True),
    Column("closes_on", Date, nullable=True),
    reference("host"),
    Column("place", Text, nullable=False),
    moment("starts_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("opinions_campaigns_state", "tenant_id", "state", "id"),
)

suggestions = Table(
    "opinions_suggestions",
    METADATA,
    *tenant_columns(),
    Column("number", Text(collation="C"), nullable=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    reference("campaign_id"),
    Column("campaign_title", Text, nullable=False),
    Column("respondent_class", Text, nullable=False),
    Column("respondent", Text, nullable=False),
    reference("author"),
    reference("author_person"),
    Column("anonymous", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    reference("assignee"),
    Column("decision", Text, nullable=False),
    Column("link_kind", Text, nullable=False),
    reference("ticket_id"),
    Column("ticket_number", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("reply", Text, nullable=False),
    moment("adopted_at", nullable=True),
    moment("decided_at", nullable=True),
    moment("replied_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "number", name="opinions_suggestions_number"),
    ForeignKeyConstraint(["tenant_id", "campaign_id"], [campaigns.c.tenant_id, campaigns.c.id]),
    # What the rules refuse, the database refuses again.
    CheckConstraint(
        "state NOT IN ('linked', 'replied') OR adopted_at IS NULL OR link_kind <> ''",
        name="opinions_suggestions_linked",
    ),
    CheckConstraint("state <> 'replied' OR reply <> ''", name="opinions_suggestions_replied"),
    Index("opinions_suggestions_state", "tenant_id", "state", "id"),
    Index(
        "opinions_suggestions_campaign",
        "tenant_id",
        "campaign_id",
        "id",
        postgresql_where=text("campaign_id IS NOT NULL"),
    ),
    Index(
        "opinions_suggestions_author",
        "tenant_id",
        "author",
        "id",
        postgresql_where=text("author IS NOT NULL"),
    ),
    Index(
        "opinions_suggestions_assignee",
        "tenant_id",
        "assignee",
        "id",
        postgresql_where=text("assignee IS NOT NULL"),
    ),
)

steps = Table(
    "opinions_steps",
    METADATA,
    key("tenant_id"),
    key("suggestion_id"),
    key("id"),
    Column("kind", Text, nullable=False),
    reference("actor"),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "suggestion_id", "id"),
    ForeignKeyConstraint(["tenant_id", "suggestion_id"], [suggestions.c.tenant_id, suggestions.c.id]),
)

# One row per person and theme of a month: a digest, without a time and without the suggestion.
voices = Table(
    "opinions_voices",
    METADATA,
    key("tenant_id"),
    Column("month", Text, nullable=False),
    Column("theme", Text, nullable=False),
    Column("voice", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant_id", "month", "theme", "voice"),
)

settings = Table(
    "opinions_settings",
    METADATA,
    *settings_columns(),
    Column("theme_threshold", Integer, nullable=False),
    Column("answer_threshold", Integer, nullable=False),
    CheckConstraint("theme_threshold >= 5 AND answer_threshold >= 5", name="opinions_settings_floor"),
)

RECORDS = (
    nothing(
        campaigns, acted="created_by host", plain="kind state title purpose classes opens_on closes_on place"
    ),
    # That something was suggested and what came of it stays; who said what is gone.
    blanked(
        suggestions,
        subject="author author_person",
        words="text respondent reply",
        acted="created_by assignee",
        plain="number state source campaign_id campaign_title respondent_class decision link_kind ticket_id "
        "ticket_number action",
        unfinished=suggestions.c.state.not_in(("replied", "withdrawn")),
    ),
    blanked(
        steps,
        through={"suggestion_id": "opinions_suggestions"},
        subject="actor",
        words="text",
        plain="kind state",
    ),
    nothing(voices, plain="month theme voice"),
    nothing(settings, acted="created_by"),
)
