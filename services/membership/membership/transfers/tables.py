"""Tables of transfers. The target owns the rows, which name the source and the superior as their parties."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()

transfers = Table(
    "transfers_transfers",
    METADATA,
    *tenant_columns(),
    key("person_id"),
    reference("account"),
    Column("display", Text, nullable=False),
    reference("source_id"),
    Column("source_name", Text, nullable=False, server_default=text("''")),
    # Who stands in for a source that is lost, dissolved or silent: the building's superior, else its region.
    reference("resolver_id"),
    key("org_id"),
    reference("group_id"),
    reference("employer_id"),
    Column("joined_on", Date, nullable=True),
    Column("state", Text, nullable=False),
    Column("letter_days", Integer, nullable=False),
    Column("silent_on", Date, nullable=True),
    Column("letter_no", Text, nullable=False, server_default=text("''")),
    Column("released_on", Date, nullable=True),
    Column("valid_until", Date, nullable=True),
    reference("released_by"),
    Column("trouble", Text, nullable=False, server_default=text("''")),
    Column("evidence_no", Text, nullable=False, server_default=text("''")),
    Column("receipt_no", Text, nullable=False, server_default=text("''")),
    reference("received_by"),
    Column("reason", Text, nullable=False, server_default=text("''")),
    moment("confirmed_at", nullable=True),
    moment("released_at", nullable=True),
    moment("ended_at", nullable=True),
    moment("left_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    # The second lock: done only after a release and a receipt, neither by the member.
    CheckConstraint(
        "state <> 'done' OR (letter_no <> '' AND receipt_no <> '' AND released_at IS NOT NULL)",
        name="transfers_both_sides",
    ),
    CheckConstraint("released_by <> person_id AND received_by <> person_id", name="transfers_by_others"),
    CheckConstraint("(trouble = '') = (evidence_no = '')", name="transfers_evidence"),
    CheckConstraint("(source_id IS NULL) = (source_name <> '')", name="transfers_one_source"),
    Index(
        "transfers_once",
        "tenant_id",
        "person_id",
        unique=True,
        postgresql_where=text("state IN ('draft', 'submitted', 'released')"),
    ),
    Index("transfers_state", "tenant_id", "state", "id"),
    Index("transfers_source", "source_id", "id"),
    Index("transfers_resolver", "resolver_id", "state", "id"),
)

settings = Table(
    "transfers_settings",
    METADATA,
    *settings_columns(),
    Column("letter_days", Integer, nullable=False),
    Column("silent_days", Integer, nullable=False),
)

RECORDS = (
    # That a relation went from one organisation to another is their history; the name and the words are gone.
    blanked(
        transfers,
        subject="person_id account",
        words="display reason",
        becomes={"joined_on": None},
        acted="created_by released_by received_by",
        plain="source_id source_name resolver_id org_id group_id employer_id state silent_on letter_no "
        "released_on valid_until trouble evidence_no receipt_no",
    ),
    nothing(settings, acted="created_by"),
)
