"""Tables of affiliations. The building owns the rows, which name the home organisation as their party."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from chassis.privacy import blanked, deleted
from chassis.tables import key, moment, reference, tenant_columns

METADATA = MetaData()

affiliations = Table(
    "affiliations_affiliations",
    METADATA,
    *tenant_columns(),
    key("person_id"),
    reference("account"),
    Column("display", Text, nullable=False),
    reference("home_id"),
    Column("home_name", Text, nullable=False, server_default=text("''")),
    key("org_id"),
    reference("group_id"),
    Column("floor", Text, nullable=False, server_default=text("''")),
    reference("employer_id"),
    Column("joined_on", Date, nullable=True),
    Column("state", Text, nullable=False),
    Column("self_declared", Boolean, nullable=False),
    reference("declared_by"),
    Column("told_on", Date, nullable=True),
    Column("told_how", Text, nullable=False, server_default=text("''")),
    Column("group_due_on", Date, nullable=False),
    Column("home_due_on", Date, nullable=True),
    reference("verified_by"),
    reference("answered_by"),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("ending", Text, nullable=False, server_default=text("''")),
    moment("confirmed_at", nullable=True),
    moment("verified_at", nullable=True),
    moment("answered_at", nullable=True),
    moment("ended_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    # The second lock: nobody counts who neither confirmed nor was told, and nobody verifies themselves.
    CheckConstraint(
        "verified_at IS NULL OR confirmed_at IS NOT NULL OR told_on IS NOT NULL", name="affiliations_asked"
    ),
    CheckConstraint("verified_by <> person_id", name="affiliations_verified_by_another"),
    CheckConstraint("(home_id IS NULL) = (home_name <> '')", name="affiliations_one_home"),
    Index(
        "affiliations_once",
        "tenant_id",
        "person_id",
        unique=True,
        postgresql_where=text("state IN ('declared', 'pending_home', 'active', 'disputed')"),
    ),
    Index("affiliations_state", "tenant_id", "state", "id"),
    Index("affiliations_home", "home_id", "id"),
)

attendances = Table(
    "affiliations_attendances",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("affiliation_id"),
    reference("home_id"),
    Column("kind", Text, nullable=False),
    Column("attended_on", Date, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(
        ["tenant_id", "affiliation_id"],
        ["affiliations_affiliations.tenant_id", "affiliations_affiliations.id"],
    ),
    Index("affiliations_attendances_of", "tenant_id", "affiliation_id", "attended_on"),
)

RECORDS = (
    # That two organisations managed somebody together is their history; the name and the words are gone.
    blanked(
        affiliations,
        subject="person_id account",
        words="display reason",
        becomes={"joined_on": None},
        acted="created_by declared_by verified_by answered_by",
        plain="home_id home_name org_id group_id floor employer_id state told_on told_how group_due_on "
        "home_due_on ending",
    ),
    deleted(
        attendances,
        through={"affiliation_id": "affiliations_affiliations"},
        words="kind attended_on",
        plain="home_id",
    ),
)
