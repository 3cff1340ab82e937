"""The business clock's offset."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "clock_offset",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("seconds", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1 AND seconds <= 0", name="one_row_not_ahead"),
    )
    rls.district_table("clock_offset", privileges={"tenant": "SELECT, INSERT, UPDATE", "service": "SELECT"})
