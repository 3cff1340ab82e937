"""Visits, their plans, and the enterprises that membership tells of; services for which somebody comes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    _onsite()
    _enterprises()
    _plans()
    _visits()


def _onsite() -> None:
    for table in ("catalogue_items", "requests_tickets"):
        op.add_column(table, sa.Column("onsite", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("requests_tickets", _moment("attended_at", nullable=True))


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _aggregate() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    ]


def _words(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _enterprises() -> None:
    op.create_table(
        "visits_enterprises",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        *_words("name", "floor"),
        sa.Column("moved_out", sa.Boolean, nullable=False),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    rls.tenant_table("visits_enterprises", span=False)


def _plans() -> None:
    op.create_table(
        "visits_plans",
        *_aggregate(),
        *_words("title", "target", "floor"),
        sa.Column("responsible", sa.Uuid, nullable=False),
        sa.Column("start_date", sa.Date, nullable=False),
        sa.Column("due_date", sa.Date, nullable=False),
        *[sa.Column(name, sa.Integer, nullable=False) for name in ("every_days", "round", "missed")],
        sa.Column("settled", sa.Boolean, nullable=False),
        _moment("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index(
        "visits_plans_due",
        "visits_plans",
        ["due_date"],
        postgresql_where=sa.text("NOT settled AND closed_at IS NULL"),
    )
    rls.tenant_table("visits_plans", span=False)


def _visits() -> None:
    op.create_table(
        "visits_visits",
        *_aggregate(),
        *_words("number", "target"),
        sa.Column("target_id", sa.Uuid),
        *_words("target_name", "floor"),
        sa.Column("visitor", sa.Uuid, nullable=False),
        _moment("visited_at"),
        *_words("remark"),
        sa.Column("ticket_ids", JSONB, nullable=False),
        *_words("correlation_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "number", name="visits_visits_number"),
    )
    for name, columns in {
        "reached": ["target", "visited_at", "target_id"],
        "target": ["target_id", "visited_at"],
        "visitor": ["visitor", "id"],
    }.items():
        op.create_index(f"visits_visits_{name}", "visits_visits", ["tenant_id", *columns])
    rls.tenant_table("visits_visits", span=False)
    rls.personal("visits_visits", "UPDATE")
