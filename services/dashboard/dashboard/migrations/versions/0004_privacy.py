"""A person's copy and erasure."""

from chassis.migrations import privacy_tables

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    privacy_tables()
