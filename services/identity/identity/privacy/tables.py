"""Tables of privacy. Requests and holds belong to the district: a person is known in many tenants."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import blanked, kept, nothing
from chassis.tables import key, moment, settings_columns, tenant_columns

METADATA = MetaData()

requests = Table(
    "privacy_requests",
    METADATA,
    *tenant_columns(),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    key("person_id"),
    key("account_id"),
    # Every id the person has, as they were when it began: later nobody could tell.
    Column("ids", JSONB, nullable=False),
    moment("due_at"),
    # System time: accounts are closed, and tokens that were out stop working seconds later.
    moment("begun_at", nullable=True),
    moment("done_at", nullable=True),
    moment("expires_at", nullable=True),
    # System time of the last look for what is in the way.
    moment("looked_at", nullable=True),
    # A legal hold was on the person when it began.
    Column("held", Boolean, nullable=False),
    # The copy.
    Column("file", JSONB, nullable=False),
    # Keys of the stored files that an erasure removes.
    Column("files", JSONB, nullable=False),
    Column("blockers", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("privacy_requests_person", "person_id", "id"),
    Index(
        "privacy_requests_one",
        "tenant_id",
        "person_id",
        "kind",
        unique=True,
        postgresql_where=text("state IN ('waiting', 'running')"),
    ),
)

# How far each service is; `next_at` is system time.
tasks = Table(
    "privacy_tasks",
    METADATA,
    key("tenant_id"),
    key("request_id"),
    Column("service", Text, nullable=False),
    Column("done", Boolean, nullable=False, server_default=text("false")),
    Column("rows", Integer, nullable=False, server_default=text("0")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, nullable=False, server_default=text("''")),
    # What it copied, until that is packed.
    Column("answer", JSONB, nullable=False, server_default=text("'[]'")),
    moment("next_at"),
    PrimaryKeyConstraint("tenant_id", "request_id", "service"),
    ForeignKeyConstraint(["tenant_id", "request_id"], [requests.c.tenant_id, requests.c.id]),
)

holds = Table(
    "privacy_holds",
    METADATA,
    *tenant_columns(),
    key("person_id"),
    Column("ground", Text, nullable=False),
    Column("reason", Text, nullable=False),
    moment("lifted_at", nullable=True),
    Column("lift_reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("privacy_holds_person", "person_id"),
)

settings = Table(
    "privacy_settings",
    METADATA,
    *settings_columns(),
    Column("grace_days", Integer, nullable=False),
    Column("copy_days", Integer, nullable=False),
)

RECORDS = (
    # That somebody was erased, and when, proves that it was done; who it was is not in it.
    blanked(
        requests,
        subject="person_id account_id",
        becomes={"file": {}},
        acted="created_by",
        plain="kind state ids files blockers",
    ),
    blanked(
        tasks,
        through={"request_id": "privacy_requests"},
        words="answer",
        plain="service error",
        copied=False,
    ),
    # A hold may serve an inquiry that its person must not know of.
    kept(
        holds,
        "个人信息保护法 Art. 47: stored only while a law or an authority asks for it",
        subject="person_id",
        words="ground reason lift_reason",
        acted="created_by",
        copied=False,
    ),
    nothing(settings, acted="created_by"),
)
