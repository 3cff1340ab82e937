"""Tables of visits, and the list of enterprises as membership's events tell it."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, tenant_columns

METADATA = MetaData()

enterprises = Table(
    "visits_enterprises",
    METADATA,
    key("tenant_id"),
    key("id"),
    Column("name", Text, nullable=False),
    Column("floor", Text, nullable=False),
    Column("moved_out", Boolean, nullable=False),
    moment("updated_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
)

# A plan holds its present round; `settled` says that the only one is over.
plans = Table(
    "visits_plans",
    METADATA,
    *tenant_columns(),
    Column("title", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("floor", Text, nullable=False),
    key("responsible"),
    Column("start_date", Date, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("every_days", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("settled", Boolean, nullable=False),
    moment("closed_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    # What the job looks for, over all tenants.
    Index("visits_plans_due", "due_date", postgresql_where=text("NOT settled AND closed_at IS NULL")),
)

visits = Table(
    "visits_visits",
    METADATA,
    *tenant_columns(),
    Column("number", Text, nullable=False),
    Column("target", Text, nullable=False),
    reference("target_id"),
    Column("target_name", Text, nullable=False),
    Column("floor", Text, nullable=False),
    key("visitor"),
    moment("visited_at"),
    Column("remark", Text, nullable=False),
    Column("ticket_ids", JSONB, nullable=False),
    Column("correlation_id", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "number", name="visits_visits_number"),
    # Who has been reached in a plan's days, and when somebody was last visited.
    Index("visits_visits_reached", "tenant_id", "target", "visited_at", "target_id"),
    Index("visits_visits_target", "tenant_id", "target_id", "visited_at"),
    Index("visits_visits_visitor", "tenant_id", "visitor", "id"),
)

RECORDS = (
    nothing(enterprises, plain="name floor"),
    nothing(plans, acted="created_by responsible", plain="title target floor start_date due_date"),
    # That somebody was there stays: the plan's figures rest on it. What the visitor wrote is gone.
    blanked(
        visits,
        subject="visitor",
        words="remark",
        acted="created_by",
        plain="number target target_id target_name floor ticket_ids correlation_id",
    ),
)
