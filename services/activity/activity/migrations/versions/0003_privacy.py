"""A person's copy and erasure."""

from chassis import rls
from chassis.migrations import privacy_tables

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    privacy_tables()
    rls.personal("calendar_enrolments")
