"""Floors, areas, liaisons, and the checklists that superiors open for buildings below them."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0006"
down_revision = "0005"

BELOW = (
    "EXISTS (SELECT FROM tenants t WHERE t.tenant_id = network_checklists.tenant_id "
    f"AND (t.region_id = {rls.TENANT} OR t.superior_id = {rls.TENANT}))"
)


def upgrade() -> None:
    _floors()
    _areas()
    _liaisons()
    _checklists()


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _aggregate() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def _floors() -> None:
    op.create_table(
        "network_floors",
        *_aggregate(),
        sa.Column("floor", sa.Text, nullable=False),
        sa.Column("floor_order", sa.SmallInteger, nullable=False),
        sa.Column("occupied", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "floor", name="network_floors_floor"),
    )
    rls.tenant_table("network_floors")


def _areas() -> None:
    op.create_table(
        "network_areas",
        *_aggregate(),
        sa.Column("floor", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "floor"], ["network_floors.tenant_id", "network_floors.floor"]),
    )
    op.create_index(
        "network_areas_name",
        "network_areas",
        ["tenant_id", "floor", "name"],
        unique=True,
        postgresql_where=sa.text("NOT closed"),
    )
    rls.tenant_table("network_areas")


def _liaisons() -> None:
    op.create_table(
        "network_liaisons",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("area_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("display", sa.Text, nullable=False),
        sa.Column("term_from", sa.Date, nullable=False),
        sa.Column("term_until", sa.Date),
        sa.Column("ended_on", sa.Date),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "area_id"], ["network_areas.tenant_id", "network_areas.id"]),
    )
    op.create_index(
        "network_liaisons_current",
        "network_liaisons",
        ["tenant_id", "area_id"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_index("network_liaisons_of", "network_liaisons", ["tenant_id", "area_id", "id"])
    rls.tenant_table("network_liaisons")
    rls.personal("network_liaisons", "UPDATE")


def _checklists() -> None:
    op.create_table(
        "network_checklists",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("opener_id", sa.Uuid, nullable=False),
        sa.Column("initiative", sa.Text, nullable=False),
        _moment("opened_at"),
        sa.PrimaryKeyConstraint("tenant_id"),
    )
    rls.tenant_table("network_checklists", append_only=True, party={"opener_id": []})
    rls.policy("network_checklists", "party", "INSERT", f"opener_id = {rls.TENANT} AND {BELOW}")
    rls.grant("network_checklists", "party", "INSERT")
