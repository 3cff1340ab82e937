"""The calendar: activities and enrolments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis import rls

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_activities",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("synthetic", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("affairs", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("hosts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("audience", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("business_link", sa.Text(), nullable=False),
        sa.Column("floor", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enrol_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("enrolled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("waiting", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attended", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_no", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("evidence_note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("cancel_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("made_by_person", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("confirmed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("enrol_until <= starts_at AND starts_at < ends_at", name="times_in_order"),
        sa.CheckConstraint("enrolled BETWEEN 0 AND capacity", name="no_oversell"),
        sa.CheckConstraint("waiting >= 0", name="waiting_counted"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index(
        "calendar_activities_due",
        "calendar_activities",
        ["next_step_at"],
        unique=False,
        postgresql_where=sa.text("next_step_at IS NOT NULL"),
    )
    op.create_index(
        "calendar_activities_start", "calendar_activities", ["tenant_id", "starts_at", "id"], unique=False
    )
    op.create_table(
        "calendar_enrolments",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("activity_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("cancel_cause", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "activity_id"],
            ["calendar_activities.tenant_id", "calendar_activities.id"],
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index(
        "calendar_enrolments_mine", "calendar_enrolments", ["tenant_id", "account", "id"], unique=False
    )
    op.create_index(
        "calendar_enrolments_once",
        "calendar_enrolments",
        ["tenant_id", "activity_id", "account"],
        unique=True,
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_index(
        "calendar_enrolments_order", "calendar_enrolments", ["tenant_id", "activity_id", "no"], unique=True
    )
    rls.tenant_table("calendar_activities")
    rls.tenant_table("calendar_enrolments", account=["account"])
