"""Tables of inspections."""

from sqlalchemy import (
    Column,
    Date,
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

from chassis.privacy import kept
from chassis.tables import key, moment, tenant_columns

METADATA = MetaData()

inspections = Table(
    "inspections_inspections",
    METADATA,
    *tenant_columns(),
    Column("number", Text, nullable=False),
    key("site_id"),
    Column("site_name", Text, nullable=False),
    Column("floor", Text, nullable=False),
    key("inspector"),
    Column("state", Text, nullable=False),
    Column("plan_date", Date, nullable=True),
    moment("inspected_at", nullable=True),
    moment("recorded_at", nullable=True),
    # The five answers, each with class, result, remark, photos and the hazard it became.
    Column("checks", JSONB, nullable=False),
    Column("problems", Integer, nullable=False),
    Column("remark", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "number", name="inspections_inspections_number"),
    Index(
        "inspections_inspections_done",
        "tenant_id",
        "site_id",
        "inspected_at",
        postgresql_where=text("state = 'done'"),
    ),
)

RECORDS = (
    kept(
        inspections,
        "安全生产法 Art. 41: how hazards are looked for and removed is recorded as it was",
        subject="inspector",
        words="remark",
        acted="created_by",
        plain="number site_id site_name floor state plan_date checks",
    ),
)
