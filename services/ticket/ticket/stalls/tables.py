"""Tables of stalls and of what happened to them."""

from sqlalchemy import (
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

from chassis.privacy import nothing
from chassis.tables import key, reference, tenant_columns

METADATA = MetaData()

stalls = Table(
    "stalls_stalls",
    METADATA,
    *tenant_columns(),
    Column("name", Text, nullable=False),
    Column("place", Text, nullable=False),
    reference("enterprise_id"),
    Column("state", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("began_on", Date),
    Column("baseline", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("helped", Integer, nullable=False),
    # Who found it in difficulty, as an account and as a person: neither finds it better.
    reference("assessor"),
    reference("assessor_person"),
    PrimaryKeyConstraint("tenant_id", "id"),
    # The name is free again once a stall is gone.
    Index("stalls_stalls_name", "tenant_id", "name", unique=True, postgresql_where=text("state <> 'closed'")),
    Index("stalls_stalls_page", "tenant_id", "name", "id"),
)

steps = Table(
    "stalls_steps",
    METADATA,
    *tenant_columns(),
    key("stall_id"),
    Column("kind", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("score", Integer, nullable=False),
    Column("words", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "stall_id"], [stalls.c.tenant_id, stalls.c.id]),
    Index("stalls_steps_stall", "tenant_id", "stall_id", "id"),
)

RECORDS = (
    nothing(
        stalls,
        acted="created_by assessor assessor_person",
        plain="name place enterprise_id state plan began_on",
    ),
    nothing(steps, acted="created_by", plain="stall_id kind day words"),
)
