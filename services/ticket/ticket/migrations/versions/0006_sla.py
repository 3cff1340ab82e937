"""Promised times: settings by version, and what tickets keep of their clocks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0006"
down_revision = "0005"

_TICKETS = "requests_tickets"


def upgrade() -> None:
    op.create_table(
        "sla_settings",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("sla_settings", append_only=True)
    op.add_column(_TICKETS, sa.Column("clocks", JSONB, nullable=False, server_default="{}"))
    op.add_column(_TICKETS, sa.Column("next_due_clock", sa.Text))
    for name in ("next_due_at", "warn_at", "look_at", "escalated_at"):
        op.add_column(_TICKETS, sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column(_TICKETS, sa.Column("escalation", sa.SmallInteger, nullable=False, server_default="0"))
    # The job that looks at clocks finds what is open, and what the release before this one still files: it
    # gives them the clocks that their times stand for. The owner, too, is held to the policies.
    op.execute(f"ALTER TABLE {_TICKETS} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        f"UPDATE {_TICKETS} SET look_at = created_at "
        "WHERE state NOT IN ('resolved', 'closed', 'rejected', 'withdrawn')"
    )
    op.execute(f"ALTER TABLE {_TICKETS} FORCE ROW LEVEL SECURITY")
    op.alter_column(_TICKETS, "look_at", server_default="epoch")
    # Hardly a row has what these look for yet, so that building them is one look at the table.
    _index("due", "tenant_id, urgency DESC, next_due_at, id", "next_due_at")
    _index("look", "look_at", "look_at")
    _index("escalated", "tenant_id, escalated_at, id", "escalated_at")


def _index(name: str, columns: str, present: str) -> None:
    op.execute(f"CREATE INDEX {_TICKETS}_{name} ON {_TICKETS} ({columns}) WHERE {present} IS NOT NULL")
