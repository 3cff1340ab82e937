"""What owners of enterprises have promised."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "commitments_commitments",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("promise", sa.Text, nullable=False),
        sa.Column("made_on", sa.Date, nullable=False),
        sa.Column("until_on", sa.Date),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint("until_on >= made_on", name="commitments_period"),
        sa.CheckConstraint("reason = '' OR withdrawn_at IS NOT NULL", name="commitments_reason"),
    )
    op.create_index("commitments_of", "commitments_commitments", ["tenant_id", "enterprise_id", "id"])
    rls.tenant_table("commitments_commitments")
