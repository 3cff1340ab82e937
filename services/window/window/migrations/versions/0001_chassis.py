"""The chassis' own tables: outbox, inbox, idempotency, audit, tenants."""

from chassis.migrations import chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    chassis_tables()
