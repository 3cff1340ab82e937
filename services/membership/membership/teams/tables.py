"""Tables of teams: the teams, who is in them, and the duties."""

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

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, tenant_columns

METADATA = MetaData()

teams = Table(
    "teams_teams",
    METADATA,
    *tenant_columns(),
    Column("name", Text, nullable=False),
    Column("dissolved", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("teams_teams_name", "tenant_id", "name", unique=True, postgresql_where=text("NOT dissolved")),
)

members = Table(
    "teams_members",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("team_id"),
    key("person_id"),
    Column("display", Text, nullable=False),
    Column("leads", Boolean, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("left_on", Date, nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "team_id"], ["teams_teams.tenant_id", "teams_teams.id"]),
    Index(
        "teams_members_current",
        "tenant_id",
        "team_id",
        "person_id",
        unique=True,
        postgresql_where=text("left_on IS NULL"),
    ),
)

duties = Table(
    "teams_duties",
    METADATA,
    *tenant_columns(),
    Column("title", Text, nullable=False),
    reference("team_id"),
    key("lead_id"),
    Column("lead_display", Text, nullable=False),
    key("executor_id"),
    Column("executor_display", Text, nullable=False),
    key("supervisor_id"),
    Column("supervisor_display", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    moment("done_at", nullable=True),
    moment("confirmed_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "team_id"], ["teams_teams.tenant_id", "teams_teams.id"]),
    # The second lock: as persons.
    CheckConstraint("executor_id <> supervisor_id", name="teams_duties_two_people"),
    Index("teams_duties_due", "tenant_id", "team_id", "due_on"),
    Index("teams_duties_executor", "tenant_id", "executor_id", "id"),
    Index("teams_duties_supervisor", "tenant_id", "supervisor_id", "id"),
    Index("teams_duties_lead", "tenant_id", "lead_id", "id"),
)

RECORDS = (
    nothing(teams, acted="created_by", plain="name"),
    blanked(members, subject="person_id", words="display", plain="team_id from_on left_on"),
    # That a duty was done and looked at is the organisation's record; nobody's first letter stays with it
    # once one of the three is erased.
    blanked(
        duties,
        subject="lead_id executor_id supervisor_id",
        words="lead_display executor_display supervisor_display reason",
        acted="created_by",
        plain="title team_id due_on state",
    ),
)
