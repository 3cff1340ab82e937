"""The facts of the overview: a projection of other services' events, rebuilt from nothing by replay."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.privacy import nothing
from chassis.tables import key, moment, reference

METADATA = MetaData()

tickets = Table(
    "overview_tickets",
    METADATA,
    key("tenant_id"),
    key("id"),
    Column("number", Text, nullable=False),
    Column("affairs", SmallInteger, nullable=False),
    Column("station", SmallInteger, nullable=False),
    Column("requester", Text, nullable=False),
    reference("enterprise_id"),
    moment("opened_at"),
    Column("promised_minutes", Integer, nullable=False),
    moment("accepted_at", nullable=True),
    Column("in_time", Boolean, nullable=True),
    moment("first_closed_at", nullable=True),
    moment("closed_at", nullable=True),
    Column("automatically", Boolean, nullable=False, server_default=text("false")),
    Column("reopened", Integer, nullable=False, server_default=text("0")),
    Column("rating", SmallInteger, nullable=False, server_default=text("0")),
    Column("ended", Text, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("overview_tickets_opened", "tenant_id", "opened_at"),
    Index("overview_tickets_opened_all", "opened_at"),
    Index("overview_tickets_closed", "tenant_id", "closed_at"),
    Index("overview_tickets_closed_all", "closed_at"),
    Index("overview_tickets_first_closed", "tenant_id", "first_closed_at"),
    Index("overview_tickets_first_closed_all", "first_closed_at"),
)

# One row per demand, whatever services it passes through: the originator's affair counts.
demands = Table(
    "overview_demands",
    METADATA,
    key("tenant_id"),
    Column("correlation_id", Text, nullable=False),
    Column("capability", Text, nullable=False),
    key("subject_id"),
    Column("affairs", SmallInteger, nullable=False),
    Column("account", Text, nullable=False),
    reference("enterprise_id"),
    moment("opened_at"),
    PrimaryKeyConstraint("tenant_id", "correlation_id"),
    Index("overview_demands_opened", "tenant_id", "opened_at"),
    Index("overview_demands_opened_all", "opened_at"),
)

activities = Table(
    "overview_activities",
    METADATA,
    key("tenant_id"),
    key("id"),
    Column("kind", SmallInteger, nullable=False),
    Column("station", SmallInteger, nullable=False),
    Column("affairs", SmallInteger, nullable=False),
    moment("started_at"),
    Column("brand", Text, nullable=False, server_default=text("''")),
    Column("audience", ARRAY(SmallInteger), nullable=False, server_default=text("'{}'")),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("overview_activities_started", "tenant_id", "started_at"),
    Index("overview_activities_started_all", "started_at"),
)

attendances = Table(
    "overview_attendances",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("activity_id"),
    Column("account", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    reference("enterprise_id"),
    Column("attended", Boolean, nullable=False),
    moment("started_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("overview_attendances_started", "tenant_id", "started_at"),
    Index("overview_attendances_started_all", "started_at"),
)

items = Table(
    "overview_items",
    METADATA,
    key("tenant_id"),
    key("id"),
    Column("affairs", SmallInteger, nullable=False),
    Column("station", SmallInteger, nullable=False),
    Column("live", Boolean, nullable=False),
    moment("changed_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
)

# How far each source has been applied. `open` is taken away while a rebuild empties the facts.
sources = Table(
    "overview_sources",
    METADATA,
    Column("source", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("rebuilding", Boolean, nullable=False),
    Column("applied", BigInteger, nullable=False),
    # Business time of the newest event applied; system time of its application.
    moment("last_event_at", nullable=True),
    moment("applied_at", nullable=True),
    PrimaryKeyConstraint("source"),
)
FACTS = (tickets, demands, activities, attendances, items)

# Facts name a person by an id alone, which leads to nobody once identity has erased: figures do not change.
RECORDS = (
    nothing(tickets, acted="requester", plain="number enterprise_id ended"),
    nothing(demands, acted="account", plain="correlation_id capability subject_id enterprise_id"),
    nothing(activities, plain="brand audience"),
    nothing(attendances, acted="account person_id", plain="activity_id enterprise_id"),
    nothing(items),
    nothing(sources, plain="source"),
)
