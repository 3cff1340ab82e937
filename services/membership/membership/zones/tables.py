"""Tables of zones: the grid, the roll of those who are to have a zone, the zones, accidents, settings."""

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
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from chassis.privacy import blanked, deleted, nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()

locations = Table(
    "zones_locations",
    METADATA,
    *tenant_columns(),
    Column("floor", Text, nullable=False),
    Column("floor_order", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    reference("site_id"),
    Column("plaque_number", Text, nullable=False),
    key("code"),
    # The zone whose plaque hangs here.
    reference("hung_for"),
    Column("closed", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "code", name="zones_locations_code"),
    Index(
        "zones_locations_name",
        "tenant_id",
        "floor",
        "name",
        unique=True,
        postgresql_where=text("NOT closed"),
    ),
)

holders = Table(
    "zones_holders",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("person_id"),
    Column("display", Text, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "person_id", name="zones_holders_person"),
)

zones = Table(
    "zones_zones",
    METADATA,
    *tenant_columns(),
    key("location_id"),
    key("person_id"),
    reference("account"),
    Column("display", Text, nullable=False),
    Column("shown_as", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    reference("decider"),
    moment("decided_at", nullable=True),
    Column("from_on", Date, nullable=True),
    Column("hung_on", Date, nullable=True),
    Column("ended_on", Date, nullable=True),
    Column("ending", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "location_id"], ["zones_locations.tenant_id", "zones_locations.id"]),
    # The second locks: no place has two zones in force, nobody claims a place twice, nobody decides alone.
    Index(
        "zones_zones_in_force",
        "tenant_id",
        "location_id",
        unique=True,
        postgresql_where=text("state IN ('approved', 'plaqued')"),
    ),
    Index(
        "zones_zones_claim",
        "tenant_id",
        "location_id",
        "person_id",
        unique=True,
        postgresql_where=text("state IN ('proposed', 'declared', 'returned')"),
    ),
    CheckConstraint("decider IS NULL OR decider <> person_id", name="zones_zones_decider"),
    Index("zones_zones_of", "tenant_id", "person_id", "id"),
)

accidents = Table(
    "zones_accidents",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("site_id"),
    Column("occurred_on", Date, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("zones_accidents_site", "tenant_id", "site_id", "occurred_on"),
)

settings = Table(
    "zones_settings",
    METADATA,
    *settings_columns(),
    Column("relay_phone", Text, nullable=False),
    Column("team_minimum", Integer, nullable=False),
)

RECORDS = (
    nothing(locations, acted="created_by", plain="floor name site_id plaque_number code hung_for"),
    deleted(holders, subject="person_id", words="display"),
    # Which place was looked after, from when to when, is the building's record; by whom is gone.
    blanked(
        zones,
        subject="person_id account",
        words="display shown_as reason",
        acted="created_by decided_by decider",
        plain="location_id state from_on hung_on ended_on ending",
    ),
    nothing(accidents, plain="site_id occurred_on"),
    nothing(settings, acted="created_by", plain="relay_phone"),
)
