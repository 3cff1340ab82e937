"""Messages to the shared mailboxes of a duty group."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "inbox_messages", sa.Column("desk", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
