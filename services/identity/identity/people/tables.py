"""Tables of people."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from chassis.privacy import blanked, deleted, nothing
from chassis.tables import key, moment, reference

METADATA = MetaData()

# District-wide: one row per person, whichever tenants know the person.
persons = Table(
    "people_persons",
    METADATA,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    key("registered_by"),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    moment("created_at"),
    moment("updated_at"),
    Column("created_by", Text, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("id_number", LargeBinary, nullable=True),
    Column("id_number_index", LargeBinary, nullable=True),
    Column("id_number_masked", Text, nullable=False),
    Column("phone", LargeBinary, nullable=True),
    Column("phone_index", LargeBinary, nullable=True),
    Column("phone_masked", Text, nullable=False),
    reference("merged_into"),
    Index(
        "people_persons_id_number",
        "id_number_index",
        unique=True,
        postgresql_where=text("merged_into IS NULL"),
    ),
    Index("people_persons_phone", "phone_index"),
)

# Which tenants know a person.
presences = Table(
    "people_presences",
    METADATA,
    key("tenant_id"),
    key("person_id"),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "person_id"),
    Index("people_presences_person", "person_id"),
)

# Data keys, wrapped by the key-encryption key.
keys = Table(
    "people_keys",
    METADATA,
    key("tenant_id"),
    Column("number", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "number"),
)

# How often an account asked for duplicates in the running hour.
checks = Table(
    "people_checks",
    METADATA,
    key("tenant_id"),
    key("account_id"),
    moment("hour"),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "account_id", "hour"),
)

NOBODY = "已注销用户"
"""What a person who was erased is called wherever the name was shown."""

RECORDS = (
    blanked(
        persons,
        subject="id merged_into",
        words="id_number_index id_number_masked phone_index phone_masked",
        becomes={"name": NOBODY, "name_key": ""},
        sealed="id_number phone",
        acted="created_by",
        plain="registered_by",
    ),
    # Which tenants knew the person: they go on seeing that somebody was there.
    blanked(presences, subject="person_id"),
    nothing(keys, plain="wrapped"),
    deleted(checks, subject="account_id"),
)
