"""Tables of dispatch: linked villages, batches, who is sent, and what is to be done there."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
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

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, tenant_columns

METADATA = MetaData()

links = Table(
    "dispatch_links",
    METADATA,
    *tenant_columns(),
    Column("village", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("ended_on", Date, nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
)

batches = Table(
    "dispatch_batches",
    METADATA,
    *tenant_columns(),
    key("link_id"),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    key("lead_id"),
    Column("note", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("taken_over", Integer, nullable=False),
    moment("began_at", nullable=True),
    moment("relieved_at", nullable=True),
    reference("relieved_by"),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "link_id"], ["dispatch_links.tenant_id", "dispatch_links.id"]),
    # The second lock: two people sign a hand-over, one batch is there, and one goes next.
    CheckConstraint("relieved_by <> lead_id", name="dispatch_two_sign"),
    Index(
        "dispatch_one_there",
        "tenant_id",
        "link_id",
        unique=True,
        postgresql_where=text("state IN ('serving', 'handing_over')"),
    ),
    Index(
        "dispatch_one_next",
        "tenant_id",
        "link_id",
        unique=True,
        postgresql_where=text("state IN ('selected', 'taking_over')"),
    ),
    Index("dispatch_batches_of", "tenant_id", "link_id", "id"),
)

people = Table(
    "dispatch_people",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("batch_id"),
    key("person_id"),
    reference("account"),
    Column("display", Text, nullable=False),
    Column("is_lead", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "batch_id"], ["dispatch_batches.tenant_id", "dispatch_batches.id"]),
    Index("dispatch_people_of", "tenant_id", "batch_id", "id"),
    Index("dispatch_people_who", "tenant_id", "person_id"),
)

items = Table(
    "dispatch_items",
    METADATA,
    *tenant_columns(),
    key("link_id"),
    key("batch_id"),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_by", Integer, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("carried", Integer, nullable=False),
    Column("due_on", Date, nullable=True),
    Column("result", Text, nullable=False),
    Column("done_on", Date, nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "batch_id"], ["dispatch_batches.tenant_id", "dispatch_batches.id"]),
    Index("dispatch_items_of", "tenant_id", "link_id", "id"),
    Index("dispatch_items_open", "tenant_id", "batch_id", postgresql_where=text("state = 'open'")),
)

RECORDS = (
    nothing(links, acted="created_by", plain="village from_on ended_on"),
    nothing(
        batches,
        acted="created_by lead_id relieved_by",
        plain="link_id state from_on until_on note reason",
    ),
    # That a batch of so many served is the organisation's record; who they were is gone.
    blanked(people, subject="person_id account", words="display", plain="batch_id"),
    nothing(items, acted="created_by", plain="link_id batch_id title state due_on result done_on"),
)
