"""When a member was last wished well on the day of joining."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("members_members", sa.Column("wished_on", sa.Date, nullable=True))
