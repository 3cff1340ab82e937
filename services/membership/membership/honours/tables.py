"""Tables of honours: the honours from nomination to end, and settings."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
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

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()

honours = Table(
    "honours_honours",
    METADATA,
    *tenant_columns(),
    Column("kind", Text, nullable=False),
    key("person_id"),
    reference("account"),
    Column("display", Text, nullable=False),
    Column("state", Text, nullable=False),
    # What will be public, once the nominee consents.
    Column("shown_as", Text, nullable=False),
    Column("floor", Text, nullable=False),
    Column("floor_order", SmallInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("stars", SmallInteger, nullable=False),
    Column("citation", Text, nullable=False),
    Column("from_on", Date, nullable=True),
    Column("until_on", Date, nullable=True),
    Column("number", Text, nullable=False),
    key("code"),
    # What never is.
    Column("grounds", Text, nullable=False),
    Column("reason", Text, nullable=False),
    key("nominator"),
    reference("nominator_account"),
    reference("decider"),
    moment("decided_at", nullable=True),
    moment("consented_at", nullable=True),
    Column("ended_on", Date, nullable=True),
    Column("ending", Text, nullable=False),
    # One basis besides the grounds.
    reference("appraisal_id"),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "code", name="honours_code"),
    # The second locks: nobody is honoured twice as the same, nobody decides alone, nothing is shown unasked.
    Index(
        "honours_once",
        "tenant_id",
        "person_id",
        "kind",
        unique=True,
        postgresql_where=text("state IN ('nominated', 'approved', 'displayed')"),
    ),
    CheckConstraint("decider <> person_id", name="honours_decider"),
    CheckConstraint("nominator <> person_id", name="honours_nominator"),
    CheckConstraint(
        "state <> 'displayed' OR (decider IS NOT NULL AND consented_at IS NOT NULL "
        "AND from_on IS NOT NULL AND until_on IS NOT NULL)",
        name="honours_displayed",
    ),
    Index("honours_of", "tenant_id", "person_id", "id"),
    Index("honours_state", "tenant_id", "state", "id"),
    Index("honours_due", "until_on", postgresql_where=text("state IN ('approved', 'displayed')")),
)

settings = Table(
    "honours_settings",
    METADATA,
    *settings_columns(),
    Column("term_days", Integer, nullable=False),
)

RECORDS = (
    # That there was a post somewhere, from when to when, is the building's record; whose it was is gone.
    blanked(
        honours,
        subject="person_id account",
        words="display shown_as citation grounds reason",
        acted="created_by nominator nominator_account decider",
        plain="kind state floor place from_on until_on number code ended_on ending appraisal_id",
        # What hangs on a wall is taken down first.
        unfinished=honours.c.state == "displayed",
    ),
    nothing(settings, acted="created_by"),
)
