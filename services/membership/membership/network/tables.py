"""Tables of the network: floors, areas, liaisons, and the checklists that superiors opened."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, tenant_columns

METADATA = MetaData()

floors = Table(
    "network_floors",
    METADATA,
    *tenant_columns(),
    Column("floor", Text, nullable=False),
    Column("floor_order", SmallInteger, nullable=False),
    Column("occupied", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "floor", name="network_floors_floor"),
)

areas = Table(
    "network_areas",
    METADATA,
    *tenant_columns(),
    Column("floor", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("closed", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "floor"], ["network_floors.tenant_id", "network_floors.floor"]),
    Index(
        "network_areas_name",
        "tenant_id",
        "floor",
        "name",
        unique=True,
        postgresql_where=text("NOT closed"),
    ),
)

liaisons = Table(
    "network_liaisons",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("area_id"),
    key("person_id"),
    Column("display", Text, nullable=False),
    Column("term_from", Date, nullable=False),
    Column("term_until", Date, nullable=True),
    Column("ended_on", Date, nullable=True),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "area_id"], ["network_areas.tenant_id", "network_areas.id"]),
    # The second lock: an area has one liaison at a time.
    Index(
        "network_liaisons_current",
        "tenant_id",
        "area_id",
        unique=True,
        postgresql_where=text("ended_on IS NULL"),
    ),
    Index("network_liaisons_of", "tenant_id", "area_id", "id"),
)

checklists = Table(
    "network_checklists",
    METADATA,
    key("tenant_id"),
    key("opener_id"),
    Column("initiative", Text, nullable=False),
    moment("opened_at"),
    PrimaryKeyConstraint("tenant_id"),
)

RECORDS = (
    nothing(floors, acted="created_by", plain="floor"),
    nothing(areas, acted="created_by", plain="floor name"),
    blanked(
        liaisons,
        subject="person_id",
        words="display",
        plain="area_id term_from term_until ended_on",
    ),
    nothing(checklists, plain="opener_id initiative"),
)
