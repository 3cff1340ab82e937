"""Tables of counters and the matters enabled at them."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.privacy import nothing
from chassis.tables import key, tenant_columns

METADATA = MetaData()

counters = Table(
    "counters_counters",
    METADATA,
    *tenant_columns(),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    key("department_id"),
    Column("kind", Text, nullable=False),
    Column("weekdays", ARRAY(Text), nullable=False),
    Column("opens", Text, nullable=False),
    Column("closes", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("counters_counters_name", "tenant_id", "name_zh", "id"),
)

building_matters = Table(
    "counters_matters",
    METADATA,
    *tenant_columns(),
    key("counter_id"),
    key("department_id"),
    key("matter_id"),
    Column("enabled", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "counter_id", "matter_id", name="counters_matters_once"),
    ForeignKeyConstraint(["tenant_id", "counter_id"], [counters.c.tenant_id, counters.c.id]),
)

RECORDS = (
    nothing(
        counters,
        acted="created_by",
        plain="name_zh name_en department_id kind weekdays opens closes place",
    ),
    nothing(building_matters, acted="created_by", plain="counter_id department_id matter_id"),
)
