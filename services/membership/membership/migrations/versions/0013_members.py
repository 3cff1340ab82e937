"""The roster, and affiliations with home organisations, which act on them as parties."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0013"
down_revision = "0012"

WRITTEN_AT_HOME = ("state", "version", "updated_at", "reason", "answered_by", "answered_at")


def upgrade() -> None:
    _members()
    _moves()
    _settings()
    _affiliations()
    _attendances()


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str, *, default: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="" if default else None)


def _day(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=nullable)


def _aggregate() -> tuple[sa.Column[object], ...]:
    return (
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at", nullable=False),
        _moment("updated_at", nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def _members() -> None:
    op.create_table(
        "members_members",
        *_aggregate(),
        _id("person_id"),
        _id("account", nullable=True),
        _text("display"),
        _text("body"),
        _text("kind"),
        _text("stage"),
        _id("org_id"),
        _id("group_id", nullable=True),
        _text("floor", default=True),
        _id("employer_id", nullable=True),
        _id("affiliation_id", nullable=True),
        _day("joined_on"),
        _text("state"),
        _day("told_on"),
        _text("told_how", default=True),
        _day("ended_on"),
        _text("ending", default=True),
        _moment("confirmed_at"),
        _moment("activated_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint(
            "state <> 'active' OR confirmed_at IS NOT NULL OR told_on IS NOT NULL",
            name="members_members_asked",
        ),
        sa.CheckConstraint(
            "(kind = 'floating') = (affiliation_id IS NOT NULL)", name="members_members_floating"
        ),
    )
    op.create_index(
        "members_members_once",
        "members_members",
        ["tenant_id", "person_id", "body"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'active')"),
    )
    op.create_index("members_members_state", "members_members", ["tenant_id", "state", "id"])
    op.create_index("members_members_org", "members_members", ["tenant_id", "org_id", "state", "id"])
    # Above the building only figures are known, hence no span.
    rls.tenant_table("members_members", span=False)
    rls.personal("members_members", "UPDATE")


def _moves() -> None:
    op.create_table(
        "members_moves",
        _id("tenant_id"),
        _id("id"),
        _id("member_id"),
        _id("org_id"),
        _id("group_id", nullable=True),
        _id("employer_id", nullable=True),
        _day("from_on", nullable=False),
        _day("until_on"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"], ["members_members.tenant_id", "members_members.id"]
        ),
    )
    op.create_index("members_moves_of", "members_moves", ["tenant_id", "member_id", "id"])
    rls.tenant_table("members_moves", span=False)
    rls.personal("members_moves")


def _settings() -> None:
    op.create_table(
        "members_settings",
        _id("tenant_id"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("notice_days", sa.Integer, nullable=False),
        sa.Column("pending_home_days", sa.Integer, nullable=False),
        sa.Column("group_days", sa.Integer, nullable=False),
        _text("created_by"),
        _moment("created_at", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("members_settings", append_only=True)


def _affiliations() -> None:
    op.create_table(
        "affiliations_affiliations",
        *_aggregate(),
        _id("person_id"),
        _id("account", nullable=True),
        _text("display"),
        _id("home_id", nullable=True),
        _text("home_name", default=True),
        _id("org_id"),
        _id("group_id", nullable=True),
        _text("floor", default=True),
        _id("employer_id", nullable=True),
        _day("joined_on"),
        _text("state"),
        sa.Column("self_declared", sa.Boolean, nullable=False),
        _id("declared_by", nullable=True),
        _day("told_on"),
        _text("told_how", default=True),
        _day("group_due_on", nullable=False),
        _day("home_due_on"),
        _id("verified_by", nullable=True),
        _id("answered_by", nullable=True),
        _text("reason", default=True),
        _text("ending", default=True),
        _moment("confirmed_at"),
        _moment("verified_at"),
        _moment("answered_at"),
        _moment("ended_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint(
            "verified_at IS NULL OR confirmed_at IS NOT NULL OR told_on IS NOT NULL",
            name="affiliations_asked",
        ),
        sa.CheckConstraint("verified_by <> person_id", name="affiliations_verified_by_another"),
        sa.CheckConstraint("(home_id IS NULL) = (home_name <> '')", name="affiliations_one_home"),
    )
    table = "affiliations_affiliations"
    op.create_index(
        "affiliations_once",
        table,
        ["tenant_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('declared', 'pending_home', 'active', 'disputed')"),
    )
    op.create_index("affiliations_state", table, ["tenant_id", "state", "id"])
    op.create_index("affiliations_home", table, ["home_id", "id"])
    rls.tenant_table(table, span=False)
    # A home organisation is shown what its word was asked for, and answers; nothing else is its to write.
    asked = f"home_id = {rls.TENANT} AND verified_at IS NOT NULL"
    rls.policy(table, "party", "SELECT", asked)
    rls.policy(
        table,
        "party",
        "UPDATE",
        f"{asked} AND state IN ('pending_home', 'disputed')",
        f"{asked} AND state IN ('active', 'disputed')",
    )
    rls.grant(table, "party", f"SELECT, UPDATE ({', '.join(WRITTEN_AT_HOME)})")
    rls.personal(table, "UPDATE")


def _attendances() -> None:
    op.create_table(
        "affiliations_attendances",
        _id("tenant_id"),
        _id("id"),
        _id("affiliation_id"),
        _id("home_id", nullable=True),
        _text("kind"),
        _day("attended_on", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "affiliation_id"],
            ["affiliations_affiliations.tenant_id", "affiliations_affiliations.id"],
        ),
    )
    op.create_index(
        "affiliations_attendances_of",
        "affiliations_attendances",
        ["tenant_id", "affiliation_id", "attended_on"],
    )
    rls.tenant_table("affiliations_attendances", span=False, append_only=True, party={"home_id": []})
    rls.personal("affiliations_attendances", "DELETE")
