"""Activities by brand and by whom they serve."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "overview_activities", sa.Column("brand", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column(
        "overview_activities",
        sa.Column(
            "audience",
            postgresql.ARRAY(sa.SmallInteger()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
