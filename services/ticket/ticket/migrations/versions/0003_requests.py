"""Tickets, their sub-tasks and timeline, and the building's settings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _tickets()
    _subtasks()
    _timeline()
    _settings()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _tickets() -> None:
    op.create_table(
        "requests_tickets",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("service_item_id", sa.Uuid, nullable=False),
        sa.Column("item_name_zh", sa.Text, nullable=False),
        sa.Column("item_name_en", sa.Text, nullable=False),
        sa.Column("affairs", sa.Text, nullable=False),
        sa.Column("station", sa.Text, nullable=False),
        sa.Column("desk", sa.Text, nullable=False),
        sa.Column("sensitivity", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("urgency", sa.Text, nullable=False),
        sa.Column("filed_for", sa.Text, nullable=False),
        sa.Column("enterprise_id", sa.Uuid),
        sa.Column("floor", sa.Text, nullable=False),
        sa.Column("requester", sa.Uuid, nullable=False),
        sa.Column("assignee", sa.Uuid),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("form", JSONB, nullable=False),
        sa.Column("attachments", JSONB, nullable=False),
        sa.Column("last_word", sa.Text, nullable=False, server_default=""),
        sa.Column("rating", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("remark", sa.Text, nullable=False, server_default=""),
        sa.Column("reopened", sa.Integer, nullable=False, server_default="0"),
        sa.Column("trips", sa.Integer, nullable=False, server_default="0"),
        sa.Column("closed_automatically", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("referred_to", sa.Uuid),
        sa.Column("correlation_id", sa.Text, nullable=False),
        _moment("first_response_due_at"),
        _moment("resolution_due_at"),
        _moment("accepted_at", nullable=True),
        _moment("resolved_at", nullable=True),
        _moment("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "number", name="requests_tickets_number"),
    )
    by = {"state": None, "requester": None, "assignee": "assignee", "enterprise": "enterprise_id"}
    for name, present in by.items():
        op.create_index(
            f"requests_tickets_{name}",
            "requests_tickets",
            ["tenant_id", present or name, "id"],
            postgresql_where=sa.text(f"{present} IS NOT NULL") if present else None,
        )
    op.create_index(
        "requests_tickets_resolved",
        "requests_tickets",
        ["resolved_at"],
        postgresql_where=sa.text("state = 'resolved'"),
    )
    rls.tenant_table("requests_tickets")


def _subtasks() -> None:
    op.create_table(
        "requests_subtasks",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("ticket_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("assignee", sa.Uuid, nullable=False),
        _moment("done_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"], ["requests_tickets.tenant_id", "requests_tickets.id"]
        ),
    )
    op.create_index("requests_subtasks_ticket", "requests_subtasks", ["tenant_id", "ticket_id", "id"])
    op.create_index("requests_subtasks_assignee", "requests_subtasks", ["tenant_id", "assignee", "ticket_id"])
    rls.tenant_table("requests_subtasks")


def _timeline() -> None:
    op.create_table(
        "requests_timeline",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("ticket_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("actor", sa.Uuid),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attachments", JSONB, nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "ticket_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"], ["requests_tickets.tenant_id", "requests_tickets.id"]
        ),
    )
    rls.tenant_table("requests_timeline", append_only=True)


def _settings() -> None:
    op.create_table(
        "requests_settings",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("auto_close_days", sa.Integer, nullable=False),
        _moment("created_at"),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("requests_settings", append_only=True)
