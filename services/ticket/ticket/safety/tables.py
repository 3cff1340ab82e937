"""Tables of observations and incidents. Neither has a column for the persons that were watched or
involved."""

from sqlalchemy import Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import blanked, kept
from chassis.tables import key, moment, reference, tenant_columns

METADATA = MetaData()

observations = Table(
    "safety_observations",
    METADATA,
    *tenant_columns(),
    key("site_id"),
    Column("site_name", Text, nullable=False),
    moment("observed_at"),
    Column("acts", Integer, nullable=False),
    Column("unsafe", Integer, nullable=False),
    Column("counts", JSONB, nullable=False),
    key("observer"),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("safety_observations_site", "tenant_id", "site_id", "observed_at"),
)

incidents = Table(
    "safety_incidents",
    METADATA,
    *tenant_columns(),
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    key("site_id"),
    Column("site_name", Text, nullable=False),
    moment("occurred_at"),
    Column("summary", Text, nullable=False),
    reference("reporter"),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "number", name="safety_incidents_number"),
    Index("safety_incidents_site", "tenant_id", "site_id", "kind", "occurred_at"),
)

RECORDS = (
    # Who watched; of those who were watched nothing is kept.
    blanked(observations, subject="observer", acted="created_by", plain="site_id site_name counts"),
    kept(
        incidents,
        "安全生产法 Art. 41: how hazards are looked for and removed is recorded as it was",
        subject="reporter",
        words="summary",
        acted="created_by",
        plain="number kind site_id site_name",
    ),
)
