"""Tables of satisfaction. No table holds an answer: only who took part, and apart from that the sums."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, tenant_columns

METADATA = MetaData()

surveys = Table(
    "satisfaction_surveys",
    METADATA,
    *tenant_columns(),
    Column("title", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("dimensions", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    moment("before_closed_at", nullable=True),
    moment("after_closed_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
)

participations = Table(
    "satisfaction_participations",
    METADATA,
    key("tenant_id"),
    key("survey_id"),
    Column("wave", Text, nullable=False),
    key("account"),
    PrimaryKeyConstraint("tenant_id", "survey_id", "wave", "account"),
    ForeignKeyConstraint(["tenant_id", "survey_id"], [surveys.c.tenant_id, surveys.c.id]),
)

tallies = Table(
    "satisfaction_tallies",
    METADATA,
    key("tenant_id"),
    key("survey_id"),
    Column("wave", Text, nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("points", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "survey_id", "wave", "place"),
    ForeignKeyConstraint(["tenant_id", "survey_id"], [surveys.c.tenant_id, surveys.c.id]),
    CheckConstraint("points BETWEEN answers AND 5 * answers", name="satisfaction_tallies_points"),
)

RECORDS = (
    nothing(surveys, acted="created_by", plain="title about dimensions state"),
    # That somebody took part keeps them from answering twice; what they answered is nowhere.
    blanked(participations, subject="account", plain="survey_id wave"),
    nothing(tallies, plain="survey_id wave"),
)
