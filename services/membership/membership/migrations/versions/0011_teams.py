"""Work teams and duties."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0011"
down_revision = "0010"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _aggregate() -> tuple[sa.Column[object], ...]:
    return (
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def upgrade() -> None:
    _teams()
    _members()
    _duties()


def _teams() -> None:
    op.create_table(
        "teams_teams",
        *_aggregate(),
        _text("name"),
        sa.Column("dissolved", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index(
        "teams_teams_name",
        "teams_teams",
        ["tenant_id", "name"],
        unique=True,
        postgresql_where=sa.text("NOT dissolved"),
    )
    rls.tenant_table("teams_teams")


def _members() -> None:
    op.create_table(
        "teams_members",
        _id("tenant_id"),
        _id("id"),
        _id("team_id"),
        _id("person_id"),
        _text("display"),
        sa.Column("leads", sa.Boolean, nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("left_on", sa.Date),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "team_id"], ["teams_teams.tenant_id", "teams_teams.id"]),
    )
    op.create_index(
        "teams_members_current",
        "teams_members",
        ["tenant_id", "team_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("left_on IS NULL"),
    )
    rls.tenant_table("teams_members", span=False)
    rls.personal("teams_members", "UPDATE")


def _duties() -> None:
    op.create_table(
        "teams_duties",
        *_aggregate(),
        _text("title"),
        _id("team_id", nullable=True),
        _id("lead_id"),
        _text("lead_display"),
        _id("executor_id"),
        _text("executor_display"),
        _id("supervisor_id"),
        _text("supervisor_display"),
        sa.Column("due_on", sa.Date, nullable=False),
        _text("state"),
        _text("reason"),
        _moment("done_at", nullable=True),
        _moment("confirmed_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "team_id"], ["teams_teams.tenant_id", "teams_teams.id"]),
        sa.CheckConstraint("executor_id <> supervisor_id", name="teams_duties_two_people"),
    )
    for name, columns in (
        ("due", ["team_id", "due_on"]),
        ("executor", ["executor_id", "id"]),
        ("supervisor", ["supervisor_id", "id"]),
        ("lead", ["lead_id", "id"]),
    ):
        op.create_index(f"teams_duties_{name}", "teams_duties", ["tenant_id", *columns])
    rls.tenant_table("teams_duties", span=False)
    rls.personal("teams_duties", "UPDATE")
