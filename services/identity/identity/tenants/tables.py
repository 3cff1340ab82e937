"""Tables of tenants."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.privacy import nothing
from chassis.tables import moment, reference

METADATA = MetaData()

tenants = Table(
    "tenants_tenants",
    METADATA,
    Column("tenant_id", Uuid(as_uuid=False), primary_key=True),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    moment("created_at"),
    moment("updated_at"),
    Column("created_by", Text, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("aliases", ARRAY(Text), nullable=False),
    reference("region_id"),
    reference("superior_id"),
    # Everyone above it, so that "mine and those below me" is one condition, also in the policy.
    Column("ancestors", ARRAY(Uuid(as_uuid=False)), nullable=False),
    Column("sites", JSONB, nullable=False),
    # Without a scale, so that a figure comes back as it was written.
    Column("area_m2", Numeric, nullable=True),
    Column("height_m", Numeric, nullable=True),
    Column("built_year", Integer, nullable=False),
    Column("opened_year", Integer, nullable=False),
    Column("floors", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Index("tenants_tenants_name", "name_key", "tenant_id"),
    Index("tenants_tenants_ancestors", "ancestors", postgresql_using="gin"),
    # There is one district in a deployment.
    Index("tenants_tenants_district", "kind", unique=True, postgresql_where=text("kind = 'district'")),
)

RECORDS = (
    nothing(
        tenants,
        acted="created_by",
        plain="kind state name_zh name_en name_key aliases region_id superior_id ancestors sites reason",
    ),
)
