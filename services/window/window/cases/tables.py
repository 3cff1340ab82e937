"""Tables of cases. The building owns the rows; `department_id` names the other side."""

from sqlalchemy import (
    Boolean,
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
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import blanked
from chassis.tables import key, moment, reference, tenant_columns
from window.cases.rules import OPEN

METADATA = MetaData()

cases = Table(
    "cases_cases",
    METADATA,
    *tenant_columns(),
    Column("number", Text(collation="C"), nullable=False),
    key("building_matter_id"),
    key("matter_id"),
    Column("matter_version", Integer, nullable=False),
    Column("matter_name_zh", Text, nullable=False),
    Column("matter_name_en", Text, nullable=False),
    key("department_id"),
    Column("department_name_zh", Text, nullable=False),
    Column("department_name_en", Text, nullable=False),
    key("counter_id"),
    Column("promised_days", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("filed_for", Text, nullable=False),
    reference("enterprise_id"),
    key("applicant"),
    Column("summary", Text, nullable=False),
    Column("materials", JSONB, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("grade", SmallInteger, nullable=False, server_default=text("0")),
    Column("remark", Text, nullable=False, server_default=text("''")),
    # What the department writes, as the party that the row names.
    reference("handler"),
    Column("wanted", JSONB, nullable=False, server_default=text("'{}'")),
    Column("last_word", Text, nullable=False, server_default=text("''")),
    Column("decision", Text, nullable=False, server_default=text("''")),
    Column("results", JSONB, nullable=False, server_default=text("'[]'")),
    Column("delivery", Text, nullable=False, server_default=text("''")),
    Column("trips", Integer, nullable=False, server_default=text("0")),
    Column("corrections", Integer, nullable=False, server_default=text("0")),
    Column("callback_open", Boolean, nullable=False, server_default=text("false")),
    Column("callback_note", Text, nullable=False, server_default=text("''")),
    moment("due_at", nullable=True),
    moment("submitted_at", nullable=True),
    moment("accepted_at", nullable=True),
    moment("decided_at", nullable=True),
    moment("delivered_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    # Steps name the department too; this lets their foreign key hold all three together.
    UniqueConstraint("tenant_id", "id", "department_id", name="cases_cases_party"),
    CheckConstraint("corrections BETWEEN 0 AND 1", name="cases_itemised_once"),
    Index(
        "cases_cases_number",
        "tenant_id",
        "number",
        unique=True,
        postgresql_where=text("number <> ''"),
    ),
    Index("cases_cases_applicant", "tenant_id", "applicant", "id"),
    Index(
        "cases_cases_enterprise",
        "tenant_id",
        "enterprise_id",
        "id",
        postgresql_where=text("enterprise_id IS NOT NULL"),
    ),
    Index("cases_cases_state", "tenant_id", "state", "id"),
    Index(
        "cases_cases_received",
        "department_id",
        "state",
        "submitted_at",
        "id",
        postgresql_where=text("submitted_at IS NOT NULL"),
    ),
    Index("cases_cases_department", "department_id", "id"),
    # What the relay job looks for, over all tenants.
    Index("cases_cases_pending", "id", postgresql_where=text("state = 'pending_relay'")),
)

steps = Table(
    "cases_steps",
    METADATA,
    key("tenant_id"),
    key("case_id"),
    key("id"),
    key("department_id"),
    Column("kind", Text, nullable=False),
    Column("side", Text, nullable=False),
    reference("actor"),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "case_id", "id"),
    ForeignKeyConstraint(
        ["tenant_id", "case_id", "department_id"],
        [cases.c.tenant_id, cases.c.id, cases.c.department_id],
    ),
)

RECORDS = (
    # That a case was handled, by whom and how long it took stays; what it was about is gone.
    blanked(
        cases,
        subject="applicant",
        words="summary materials results remark last_word decision delivery callback_note",
        becomes={"wanted": {}},
        acted="created_by handler",
        plain="number building_matter_id matter_id matter_name_zh matter_name_en department_id "
        "department_name_zh department_name_en counter_id state filed_for enterprise_id correlation_id",
        unfinished=cases.c.state.in_(OPEN),
    ),
    blanked(
        steps,
        through={"case_id": "cases_cases"},
        subject="actor",
        words="text",
        plain="department_id kind side state",
    ),
)
