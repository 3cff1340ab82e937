"""Reporting to communities: check-ins, services there and who served; what is expected of members."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import rls

revision = "0024"
down_revision = "0023"

HERE = f"community_id = {rls.TENANT}"


def upgrade() -> None:
    _checkins()
    _services()
    _servings()
    op.create_table(
        "community_checkins_settings",
        _id("tenant_id"),
        _number("version"),
        _moment("created_at"),
        _text("created_by"),
        _number("hours_year"),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("community_checkins_settings", span=False, append_only=True)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _day(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


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


def _checkins() -> None:
    table = "community_checkins_checkins"
    op.create_table(
        table,
        *_aggregate(),
        _text("kind"),
        _id("community_id"),
        _id("org_id"),
        _text("org_name"),
        _id("person_id", nullable=True),
        _id("account", nullable=True),
        _text("display"),
        _id("reporter", nullable=True),
        sa.Column("offers", ARRAY(sa.Text), nullable=False),
        _text("state"),
        _text("post"),
        _id("decider", nullable=True),
        _day("confirmed_on"),
        _day("ended_on"),
        _text("reason"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint("decider <> reporter", name="community_checkins_decider"),
        sa.CheckConstraint(
            "state <> 'confirmed' OR (decider IS NOT NULL AND confirmed_on IS NOT NULL)",
            name="community_checkins_confirmed",
        ),
    )
    for kind, column in (("organisation", "org_id"), ("member", "person_id")):
        op.create_index(
            f"community_checkins_{'org' if column == 'org_id' else kind}_once",
            table,
            ["tenant_id", column, "community_id"],
            unique=True,
            postgresql_where=sa.text(f"kind = '{kind}' AND state IN ('reported', 'confirmed')"),
        )
    op.create_index("community_checkins_of", table, ["tenant_id", "person_id", "id"])
    op.create_index("community_checkins_here", table, ["community_id", "id"])
    rls.tenant_table(table, span=False)
    rls.policy(table, "party", "SELECT", HERE)
    rls.policy(
        table,
        "party",
        "UPDATE",
        f"{HERE} AND state = 'reported'",
        f"{HERE} AND state IN ('confirmed', 'returned')",
    )
    rls.grant(
        table, "party", "SELECT, UPDATE (state, version, updated_at, post, decider, confirmed_on, reason)"
    )
    rls.personal(table, "UPDATE")


def _services() -> None:
    table = "community_checkins_services"
    op.create_table(
        table,
        *_aggregate(),
        _id("community_id"),
        _id("checkin_id"),
        _text("org_name"),
        _text("title"),
        _text("beneficiaries"),
        sa.Column("asked", sa.Boolean, nullable=False),
        _day("due_on", nullable=False),
        _text("state"),
        _day("held_on"),
        _number("helped"),
        _id("reporter", nullable=True),
        _id("decider", nullable=True),
        _moment("confirmed_at", nullable=True),
        _text("reason"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "checkin_id"],
            ["community_checkins_checkins.tenant_id", "community_checkins_checkins.id"],
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR (decider IS NOT NULL AND decider <> reporter AND held_on IS NOT NULL)",
            name="community_services_confirmed",
        ),
    )
    op.create_index("community_services_of", table, ["tenant_id", "checkin_id", "id"])
    op.create_index("community_services_held", table, ["tenant_id", "held_on"])
    op.create_index("community_services_here", table, ["community_id", "id"])
    rls.tenant_table(table, span=False)
    rls.policy(table, "party", "SELECT", HERE)
    # The community asks, and decides on what was reported; everything else is the organisation's.
    rls.policy(table, "party", "INSERT", f"{HERE} AND state = 'asked'")
    rls.policy(
        table,
        "party",
        "UPDATE",
        f"{HERE} AND state = 'reported'",
        f"{HERE} AND state IN ('confirmed', 'taken')",
    )
    rls.grant(
        table,
        "party",
        "SELECT, INSERT, UPDATE (state, version, updated_at, decider, confirmed_at, reason)",
    )


def _servings() -> None:
    table = "community_checkins_servings"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("service_id"),
        _id("checkin_id"),
        _id("community_id"),
        _number("minutes"),
        sa.PrimaryKeyConstraint("tenant_id", "service_id", "checkin_id"),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"community_checkins_{other}.tenant_id", f"community_checkins_{other}.id"],
            )
            for column, other in (("service_id", "services"), ("checkin_id", "checkins"))
        ),
    )
    op.create_index("community_servings_of", table, ["tenant_id", "checkin_id"])
    rls.tenant_table(table, span=False, delete=True)
    rls.policy(table, "party", "SELECT", HERE)
    rls.grant(table, "party", "SELECT")
    rls.personal(table, "DELETE")
