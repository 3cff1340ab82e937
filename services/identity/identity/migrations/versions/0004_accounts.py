"""Accounts and what they sign in with."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "accounts_accounts",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("staff", sa.Boolean, nullable=False),
        sa.Column("totp_enrolled", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("id", name="accounts_accounts_id"),
        sa.UniqueConstraint("login", name="accounts_accounts_login"),
        sa.CheckConstraint("state IN ('invited', 'active', 'locked', 'left')", name="state"),
    )
    op.create_index("accounts_accounts_by_login", "accounts_accounts", ["tenant_id", "login"])
    op.create_index("accounts_accounts_person", "accounts_accounts", ["person_id"])
    op.create_table(
        "accounts_credentials",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("totp_secret", sa.LargeBinary),
        sa.Column("totp_pending", sa.LargeBinary),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("invitation_hash", sa.LargeBinary),
        sa.Column("invitation_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("tenant_id", "account_id"),
        sa.UniqueConstraint("account_id", name="accounts_credentials_account"),
        sa.UniqueConstraint("invitation_hash", name="accounts_credentials_invitation"),
    )
    _guard()


def _guard() -> None:
    rls.tenant_table(
        "accounts_accounts",
        span=False,
        account=["id"],
        account_updates=["totp_enrolled", "version", "updated_at"],
    )
    rls.policy("accounts_accounts", "service", "ALL", "true")
    rls.grant("accounts_accounts", "service", "SELECT, INSERT, UPDATE")

    # Who administers accounts may replace credentials and never read them.
    own = f"tenant_id = {rls.TENANT}"
    rls.lock_down("accounts_credentials")
    rls.policy("accounts_credentials", "tenant", "ALL", own)
    rls.grant("accounts_credentials", "tenant", "SELECT (tenant_id, account_id), INSERT, UPDATE")
    mine = f"account_id = {rls.ACCOUNT}"
    rls.policy("accounts_credentials", "account", "SELECT", mine)
    rls.policy("accounts_credentials", "account", "UPDATE", mine)
    rls.grant("accounts_credentials", "account", "SELECT, UPDATE")
    rls.policy("accounts_credentials", "service", "ALL", "true")
    rls.grant("accounts_credentials", "service", "SELECT, INSERT, UPDATE")

    # A person reads the own record.
    of_account = (
        "EXISTS (SELECT FROM accounts_accounts a "
        f"WHERE a.person_id = people_persons.id AND a.id = {rls.ACCOUNT})"
    )
    rls.policy("people_persons", "account", "SELECT", of_account)
    rls.grant("people_persons", "account", "SELECT")
