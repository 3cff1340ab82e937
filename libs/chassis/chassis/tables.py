"""Tables that every service's database has, and the columns that every tenant table starts with."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import SchemaItem


def key(name: str = "id") -> Column[str]:
    """A UUID column that Python sees as `str`."""
    return Column(name, Uuid(as_uuid=False), nullable=False)


def reference(name: str) -> Column[str]:
    """A UUID that may be missing."""
    return Column(name, Uuid(as_uuid=False), nullable=True)


def moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    """A point in time, aware, stored in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def tenant_columns() -> tuple[Column[Any], ...]:
    """What every aggregate row carries: whose it is, its id, version and who made it when."""
    return (
        key("tenant_id"),
        key("id"),
        Column("version", BigInteger, nullable=False, server_default=text("1")),
        moment("created_at"),
        moment("updated_at"),
        Column("created_by", Text, nullable=False, server_default=text("''")),
        Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    )


def settings_columns() -> tuple[SchemaItem, ...]:
    """What every table of settings in versions has (`chassis.versions`)."""
    return (
        key("tenant_id"),
        Column("version", Integer, nullable=False),
        moment("created_at"),
        Column("created_by", Text, nullable=False),
        PrimaryKeyConstraint("tenant_id", "version"),
    )


CHASSIS = MetaData()
"""The chassis' own tables, created by `chassis.migrations.chassis_tables` in each service."""


def _event_columns() -> tuple[Column[Any], ...]:
    return (
        key("tenant_id"),
        Column("aggregate", Text, nullable=False),
        key("aggregate_id"),
        Column("seq", BigInteger, nullable=False),
        key("event_id"),
        Column("type", Text, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        moment("occurred_at"),
        Column("correlation_id", Text, nullable=False),
        Column("audience", ARRAY(Text), nullable=False),
        Column("traceparent", Text, nullable=False),
    )


outbox = Table(
    "outbox",
    CHASSIS,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    *_event_columns(),
)
outbox_archive = Table(
    "outbox_archive",
    CHASSIS,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *_event_columns(),
    moment("published_at"),
)
outbox_heads = Table(
    "outbox_heads",
    CHASSIS,
    key("tenant_id"),
    key("aggregate_id"),
    Column("seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "aggregate_id"),
)
relay_state = Table(
    "relay_state",
    CHASSIS,
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    Column("stream_created", Text, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
)
positions = Table(
    "positions",
    CHASSIS,
    Column("consumer", Text, nullable=False),
    key("tenant_id"),
    key("aggregate_id"),
    Column("seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("consumer", "tenant_id", "aggregate_id"),
)
dead_letters = Table(
    "dead_letters",
    CHASSIS,
    Column("consumer", Text, nullable=False),
    key("event_id"),
    key("tenant_id"),
    Column("event_type", Text, nullable=False),
    key("aggregate_id"),
    Column("seq", BigInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("waiting", Boolean, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("consumer", "event_id"),
    Index("dead_letters_aggregate", "consumer", "tenant_id", "aggregate_id", "seq"),
)
idempotency_keys = Table(
    "idempotency_keys",
    CHASSIS,
    key("tenant_id"),
    Column("actor", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("reply", LargeBinary, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "actor", "method", "key"),
    Index("idempotency_keys_age", "created_at"),
)
audit_entries = Table(
    "audit_entries",
    CHASSIS,
    key("tenant_id"),
    key("id"),
    moment("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("chain_seq", BigInteger, nullable=True),
    Column("hash", LargeBinary, nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("audit_entries_chain", "tenant_id", "chain_seq", unique=True),
    Index("audit_entries_unsealed", "tenant_id", "id", postgresql_where=text("chain_seq IS NULL")),
)
audit_checkpoints = Table(
    "audit_checkpoints",
    CHASSIS,
    key("tenant_id"),
    Column("chain_seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    moment("at"),
    PrimaryKeyConstraint("tenant_id", "chain_seq"),
)
number_blocks = Table(
    "number_blocks",
    CHASSIS,
    key("tenant_id"),
    Column("series", Text, nullable=False),
    Column("next", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "series"),
)
# Which erasures were carried out here, so that each is carried out once.
privacy_erasures = Table(
    "privacy_erasures",
    CHASSIS,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("held", Boolean, nullable=False),
    # The stored files that went with it.
    Column("files", JSONB, nullable=False),
    moment("erased_at"),
)
# What a legal hold keeps of a person who was erased. Nothing reads it.
privacy_held = Table(
    "privacy_held",
    CHASSIS,
    key("erasure_id"),
    Column("position", Integer, nullable=False),
    Column("collection", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    PrimaryKeyConstraint("erasure_id", "position"),
)
tenants = Table(
    "tenants",
    CHASSIS,
    Column("tenant_id", Uuid(as_uuid=False), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("state", Text, nullable=False),
    reference("region_id"),
    reference("superior_id"),
    Column("synthetic", Boolean, nullable=False),
    moment("updated_at"),
    Index("tenants_region", "region_id"),
    Index("tenants_superior", "superior_id"),
)
