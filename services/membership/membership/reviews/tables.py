"""The table of reviews."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.privacy import blanked
from chassis.tables import key, moment, reference, tenant_columns

METADATA = MetaData()

reviews = Table(
    "reviews_reviews",
    METADATA,
    *tenant_columns(),
    key("org_id"),
    key("person_id"),
    reference("account"),
    Column("display", Text, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("self_grade", Text, nullable=False),
    # Ballots in the order of the grades.
    Column("peers", ARRAY(Integer), nullable=True),
    Column("peers_reference", Text, nullable=False),
    Column("poll", ARRAY(Integer), nullable=True),
    Column("poll_reference", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("bases", ARRAY(Text), nullable=False),
    reference("appraisal_id"),
    reference("honour_id"),
    reference("decider"),
    moment("decided_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "person_id", "year", name="reviews_once"),
    # The second lock: no grade without a person's decision that names two bases, and never one's own.
    CheckConstraint(
        "state <> 'decided' OR (decider IS NOT NULL AND cardinality(bases) >= 2 AND bases[1] <> bases[2])",
        name="reviews_decided_by_somebody",
    ),
    CheckConstraint("(state = 'decided') = (decided_at IS NOT NULL)", name="reviews_decided_once"),
    CheckConstraint("decider <> person_id", name="reviews_decided_by_another"),
    Index("reviews_year", "tenant_id", "year", "id"),
)

RECORDS = (
    # How many were reviewed in a year is the branch's record; whose grade it was, and why, is gone.
    blanked(
        reviews,
        subject="person_id account",
        words="display self_grade peers peers_reference poll poll_reference grade",
        acted="created_by decider",
        plain="org_id state bases appraisal_id honour_id",
    ),
)
