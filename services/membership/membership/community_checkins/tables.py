"""Tables of reporting to communities. The organisation's tenant owns the rows, which name the community as
their party. There is no column for who was helped: groups and counts only."""

from sqlalchemy import (
    Boolean,
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
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.privacy import blanked, deleted, nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()

checkins = Table(
    "community_checkins_checkins",
    METADATA,
    *tenant_columns(),
    Column("kind", Text, nullable=False),
    key("community_id"),
    key("org_id"),
    Column("org_name", Text, nullable=False),
    reference("person_id"),
    reference("account"),
    Column("display", Text, nullable=False),
    reference("reporter"),
    Column("offers", ARRAY(Text), nullable=False),
    Column("state", Text, nullable=False),
    Column("post", Text, nullable=False),
    reference("decider"),
    Column("confirmed_on", Date, nullable=True),
    Column("ended_on", Date, nullable=True),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    # The second lock: the community confirms, by another person.
    CheckConstraint("decider <> reporter", name="community_checkins_decider"),
    CheckConstraint(
        "state <> 'confirmed' OR (decider IS NOT NULL AND confirmed_on IS NOT NULL)",
        name="community_checkins_confirmed",
    ),
    Index(
        "community_checkins_org_once",
        "tenant_id",
        "org_id",
        "community_id",
        unique=True,
        postgresql_where=text("kind = 'organisation' AND state IN ('reported', 'confirmed')"),
    ),
    Index(
        "community_checkins_member_once",
        "tenant_id",
        "person_id",
        "community_id",
        unique=True,
        postgresql_where=text("kind = 'member' AND state IN ('reported', 'confirmed')"),
    ),
    Index("community_checkins_of", "tenant_id", "person_id", "id"),
    Index("community_checkins_here", "community_id", "id"),
)

services = Table(
    "community_checkins_services",
    METADATA,
    *tenant_columns(),
    key("community_id"),
    key("checkin_id"),
    Column("org_name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("beneficiaries", Text, nullable=False),
    Column("asked", Boolean, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("held_on", Date, nullable=True),
    Column("helped", Integer, nullable=False),
    reference("reporter"),
    reference("decider"),
    moment("confirmed_at", nullable=True),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(
        ["tenant_id", "checkin_id"],
        ["community_checkins_checkins.tenant_id", "community_checkins_checkins.id"],
    ),
    CheckConstraint(
        "state <> 'confirmed' OR (decider IS NOT NULL AND decider <> reporter AND held_on IS NOT NULL)",
        name="community_services_confirmed",
    ),
    Index("community_services_of", "tenant_id", "checkin_id", "id"),
    Index("community_services_held", "tenant_id", "held_on"),
    Index("community_services_here", "community_id", "id"),
)

servings = Table(
    "community_checkins_servings",
    METADATA,
    key("tenant_id"),
    key("service_id"),
    key("checkin_id"),
    key("community_id"),
    Column("minutes", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "service_id", "checkin_id"),
    ForeignKeyConstraint(
        ["tenant_id", "service_id"],
        ["community_checkins_services.tenant_id", "community_checkins_services.id"],
    ),
    ForeignKeyConstraint(
        ["tenant_id", "checkin_id"],
        ["community_checkins_checkins.tenant_id", "community_checkins_checkins.id"],
    ),
    Index("community_servings_of", "tenant_id", "checkin_id"),
)

settings = Table(
    "community_checkins_settings",
    METADATA,
    *settings_columns(),
    Column("hours_year", Integer, nullable=False),
)

RECORDS = (
    # That somebody of an organisation served is its record; who it was is gone.
    blanked(
        checkins,
        subject="person_id account",
        words="display reason",
        acted="created_by reporter decider",
        plain="kind community_id org_id org_name offers state post confirmed_on ended_on",
    ),
    nothing(
        services,
        acted="created_by reporter decider",
        plain="community_id checkin_id org_name title beneficiaries due_on held_on state reason",
    ),
    deleted(servings, through={"checkin_id": "community_checkins_checkins"}, plain="service_id community_id"),
    nothing(settings, acted="created_by"),
)
