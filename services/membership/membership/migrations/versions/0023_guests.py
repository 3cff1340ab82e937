"""People of neighbour enterprises as guests, and what they took part in."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0023"
down_revision = "0022"


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _day(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "guests_guests",
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        _id("person_id"),
        _id("account", nullable=True),
        _text("display"),
        _text("enterprise_name"),
        _text("enterprise_key"),
        _text("state"),
        _moment("confirmed_at", nullable=True),
        _day("from_on"),
        _day("until_on"),
        _day("ended_on"),
        _text("ending"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint(
            "state <> 'admitted' OR (confirmed_at IS NOT NULL AND from_on IS NOT NULL "
            "AND until_on IS NOT NULL)",
            name="guests_asked",
        ),
    )
    op.create_index(
        "guests_once",
        "guests_guests",
        ["tenant_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('invited', 'asked', 'admitted')"),
    )
    op.create_index("guests_of", "guests_guests", ["tenant_id", "person_id", "id"])
    op.create_index("guests_state", "guests_guests", ["tenant_id", "state", "id"])
    op.create_index(
        "guests_due", "guests_guests", ["until_on"], postgresql_where=sa.text("state = 'admitted'")
    )
    rls.tenant_table("guests_guests", span=False)
    rls.personal("guests_guests", "UPDATE")
    op.create_table(
        "guests_attendances",
        _id("tenant_id"),
        _id("id"),
        _id("guest_id"),
        _day("attended_on", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "guest_id"], ["guests_guests.tenant_id", "guests_guests.id"]),
    )
    op.create_index("guests_attendances_on", "guests_attendances", ["tenant_id", "attended_on"])
    rls.tenant_table("guests_attendances", span=False, append_only=True)
    rls.personal("guests_attendances", "DELETE")
    op.create_table(
        "guests_settings",
        _id("tenant_id"),
        sa.Column("version", sa.Integer, nullable=False),
        _moment("created_at"),
        _text("created_by"),
        sa.Column("term_days", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("guests_settings", append_only=True)
