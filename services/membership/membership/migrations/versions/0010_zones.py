"""Responsibility zones: the grid, the roll, the zones, accidents and settings. What a plaque says is the
public's to read: those columns, of zones in force, and no others."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0010"
down_revision = "0009"


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
    _locations()
    _holders()
    _zones()
    _accidents()
    _settings()


def _locations() -> None:
    op.create_table(
        "zones_locations",
        *_aggregate(),
        _text("floor"),
        sa.Column("floor_order", sa.SmallInteger, nullable=False),
        _text("name"),
        _id("site_id", nullable=True),
        _text("plaque_number"),
        _id("code"),
        _id("hung_for", nullable=True),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "code", name="zones_locations_code"),
    )
    op.create_index(
        "zones_locations_name",
        "zones_locations",
        ["tenant_id", "floor", "name"],
        unique=True,
        postgresql_where=sa.text("NOT closed"),
    )
    rls.tenant_table("zones_locations")
    _public("zones_locations", "NOT closed", "id, floor, name, site_id, plaque_number, code, closed")


def _public(table: str, which: str, columns: str) -> None:
    """Let whoever scans a plaque read these columns of these rows."""
    rls.policy(table, "service", "SELECT", which)
    rls.grant(table, "service", f"SELECT (tenant_id, {columns})")


def _holders() -> None:
    op.create_table(
        "zones_holders",
        _id("tenant_id"),
        _id("id"),
        _id("person_id"),
        _text("display"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "person_id", name="zones_holders_person"),
    )
    rls.tenant_table("zones_holders", span=False, delete=True)
    rls.personal("zones_holders", "DELETE")


def _zones() -> None:
    op.create_table(
        "zones_zones",
        *_aggregate(),
        _id("location_id"),
        _id("person_id"),
        _id("account", nullable=True),
        _text("display"),
        _text("shown_as"),
        _text("state"),
        _text("reason"),
        _text("decided_by"),
        _id("decider", nullable=True),
        _moment("decided_at", nullable=True),
        sa.Column("from_on", sa.Date),
        sa.Column("hung_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        _text("ending"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"], ["zones_locations.tenant_id", "zones_locations.id"]
        ),
        sa.CheckConstraint("decider IS NULL OR decider <> person_id", name="zones_zones_decider"),
    )
    op.create_index(
        "zones_zones_in_force",
        "zones_zones",
        ["tenant_id", "location_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('approved', 'plaqued')"),
    )
    op.create_index(
        "zones_zones_claim",
        "zones_zones",
        ["tenant_id", "location_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'declared', 'returned')"),
    )
    op.create_index("zones_zones_of", "zones_zones", ["tenant_id", "person_id", "id"])
    rls.tenant_table("zones_zones", span=False)
    rls.personal("zones_zones", "UPDATE")
    _public("zones_zones", "state IN ('approved', 'plaqued')", "location_id, shown_as, from_on, state")


def _accidents() -> None:
    op.create_table(
        "zones_accidents",
        _id("tenant_id"),
        _id("id"),
        _id("site_id"),
        sa.Column("occurred_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("zones_accidents_site", "zones_accidents", ["tenant_id", "site_id", "occurred_on"])
    rls.tenant_table("zones_accidents", append_only=True)
    _public("zones_accidents", "true", "site_id, occurred_on")


def _settings() -> None:
    op.create_table(
        "zones_settings",
        _id("tenant_id"),
        sa.Column("version", sa.Integer, nullable=False),
        _text("relay_phone"),
        sa.Column("team_minimum", sa.Integer, nullable=False),
        _text("created_by"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("zones_settings", append_only=True)
    _public("zones_settings", "true", "version, relay_phone")
