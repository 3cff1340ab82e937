"""Tables of the enterprise registry."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, tenant_columns

METADATA = MetaData()

enterprises = Table(
    "enterprises_enterprises",
    METADATA,
    *tenant_columns(),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("sort_key", Text(collation="C"), nullable=False),
    Column("short_name", Text, nullable=False),
    Column("credit_code", Text, nullable=False),
    Column("industry", Text, nullable=False),
    Column("floor", Text, nullable=False),
    Column("floor_order", SmallInteger, nullable=False),
    Column("room", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("headcount", Text, nullable=False),
    Column("owner_support", Text, nullable=False),
    reference("contact_account"),
    Column("contact_display", Text, nullable=False),
    Column("state", Text, nullable=False),
    moment("surveyed_at", nullable=True),
    Column("completeness", Integer, nullable=False),
    Column("former_names", JSONB, nullable=False),
    moment("moved_out_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    CheckConstraint("state IN ('active', 'moved_out')", name="enterprises_state"),
    # Twins are refused by the database as well: one active record per code, and per name and floor.
    Index(
        "enterprises_code",
        "tenant_id",
        "credit_code",
        unique=True,
        postgresql_where=text("state = 'active' AND credit_code <> ''"),
    ),
    Index(
        "enterprises_name_floor",
        "tenant_id",
        "name_key",
        "floor",
        unique=True,
        postgresql_where=text("state = 'active'"),
    ),
    Index("enterprises_by_name", "tenant_id", "state", "sort_key", "id"),
    Index("enterprises_by_floor", "tenant_id", "state", "floor_order", "sort_key", "id"),
)

terms = Table(
    "enterprises_terms",
    METADATA,
    key("tenant_id"),
    Column("term", Text(collation="C"), nullable=False),
    key("enterprise_id"),
    PrimaryKeyConstraint("tenant_id", "term", "enterprise_id"),
    Index("enterprises_terms_of", "tenant_id", "enterprise_id"),
    ForeignKeyConstraint(
        ["tenant_id", "enterprise_id"],
        ["enterprises_enterprises.tenant_id", "enterprises_enterprises.id"],
    ),
)

RECORDS = (
    # The firm stays; who spoke for it is gone.
    blanked(
        enterprises,
        subject="contact_account",
        words="contact_display",
        becomes={"contact_account": None},
        acted="created_by",
        plain="name name_key sort_key short_name credit_code industry floor room branch headcount "
        "owner_support state former_names",
    ),
    nothing(terms, plain="term enterprise_id"),
)
