"""Tables of guests: their passes, what they took part in, and settings."""

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
    text,
)

from chassis.privacy import blanked, deleted, nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()

guests = Table(
    "guests_guests",
    METADATA,
    *tenant_columns(),
    key("person_id"),
    reference("account"),
    Column("display", Text, nullable=False),
    Column("enterprise_name", Text, nullable=False),
    Column("enterprise_key", Text, nullable=False),
    Column("state", Text, nullable=False),
    moment("confirmed_at", nullable=True),
    Column("from_on", Date, nullable=True),
    Column("until_on", Date, nullable=True),
    Column("ended_on", Date, nullable=True),
    Column("ending", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    # The second lock: nobody is a guest who neither asked nor confirmed.
    CheckConstraint(
        "state <> 'admitted' OR (confirmed_at IS NOT NULL AND from_on IS NOT NULL AND until_on IS NOT NULL)",
        name="guests_asked",
    ),
    Index(
        "guests_once",
        "tenant_id",
        "person_id",
        unique=True,
        postgresql_where=text("state IN ('invited', 'asked', 'admitted')"),
    ),
    Index("guests_of", "tenant_id", "person_id", "id"),
    Index("guests_state", "tenant_id", "state", "id"),
    Index("guests_due", "until_on", postgresql_where=text("state = 'admitted'")),
)

attendances = Table(
    "guests_attendances",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("guest_id"),
    Column("attended_on", Date, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "guest_id"], ["guests_guests.tenant_id", "guests_guests.id"]),
    Index("guests_attendances_on", "tenant_id", "attended_on"),
)

settings = Table(
    "guests_settings",
    METADATA,
    *settings_columns(),
    Column("term_days", Integer, nullable=False),
)

RECORDS = (
    # That somebody of an enterprise was a guest is the centre's record; who it was is gone.
    blanked(
        guests,
        subject="person_id account",
        words="display",
        acted="created_by",
        plain="enterprise_name enterprise_key state from_on until_on ended_on ending",
    ),
    deleted(attendances, through={"guest_id": "guests_guests"}, words="attended_on"),
    nothing(settings, acted="created_by"),
)
