"""A person's copy and erasure."""

from chassis import rls
from chassis.migrations import privacy_tables

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    privacy_tables()
    rls.personal("enterprises_enterprises", "UPDATE")
    rls.personal("imports_rows", "UPDATE")
