"""Tables of reports: the reports, their versions, what other services told of, settings."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.privacy import nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()

reports = Table(
    "reports_reports",
    METADATA,
    *tenant_columns(),
    key("obligation_id"),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("scope", Text, nullable=False),
    key("org_id"),
    Column("org_name", Text, nullable=False),
    Column("floor", Text, nullable=False),
    # Who accepts it: an organisation of the building, else the tenant above.
    reference("to_org_id"),
    reference("superior_id"),
    Column("receiver_name", Text, nullable=False),
    Column("start_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    # Of the version that is being written, or was submitted last.
    Column("number", Integer, nullable=False),
    key("author"),
    reference("author_account"),
    # Everybody who was its author once.
    Column("writers", ARRAY(Uuid(as_uuid=False)), nullable=False),
    moment("submitted_at", nullable=True),
    reference("decider"),
    moment("decided_at", nullable=True),
    Column("sentence", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "obligation_id", name="reports_once"),
    # The second lock: nothing is accepted unsubmitted, or by whoever wrote it.
    CheckConstraint("decider IS NULL OR decider <> ALL (writers)", name="reports_decider"),
    CheckConstraint(
        "state <> 'accepted' OR (decider IS NOT NULL AND submitted_at IS NOT NULL)", name="reports_accepted"
    ),
    CheckConstraint("(to_org_id IS NULL) <> (superior_id IS NULL)", name="reports_one_receiver"),
    Index("reports_state", "tenant_id", "state", "id"),
    Index("reports_author", "tenant_id", "author", "id"),
    Index("reports_superior", "superior_id", "state", "id"),
)

versions = Table(
    "reports_versions",
    METADATA,
    key("tenant_id"),
    key("report_id"),
    Column("number", Integer, nullable=False),
    # As its report has it, so that the tenant above reads what was submitted.
    reference("superior_id"),
    Column("done", Text, nullable=False),
    Column("problems", Text, nullable=False),
    Column("plans", Text, nullable=False),
    Column("figures", JSONB, nullable=False),
    reference("submitted_by"),
    moment("submitted_at", nullable=True),
    Column("outcome", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    reference("decider"),
    moment("decided_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "report_id", "number"),
    ForeignKeyConstraint(["tenant_id", "report_id"], ["reports_reports.tenant_id", "reports_reports.id"]),
    CheckConstraint("decider <> submitted_by", name="reports_versions_decider"),
    CheckConstraint(
        "(outcome = '') = (decided_at IS NULL) AND (outcome = '' OR submitted_at IS NOT NULL)",
        name="reports_versions_outcome",
    ),
    CheckConstraint("(outcome = 'returned') = (sentence <> '')", name="reports_versions_sentence"),
)

facts = Table(
    "reports_facts",
    METADATA,
    key("tenant_id"),
    Column("kind", Text, nullable=False),
    # The record's own id, so that an event that comes twice is one fact.
    key("id"),
    # The enterprise or site that it is about.
    reference("place_id"),
    Column("happened_on", Date, nullable=False),
    PrimaryKeyConstraint("tenant_id", "kind", "id"),
    Index("reports_facts_day", "tenant_id", "happened_on"),
)

settings = Table(
    "reports_settings",
    METADATA,
    *settings_columns(),
    Column("early_days", Integer, nullable=False),
)

RECORDS = (
    # What groups and branches report is the building's record of its work, and about nobody.
    nothing(
        reports,
        acted="created_by author author_account writers decider",
        plain="obligation_id title_zh title_en scope org_id org_name floor to_org_id superior_id "
        "receiver_name start_on until_on due_on state sentence",
    ),
    nothing(
        versions,
        acted="submitted_by decider",
        plain="report_id superior_id done problems plans figures outcome sentence",
    ),
    nothing(facts, plain="kind place_id happened_on"),
    nothing(settings, acted="created_by"),
)
