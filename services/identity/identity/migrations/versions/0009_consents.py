"""What people agreed to."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "consents_consents",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("consents_consents_account", "consents_consents", ["account_id", "id"])
    op.create_index("consents_consents_check", "consents_consents", ["tenant_id", "person_id", "purpose"])
    rls.tenant_table(
        "consents_consents",
        span=False,
        account=["account_id"],
        account_updates=["withdrawn_at", "version", "updated_at"],
    )
    # Only the person agrees, in whichever organisation's favour.
    rls.policy("consents_consents", "account", "INSERT", f"account_id = {rls.ACCOUNT}")
    rls.grant("consents_consents", "account", "INSERT")
    rls.policy("consents_consents", "service", "SELECT", "true")
    rls.grant("consents_consents", "service", "SELECT")
