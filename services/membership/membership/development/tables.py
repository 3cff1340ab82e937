"""Tables of development: applications, their steps and reviews, who was named with a step, and settings. The
building owns the rows, which name the superior as their party."""

from sqlalchemy import (
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()


def _of_application() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "application_id"],
        ["development_applications.tenant_id", "development_applications.id"],
    )


applications = Table(
    "development_applications",
    METADATA,
    *tenant_columns(),
    key("person_id"),
    reference("account"),
    Column("display", Text, nullable=False),
    key("org_id"),
    # Who approves: the building's superior, else its region.
    key("superior_id"),
    Column("state", Text, nullable=False),
    Column("ending", Text, nullable=False),
    Column("applied_on", Date, nullable=False),
    Column("document_no", Text, nullable=False),
    moment("confirmed_at", nullable=True),
    # The steps as they held when it was opened; the same to the end, whatever the settings become.
    Column("plan", JSONB, nullable=False),
    Column("plan_version", Integer, nullable=False),
    Column("done_steps", SmallInteger, nullable=False),
    # The step that comes next; all empty where none does.
    Column("stage", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("next_by", Text, nullable=False),
    Column("since_on", Date, nullable=False),
    Column("earliest_on", Date, nullable=True),
    Column("due_on", Date, nullable=True),
    Column("review_on", Date, nullable=True),
    Column("reviews", SmallInteger, nullable=False),
    # The first of the days, far away where there is none: lists are in its order.
    Column("deadline", Date, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("extended_months", SmallInteger, nullable=False),
    Column("joined_on", Date, nullable=True),
    Column("ended_on", Date, nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    # The second lock: nothing is done about anybody who neither applied nor confirmed.
    CheckConstraint("done_steps = 0 OR confirmed_at IS NOT NULL", name="development_asked"),
    CheckConstraint("(state = 'ended') = (ending <> '')", name="development_ending"),
    CheckConstraint("standing <> 'probationary' OR joined_on IS NOT NULL", name="development_joined"),
    Index(
        "development_once",
        "tenant_id",
        "person_id",
        unique=True,
        postgresql_where=text("state IN ('recorded', 'open')"),
    ),
    Index("development_of", "tenant_id", "person_id", "id"),
    Index("development_deadline", "tenant_id", "state", "deadline", "id"),
    Index("development_below", "superior_id", "state", "next_by", "deadline", "id"),
    Index("development_due", "deadline", postgresql_where=text("state = 'open' AND level < 2")),
)

steps = Table(
    "development_steps",
    METADATA,
    key("tenant_id"),
    key("application_id"),
    Column("number", SmallInteger, nullable=False),
    # The step before, which must be there: no step is left out, whoever writes.
    Column("previous", SmallInteger, nullable=True),
    key("superior_id"),
    Column("code", Text, nullable=False),
    Column("done_on", Date, nullable=False),
    Column("document_no", Text, nullable=False),
    Column("hours", Integer, nullable=False),
    key("recorded_by"),
    moment("recorded_at"),
    PrimaryKeyConstraint("tenant_id", "application_id", "number"),
    _of_application(),
    ForeignKeyConstraint(
        ["tenant_id", "application_id", "previous"],
        ["development_steps.tenant_id", "development_steps.application_id", "development_steps.number"],
        name="development_steps_in_order",
    ),
    CheckConstraint(
        "CASE WHEN number = 1 THEN previous IS NULL ELSE previous IS NOT NULL AND previous = number - 1 END",
        name="development_steps_follow",
    ),
)

reviews = Table(
    "development_reviews",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("application_id"),
    key("superior_id"),
    Column("step", Text, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("outcome", Text, nullable=False),
    key("recorded_by"),
    moment("recorded_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
    _of_application(),
    Index("development_reviews_of", "tenant_id", "application_id", "id"),
)

mentors = Table(
    "development_mentors",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("application_id"),
    key("superior_id"),
    Column("step", Text, nullable=False),
    key("person_id"),
    Column("display", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    _of_application(),
    Index("development_mentors_of", "tenant_id", "application_id", "id"),
)

settings = Table(
    "development_settings",
    METADATA,
    *settings_columns(),
    Column("steps", JSONB, nullable=False),
    Column("remind_days", Integer, nullable=False),
    Column("superior_days", Integer, nullable=False),
)

RECORDS = (
    # How many applied to a branch, and how far they came, is its history; whose application it was is gone.
    blanked(
        applications,
        subject="person_id account",
        words="display document_no",
        becomes={"joined_on": None},
        acted="created_by",
        plain="org_id superior_id state ending applied_on plan stage standing next_by since_on earliest_on "
        "due_on review_on deadline ended_on",
        unfinished=applications.c.state == "open",
    ),
    blanked(
        steps,
        through={"application_id": "development_applications"},
        words="document_no",
        acted="recorded_by",
        plain="superior_id code done_on",
    ),
    blanked(
        reviews,
        through={"application_id": "development_applications"},
        acted="recorded_by",
        plain="superior_id step held_on outcome",
    ),
    # A mentor is no longer one by name; that the applicant had one stays.
    blanked(
        mentors,
        subject="person_id",
        through={"application_id": "development_applications"},
        words="display",
        plain="superior_id step from_on until_on",
    ),
    nothing(settings, acted="created_by", plain="steps"),
)
