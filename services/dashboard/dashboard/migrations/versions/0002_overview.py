"""The facts of the overview."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FACTS = (
    "overview_tickets",
    "overview_demands",
    "overview_activities",
    "overview_attendances",
    "overview_items",
)
# A tenant reads its own facts; a sub-district and a superior those of the tenants below them; the
# district all. The subqueries run once per statement, not per row.
BELOW = (
    f"(SELECT kind FROM tenants WHERE tenant_id = {rls.TENANT}) = 'district' OR tenant_id = {rls.TENANT} "
    f"OR tenant_id IN (SELECT tenant_id FROM tenants "
    f"WHERE region_id = {rls.TENANT} OR superior_id = {rls.TENANT})"
)


def upgrade() -> None:
    op.create_table(
        "overview_activities",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("station", sa.SmallInteger(), nullable=False),
        sa.Column("affairs", sa.SmallInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index(
        "overview_activities_started", "overview_activities", ["tenant_id", "started_at"], unique=False
    )
    op.create_index("overview_activities_started_all", "overview_activities", ["started_at"], unique=False)
    op.create_table(
        "overview_attendances",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("activity_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index(
        "overview_attendances_started", "overview_attendances", ["tenant_id", "started_at"], unique=False
    )
    op.create_index("overview_attendances_started_all", "overview_attendances", ["started_at"], unique=False)
    op.create_table(
        "overview_demands",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("capability", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("affairs", sa.SmallInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "correlation_id"),
    )
    op.create_index("overview_demands_opened", "overview_demands", ["tenant_id", "opened_at"], unique=False)
    op.create_index("overview_demands_opened_all", "overview_demands", ["opened_at"], unique=False)
    op.create_table(
        "overview_items",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("affairs", sa.SmallInteger(), nullable=False),
        sa.Column("station", sa.SmallInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_table(
        "overview_sources",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("rebuilding", sa.Boolean(), nullable=False),
        sa.Column("applied", sa.BigInteger(), nullable=False),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "overview_tickets",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("affairs", sa.SmallInteger(), nullable=False),
        sa.Column("station", sa.SmallInteger(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_minutes", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=True),
        sa.Column("first_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("automatically", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reopened", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rating", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("overview_tickets_closed", "overview_tickets", ["tenant_id", "closed_at"], unique=False)
    op.create_index("overview_tickets_closed_all", "overview_tickets", ["closed_at"], unique=False)
    op.create_index(
        "overview_tickets_first_closed", "overview_tickets", ["tenant_id", "first_closed_at"], unique=False
    )
    op.create_index(
        "overview_tickets_first_closed_all", "overview_tickets", ["first_closed_at"], unique=False
    )
    op.create_index("overview_tickets_opened", "overview_tickets", ["tenant_id", "opened_at"], unique=False)
    op.create_index("overview_tickets_opened_all", "overview_tickets", ["opened_at"], unique=False)
    for table in FACTS:
        rls.lock_down(table)
        rls.policy(table, "consumer", "ALL", "true")
        rls.grant(table, "consumer", "SELECT, INSERT, UPDATE, DELETE, TRUNCATE")
        rls.policy(table, "tenant", "SELECT", BELOW)
        rls.grant(table, "tenant", "SELECT")
    rls.district_table(
        "overview_sources", privileges={"consumer": "SELECT, INSERT, UPDATE", "tenant": "SELECT"}
    )
    # A rebuild replays every stream from its start, so it takes back how far each was read.
    rls.grant("positions", "consumer", "DELETE")
