"""Campaigns, suggestions and their steps, voices of themes, satisfaction surveys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis import rls

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _campaigns()
    _suggestions()
    _steps()
    _voices()
    _settings()
    _surveys()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _tenant_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def _words(*names: str) -> tuple[sa.Column[object], ...]:
    return tuple(sa.Column(name, sa.Text, nullable=False) for name in names)


def _campaigns() -> None:
    op.create_table(
        "opinions_campaigns",
        *_tenant_columns(),
        *_words("kind", "state", "title", "purpose"),
        sa.Column("classes", ARRAY(sa.Text), nullable=False),
        sa.Column("opens_on", sa.Date),
        sa.Column("closes_on", sa.Date),
        sa.Column("host", sa.Uuid),
        *_words("place"),
        _moment("starts_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("opinions_campaigns_state", "opinions_campaigns", ["tenant_id", "state", "id"])
    rls.tenant_table("opinions_campaigns")


def _suggestions() -> None:
    op.create_table(
        "opinions_suggestions",
        *_tenant_columns(),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        *_words("state", "source"),
        sa.Column("campaign_id", sa.Uuid),
        *_words("campaign_title", "respondent_class", "respondent"),
        sa.Column("author", sa.Uuid),
        sa.Column("author_person", sa.Uuid),
        sa.Column("anonymous", sa.Boolean, nullable=False),
        *_words("text"),
        sa.Column("assignee", sa.Uuid),
        *_words("decision", "link_kind"),
        sa.Column("ticket_id", sa.Uuid),
        *_words("ticket_number", "action", "reply"),
        _moment("adopted_at", nullable=True),
        _moment("decided_at", nullable=True),
        _moment("replied_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "number", name="opinions_suggestions_number"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"], ["opinions_campaigns.tenant_id", "opinions_campaigns.id"]
        ),
        sa.CheckConstraint(
            "state NOT IN ('linked', 'replied') OR adopted_at IS NULL OR link_kind <> ''",
            name="opinions_suggestions_linked",
        ),
        sa.CheckConstraint("state <> 'replied' OR reply <> ''", name="opinions_suggestions_replied"),
    )
    op.create_index("opinions_suggestions_state", "opinions_suggestions", ["tenant_id", "state", "id"])
    for name, column in {"campaign": "campaign_id", "author": "author", "assignee": "assignee"}.items():
        op.create_index(
            f"opinions_suggestions_{name}",
            "opinions_suggestions",
            ["tenant_id", column, "id"],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    rls.tenant_table("opinions_suggestions", span=False)
    rls.personal("opinions_suggestions", "UPDATE")


def _steps() -> None:
    op.create_table(
        "opinions_steps",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("suggestion_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        *_words("kind"),
        sa.Column("actor", sa.Uuid),
        *_words("text", "state"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "suggestion_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "suggestion_id"], ["opinions_suggestions.tenant_id", "opinions_suggestions.id"]
        ),
    )
    rls.tenant_table("opinions_steps", append_only=True, span=False)
    rls.personal("opinions_steps", "UPDATE")


def _voices() -> None:
    op.create_table(
        "opinions_voices",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        *_words("month", "theme"),
        sa.Column("voice", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "month", "theme", "voice"),
    )
    rls.tenant_table("opinions_voices", append_only=True, span=False)


def _settings() -> None:
    op.create_table(
        "opinions_settings",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("theme_threshold", sa.Integer, nullable=False),
        sa.Column("answer_threshold", sa.Integer, nullable=False),
        _moment("created_at"),
        *_words("created_by"),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
        sa.CheckConstraint("theme_threshold >= 5 AND answer_threshold >= 5", name="opinions_settings_floor"),
    )
    rls.tenant_table("opinions_settings", append_only=True)


def _surveys() -> None:
    op.create_table(
        "satisfaction_surveys",
        *_tenant_columns(),
        *_words("title", "about"),
        sa.Column("dimensions", JSONB, nullable=False),
        *_words("state"),
        _moment("before_closed_at", nullable=True),
        _moment("after_closed_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    rls.tenant_table("satisfaction_surveys")
    op.create_table(
        "satisfaction_participations",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("survey_id", sa.Uuid, nullable=False),
        *_words("wave"),
        sa.Column("account", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "survey_id", "wave", "account"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "survey_id"], ["satisfaction_surveys.tenant_id", "satisfaction_surveys.id"]
        ),
    )
    rls.tenant_table("satisfaction_participations", append_only=True, span=False)
    rls.personal("satisfaction_participations")
    op.create_table(
        "satisfaction_tallies",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("survey_id", sa.Uuid, nullable=False),
        *_words("wave"),
        sa.Column("place", sa.SmallInteger, nullable=False),
        sa.Column("answers", sa.Integer, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "survey_id", "wave", "place"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "survey_id"], ["satisfaction_surveys.tenant_id", "satisfaction_surveys.id"]
        ),
        sa.CheckConstraint("points BETWEEN answers AND 5 * answers", name="satisfaction_tallies_points"),
    )
    rls.tenant_table("satisfaction_tallies", span=False)
