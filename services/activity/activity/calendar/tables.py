"""Tables of the calendar."""

from sqlalchemy import (
    BigInteger,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, tenant_columns

METADATA = MetaData()

activities = Table(
    "calendar_activities",
    METADATA,
    *tenant_columns(),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("affairs", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("hosts", ARRAY(Text), nullable=False),
    Column("audience", ARRAY(Text), nullable=False),
    Column("brand", Text, nullable=False),
    Column("business_link", Text, nullable=False),
    Column("floor", Text, nullable=False),
    Column("place", Text, nullable=False),
    moment("starts_at"),
    moment("ends_at"),
    moment("enrol_until"),
    Column("capacity", Integer, nullable=False),
    Column("enrolled", Integer, nullable=False, server_default=text("0")),
    Column("waiting", Integer, nullable=False, server_default=text("0")),
    Column("attended", Integer, nullable=False, server_default=text("0")),
    # The number given to the last enrolment: the order of the wait list.
    Column("last_no", BigInteger, nullable=False, server_default=text("0")),
    Column("evidence_note", Text, nullable=False, server_default=text("''")),
    Column("evidence", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("cancel_reason", Text, nullable=False, server_default=text("''")),
    Column("made_by_person", Text, nullable=False, server_default=text("''")),
    Column("confirmed_by", Text, nullable=False, server_default=text("''")),
    Column("correlation_id", Text, nullable=False),
    moment("published_at", nullable=True),
    moment("confirmed_at", nullable=True),
    # When time next changes the state; the job reads nothing else.
    moment("next_step_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    CheckConstraint("enrolled BETWEEN 0 AND capacity", name="no_oversell"),
    CheckConstraint("waiting >= 0", name="waiting_counted"),
    CheckConstraint("enrol_until <= starts_at AND starts_at < ends_at", name="times_in_order"),
    Index("calendar_activities_start", "tenant_id", "starts_at", "id"),
    Index("calendar_activities_due", "next_step_at", postgresql_where=text("next_step_at IS NOT NULL")),
)

enrolments = Table(
    "calendar_enrolments",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("activity_id"),
    key("account"),
    Column("person_id", Text, nullable=False),
    reference("enterprise_id"),
    Column("state", Text, nullable=False),
    Column("no", BigInteger, nullable=False),
    Column("cancel_cause", Text, nullable=False, server_default=text("''")),
    moment("created_at"),
    moment("updated_at"),
    moment("checked_in_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(
        ["tenant_id", "activity_id"], ["calendar_activities.tenant_id", "calendar_activities.id"]
    ),
    Index("calendar_enrolments_order", "tenant_id", "activity_id", "no", unique=True),
    Index(
        "calendar_enrolments_once",
        "tenant_id",
        "activity_id",
        "account",
        unique=True,
        postgresql_where=text("state <> 'cancelled'"),
    ),
    Index("calendar_enrolments_mine", "tenant_id", "account", "id"),
)

RECORDS = (
    nothing(
        activities,
        acted="created_by made_by_person confirmed_by",
        plain="title kind station affairs state summary hosts audience brand business_link floor place "
        "evidence_note evidence cancel_reason correlation_id",
    ),
    # The seat stays taken and the head counted, by somebody who cannot be told any more.
    blanked(
        enrolments,
        subject="account person_id",
        plain="activity_id enterprise_id state cancel_cause",
    ),
)
