"""Tables of hazards."""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import kept, nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()

hazards = Table(
    "hazards_hazards",
    METADATA,
    *tenant_columns(),
    # Byte order, so that a beginning of a number is a range of the index.
    Column("number", Text(collation="C"), nullable=False),
    key("site_id"),
    Column("site_name", Text, nullable=False),
    Column("floor", Text, nullable=False),
    Column("whereabouts", Text, nullable=False),
    Column("hazard_class", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    reference("inspection_id"),
    key("reporter"),
    reference("owner"),
    reference("owner_person"),
    reference("verifier"),
    reference("verifier_person"),
    moment("deadline_at"),
    moment("overdue_at", nullable=True),
    Column("before", JSONB, nullable=False),
    Column("after", JSONB, nullable=False),
    Column("measure", Text, nullable=False),
    Column("last_word", Text, nullable=False),
    Column("recurrence", Integer, nullable=False),
    reference("recurs_id"),
    Column("returned", Integer, nullable=False),
    moment("assigned_at", nullable=True),
    moment("submitted_at", nullable=True),
    moment("closed_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "number", name="hazards_hazards_number"),
    # The second lock of the separation of duty.
    CheckConstraint("owner_person <> verifier_person", name="hazards_hazards_apart"),
    Index("hazards_hazards_state", "tenant_id", "state", "id"),
    Index("hazards_hazards_alike", "tenant_id", "site_id", "hazard_class", "id"),
    # What the overdue job looks for, over all tenants.
    Index(
        "hazards_hazards_due",
        "deadline_at",
        postgresql_where=text("state IN ('found', 'assigned', 'rectifying', 'returned')"),
    ),
)

timeline = Table(
    "hazards_timeline",
    METADATA,
    key("tenant_id"),
    key("hazard_id"),
    key("id"),
    Column("kind", Text, nullable=False),
    reference("actor"),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attachments", JSONB, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "hazard_id", "id"),
    ForeignKeyConstraint(["tenant_id", "hazard_id"], [hazards.c.tenant_id, hazards.c.id]),
)

# One row for each organisation above that an overdue hazard is brought before. It says what that organisation
# may know of the hazard; `state` and `closed_at` follow the hazard.
escalations = Table(
    "hazards_escalations",
    METADATA,
    *tenant_columns(),
    key("hazard_id"),
    key("party_id"),
    Column("building_name_zh", Text, nullable=False),
    Column("building_name_en", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("hazard_class", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("site_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    moment("deadline_at"),
    moment("closed_at", nullable=True),
    moment("acknowledged_at", nullable=True),
    reference("acknowledged_by"),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "hazard_id"], [hazards.c.tenant_id, hazards.c.id]),
    UniqueConstraint("tenant_id", "hazard_id", "party_id", "deadline_at", name="hazards_escalations_once"),
    Index("hazards_escalations_party", "party_id", "id"),
)

settings = Table(
    "hazards_settings",
    METADATA,
    *settings_columns(),
    Column("deadline_days", Integer, nullable=False),
    Column("recurrence_days", Integer, nullable=False),
    Column("inspections_per_week", Integer, nullable=False),
    Column("desk", Text, nullable=False),
)

_RECORDED: Final = "安全生产法 Art. 41: how hazards are looked for and removed is recorded as it was"

RECORDS = (
    kept(
        hazards,
        _RECORDED,
        subject="reporter",
        words="description",
        acted="created_by owner owner_person verifier verifier_person",
        plain="number site_id site_name floor whereabouts hazard_class severity state source inspection_id "
        "before after measure last_word recurs_id",
    ),
    kept(timeline, _RECORDED, subject="actor", words="text", plain="hazard_id kind state attachments"),
    nothing(
        escalations,
        acted="created_by acknowledged_by",
        plain="hazard_id party_id building_name_zh building_name_en number hazard_class severity site_name "
        "state",
    ),
    nothing(settings, acted="created_by", plain="desk"),
)
