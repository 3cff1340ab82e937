"""Tables of the roster: memberships, where members were, and every version of the settings."""

from sqlalchemy import (
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
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()

members = Table(
    "members_members",
    METADATA,
    *tenant_columns(),
    key("person_id"),
    reference("account"),
    Column("display", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("stage", Text, nullable=False),
    key("org_id"),
    reference("group_id"),
    Column("floor", Text, nullable=False, server_default=text("''")),
    reference("employer_id"),
    reference("affiliation_id"),
    Column("joined_on", Date, nullable=True),
    Column("state", Text, nullable=False),
    Column("told_on", Date, nullable=True),
    Column("told_how", Text, nullable=False, server_default=text("''")),
    Column("ended_on", Date, nullable=True),
    Column("ending", Text, nullable=False, server_default=text("''")),
    moment("confirmed_at", nullable=True),
    moment("activated_at", nullable=True),
    # When the member was last wished well on the day of joining.
    Column("wished_on", Date, nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    # The second lock: nobody counts who neither confirmed nor was told.
    CheckConstraint(
        "state <> 'active' OR confirmed_at IS NOT NULL OR told_on IS NOT NULL", name="members_members_asked"
    ),
    CheckConstraint("(kind = 'floating') = (affiliation_id IS NOT NULL)", name="members_members_floating"),
    Index(
        "members_members_once",
        "tenant_id",
        "person_id",
        "body",
        unique=True,
        postgresql_where=text("state IN ('proposed', 'active')"),
    ),
    Index("members_members_state", "tenant_id", "state", "id"),
    Index("members_members_org", "tenant_id", "org_id", "state", "id"),
)

moves = Table(
    "members_moves",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("member_id"),
    key("org_id"),
    reference("group_id"),
    reference("employer_id"),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "member_id"], ["members_members.tenant_id", "members_members.id"]),
    Index("members_moves_of", "tenant_id", "member_id", "id"),
)

settings = Table(
    "members_settings",
    METADATA,
    *settings_columns(),
    Column("notice_days", Integer, nullable=False),
    Column("pending_home_days", Integer, nullable=False),
    Column("group_days", Integer, nullable=False),
)

RECORDS = (
    # How many belonged to an organisation, and when, is the organisation's history; the name is gone.
    blanked(
        members,
        subject="person_id account",
        words="display",
        becomes={"joined_on": None, "wished_on": None},
        acted="created_by",
        plain="body kind stage org_id group_id floor employer_id affiliation_id state told_on told_how "
        "ended_on ending",
    ),
    blanked(
        moves,
        through={"member_id": "members_members"},
        plain="org_id group_id employer_id from_on until_on",
    ),
    nothing(settings, acted="created_by"),
)
