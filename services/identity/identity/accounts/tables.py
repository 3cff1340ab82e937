"""Tables of accounts."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    func,
)

from chassis.privacy import blanked, deleted
from chassis.tables import key, moment, tenant_columns

METADATA = MetaData()

accounts = Table(
    "accounts_accounts",
    METADATA,
    *tenant_columns(),
    key("person_id"),
    Column("login", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("staff", Boolean, nullable=False),
    Column("totp_enrolled", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    # An account signs in to the district, not to a tenant.
    UniqueConstraint("id", name="accounts_accounts_id"),
    UniqueConstraint("login", name="accounts_accounts_login"),
    Index("accounts_accounts_by_login", "tenant_id", "login"),
    Index("accounts_accounts_person", "person_id"),
)

# Apart from the accounts, so that who administers accounts cannot read it.
credentials = Table(
    "accounts_credentials",
    METADATA,
    key("tenant_id"),
    key("account_id"),
    Column("password_hash", Text, nullable=False),
    Column("totp_secret", LargeBinary, nullable=True),
    Column("totp_pending", LargeBinary, nullable=True),
    Column("totp_step", BigInteger, nullable=False),
    Column("invitation_hash", LargeBinary, nullable=True),
    moment("invitation_until", nullable=True),
    PrimaryKeyConstraint("tenant_id", "account_id"),
    UniqueConstraint("account_id", name="accounts_credentials_account"),
    UniqueConstraint("invitation_hash", name="accounts_credentials_invitation"),
)

RECORDS = (
    # The row stays, so that what the account did has a doer; nobody signs in with it.
    blanked(
        accounts,
        subject="id person_id",
        words="email",
        becomes={"login": func.concat("erased-", accounts.c.id)},
        acted="created_by",
        plain="locale state",
    ),
    deleted(
        credentials,
        subject="account_id",
        secret="password_hash totp_secret totp_pending invitation_hash",
    ),
)
