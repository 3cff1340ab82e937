"""A person's copy and erasure."""

from chassis import rls
from chassis.migrations import privacy_tables

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    privacy_tables()
    rls.personal("requests_tickets", "UPDATE")
    rls.personal("requests_subtasks", "UPDATE")
    rls.personal("requests_timeline", "UPDATE")
