"""A person's copy and erasure."""

from chassis import rls
from chassis.migrations import privacy_tables

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    privacy_tables()
    rls.personal("cases_cases", "UPDATE")
    rls.personal("cases_steps", "UPDATE")
