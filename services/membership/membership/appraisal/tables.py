"""Tables of the appraisal: rubrics in versions, periods, appraisals, marks, and what was confirmed."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()

rubrics = Table(
    "appraisal_rubrics",
    METADATA,
    *settings_columns(),
    Column("items", JSONB, nullable=False),
    Column("star_steps", ARRAY(Integer), nullable=False),
    Column("months_percent", Integer, nullable=False),
    Column("due_days", Integer, nullable=False),
    Column("late_days", Integer, nullable=False),
    Column("appeal_days", Integer, nullable=False),
)

periods = Table(
    "appraisal_periods",
    METADATA,
    *tenant_columns(),
    key("org_id"),
    Column("rubric_version", Integer, nullable=False),
    # The first days of its first and last months.
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    # The version that a period keeps is there as long as the period is.
    ForeignKeyConstraint(
        ["tenant_id", "rubric_version"], ["appraisal_rubrics.tenant_id", "appraisal_rubrics.version"]
    ),
    CheckConstraint("from_on <= until_on", name="appraisal_periods_months"),
    Index("appraisal_periods_org", "tenant_id", "org_id", "from_on"),
)

appraisals = Table(
    "appraisal_appraisals",
    METADATA,
    *tenant_columns(),
    key("period_id"),
    key("org_id"),
    Column("rubric_version", Integer, nullable=False),
    key("person_id"),
    reference("account"),
    Column("display", Text, nullable=False),
    # Who answers an appeal: the building's superior, else its region.
    reference("superior_id"),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("score", SmallInteger, nullable=True),
    Column("proposed_stars", SmallInteger, nullable=True),
    Column("stars", SmallInteger, nullable=True),
    reference("shown_by"),
    moment("shown_at", nullable=True),
    Column("appeal_until", Date, nullable=True),
    Column("appeal", Text, nullable=False),
    Column("appeal_targets", ARRAY(Text), nullable=False),
    Column("answer", Text, nullable=False),
    Column("corrected", Boolean, nullable=False),
    reference("answered_by"),
    moment("answered_at", nullable=True),
    moment("final_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "period_id"], ["appraisal_periods.tenant_id", "appraisal_periods.id"]),
    UniqueConstraint("tenant_id", "period_id", "person_id", name="appraisal_once"),
    # The second locks: nobody shows or answers their own, nothing is final that the member did not see.
    CheckConstraint("shown_by <> person_id AND answered_by <> person_id", name="appraisal_by_others"),
    CheckConstraint("state <> 'final' OR shown_at IS NOT NULL", name="appraisal_seen_before_final"),
    CheckConstraint("stars BETWEEN 0 AND 5 AND (stars IS NULL OR state = 'final')", name="appraisal_stars"),
    Index("appraisal_of", "tenant_id", "person_id", "id"),
    Index("appraisal_superior", "superior_id", "state", "id"),
    Index("appraisal_lapse", "appeal_until", postgresql_where=text("state = 'shown'")),
)

marks = Table(
    "appraisal_marks",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("appraisal_id"),
    key("person_id"),
    Column("target", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("month_on", Date, nullable=False),
    Column("score", SmallInteger, nullable=False),
    Column("reference", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    key("assessor"),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(
        ["tenant_id", "appraisal_id"], ["appraisal_appraisals.tenant_id", "appraisal_appraisals.id"]
    ),
    CheckConstraint("assessor <> person_id", name="appraisal_marks_by_others"),
    CheckConstraint("score BETWEEN 0 AND 100", name="appraisal_marks_score"),
    Index("appraisal_marks_of", "tenant_id", "appraisal_id", "id"),
)

confirmations = Table(
    "appraisal_confirmations",
    METADATA,
    key("tenant_id"),
    key("appraisal_id"),
    Column("target", Text, nullable=False),
    key("person_id"),
    # As the rubric says: the superior, who reads no rubric of the building's, sees what was confirmed.
    reference("superior_id"),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("weight", SmallInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    # None where it cannot be assessed: what is missing is no figure.
    Column("score", SmallInteger, nullable=True),
    Column("months_due", SmallInteger, nullable=False),
    Column("months_assessed", SmallInteger, nullable=False),
    key("confirmer"),
    moment("confirmed_at"),
    PrimaryKeyConstraint("tenant_id", "appraisal_id", "target"),
    ForeignKeyConstraint(
        ["tenant_id", "appraisal_id"], ["appraisal_appraisals.tenant_id", "appraisal_appraisals.id"]
    ),
    CheckConstraint("confirmer <> person_id", name="appraisal_confirmed_by_others"),
    CheckConstraint(
        "(outcome = 'not_assessable') = (score IS NULL)", name="appraisal_confirmed_what_was_assessed"
    ),
)

RECORDS = (
    nothing(rubrics, acted="created_by", plain="items star_steps"),
    nothing(periods, acted="created_by", plain="org_id from_on until_on"),
    # How many had which stars is the branch's record; whose they were, and what was said, is gone.
    blanked(
        appraisals,
        subject="person_id account",
        words="display appeal appeal_targets answer",
        acted="created_by shown_by answered_by",
        plain="period_id org_id superior_id from_on until_on state appeal_until",
        # Somebody who asked for an answer gets one first.
        unfinished=appraisals.c.state == "appealed",
    ),
    blanked(
        marks,
        subject="person_id",
        words="reference",
        acted="assessor",
        plain="appraisal_id target channel month_on",
    ),
    blanked(
        confirmations,
        subject="person_id",
        acted="confirmer",
        plain="appraisal_id target superior_id title_zh title_en outcome",
    ),
)
