"""Tables of consents. An agreement belongs to the organisation it is given to."""

from sqlalchemy import Column, Index, MetaData, PrimaryKeyConstraint, Table, Text

from chassis.privacy import deleted
from chassis.tables import key, moment, tenant_columns

METADATA = MetaData()

consents = Table(
    "consents_consents",
    METADATA,
    *tenant_columns(),
    key("person_id"),
    key("account_id"),
    Column("purpose", Text, nullable=False),
    moment("expires_at", nullable=True),
    moment("withdrawn_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("consents_consents_account", "account_id", "id"),
    Index("consents_consents_check", "tenant_id", "person_id", "purpose"),
)

RECORDS = (deleted(consents, subject="person_id account_id", acted="created_by", words="purpose"),)
