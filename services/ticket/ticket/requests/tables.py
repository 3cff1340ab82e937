"""Tables of service requests."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns
from ticket.requests.rules import OPEN

METADATA = MetaData()

# Ids are time-ordered, so "newest first" is the primary key read backwards; each way of looking at
# a queue has an index that ends in the id, and pages by it.
tickets = Table(
    "requests_tickets",
    METADATA,
    *tenant_columns(),
    # Byte order, so that a beginning of a number is a range of the index.
    Column("number", Text(collation="C"), nullable=False),
    key("service_item_id"),
    Column("item_name_zh", Text, nullable=False),
    Column("item_name_en", Text, nullable=False),
    Column("affairs", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("desk", Text, nullable=False),
    Column("sensitivity", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("filed_for", Text, nullable=False),
    reference("enterprise_id"),
    Column("floor", Text, nullable=False),
    key("requester"),
    reference("assignee"),
    Column("summary", Text, nullable=False),
    Column("form", JSONB, nullable=False),
    Column("attachments", JSONB, nullable=False),
    Column("last_word", Text, nullable=False, server_default=text("''")),
    Column("rating", SmallInteger, nullable=False, server_default=text("0")),
    Column("remark", Text, nullable=False, server_default=text("''")),
    Column("reopened", Integer, nullable=False, server_default=text("0")),
    Column("trips", Integer, nullable=False, server_default=text("0")),
    Column("closed_automatically", Boolean, nullable=False, server_default=text("false")),
    reference("referred_to"),
    Column("correlation_id", Text, nullable=False),
    moment("first_response_due_at"),
    moment("resolution_due_at"),
    moment("accepted_at", nullable=True),
    moment("resolved_at", nullable=True),
    moment("closed_at", nullable=True),
    # The clocks of what is promised, and what lists and jobs look for of them (`sla.commands.columns`).
    Column("clocks", JSONB, nullable=False, server_default=text("'{}'")),
    Column("next_due_clock", Text, nullable=True),
    moment("next_due_at", nullable=True),
    moment("warn_at", nullable=True),
    Column("look_at", DateTime(timezone=True), nullable=True, server_default=text("'epoch'")),
    Column("escalation", SmallInteger, nullable=False, server_default=text("0")),
    moment("escalated_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "number", name="requests_tickets_number"),
    Index("requests_tickets_state", "tenant_id", "state", "id"),
    Index("requests_tickets_requester", "tenant_id", "requester", "id"),
    Index(
        "requests_tickets_assignee",
        "tenant_id",
        "assignee",
        "id",
        postgresql_where=text("assignee IS NOT NULL"),
    ),
    Index(
        "requests_tickets_enterprise",
        "tenant_id",
        "enterprise_id",
        "id",
        postgresql_where=text("enterprise_id IS NOT NULL"),
    ),
    # The queue in the order in which it is worked on.
    Index(
        "requests_tickets_due",
        "tenant_id",
        text("urgency DESC"),
        "next_due_at",
        "id",
        postgresql_where=text("next_due_at IS NOT NULL"),
    ),
    # What the job that looks at clocks asks for, over all tenants.
    Index("requests_tickets_look", "look_at", postgresql_where=text("look_at IS NOT NULL")),
    # What climbed past its own building.
    Index(
        "requests_tickets_escalated",
        "tenant_id",
        "escalated_at",
        "id",
        postgresql_where=text("escalated_at IS NOT NULL"),
    ),
    # What the auto-close job looks for, over all tenants.
    Index(
        "requests_tickets_resolved",
        "resolved_at",
        postgresql_where=text("state = 'resolved'"),
    ),
)

subtasks = Table(
    "requests_subtasks",
    METADATA,
    *tenant_columns(),
    key("ticket_id"),
    Column("title", Text, nullable=False),
    key("assignee"),
    moment("done_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "ticket_id"], [tickets.c.tenant_id, tickets.c.id]),
    Index("requests_subtasks_ticket", "tenant_id", "ticket_id", "id"),
    Index("requests_subtasks_assignee", "tenant_id", "assignee", "ticket_id"),
)

timeline = Table(
    "requests_timeline",
    METADATA,
    key("tenant_id"),
    key("ticket_id"),
    key("id"),
    Column("kind", Text, nullable=False),
    reference("actor"),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attachments", JSONB, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "ticket_id", "id"),
    ForeignKeyConstraint(["tenant_id", "ticket_id"], [tickets.c.tenant_id, tickets.c.id]),
)

settings = Table(
    "requests_settings",
    METADATA,
    *settings_columns(),
    Column("auto_close_days", Integer, nullable=False),
)

RECORDS = (
    # The ticket stays, since figures and its handlers' work rest on it; what was asked for is gone.
    blanked(
        tickets,
        subject="requester",
        words="summary attachments last_word remark",
        becomes={"form": {}},
        acted="created_by assignee",
        plain="number service_item_id item_name_zh item_name_en affairs station desk sensitivity state "
        "urgency filed_for enterprise_id floor referred_to correlation_id clocks next_due_clock",
        unfinished=tickets.c.state.in_(OPEN),
    ),
    blanked(
        subtasks,
        through={"ticket_id": "requests_tickets"},
        words="title",
        acted="created_by assignee",
    ),
    # Everything on a person's ticket, and what the person wrote on those of others.
    blanked(
        timeline,
        through={"ticket_id": "requests_tickets"},
        subject="actor",
        words="text attachments",
        plain="kind state",
    ),
    nothing(settings, acted="created_by"),
)
