"""Tables of the cadence: rules and their versions, obligations, evidence, settings."""

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
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.privacy import nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()


def _rule_columns() -> tuple[Column[object], ...]:
    """What a version says, and what each obligation keeps of the version under which it began."""
    return (
        Column("title_zh", Text, nullable=False),
        Column("title_en", Text, nullable=False),
        Column("scope", Text, nullable=False),
        Column("period", Text, nullable=False),
        Column("evidence", Text, nullable=False),
        Column("activity_kind", Text, nullable=False),
        Column("unannounced", Boolean, nullable=False),
    )


rules = Table(
    "cadence_rules",
    METADATA,
    *tenant_columns(),
    Column("code", Text, nullable=False),
    # The first day that belongs to no period yet; none once the rule has ended.
    Column("next_on", Date, nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "code", name="cadence_rules_code"),
    Index("cadence_rules_next", "tenant_id", "next_on"),
)

versions = Table(
    "cadence_versions",
    METADATA,
    key("tenant_id"),
    key("rule_id"),
    Column("number", Integer, nullable=False),
    *_rule_columns(),
    Column("due_days", Integer, nullable=False),
    Column("grace_days", Integer, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("created_by", Text, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "rule_id", "number"),
    ForeignKeyConstraint(["tenant_id", "rule_id"], ["cadence_rules.tenant_id", "cadence_rules.id"]),
)

obligations = Table(
    "cadence_obligations",
    METADATA,
    *tenant_columns(),
    key("rule_id"),
    Column("code", Text, nullable=False),
    *_rule_columns(),
    key("subject_id"),
    Column("subject_name", Text, nullable=False),
    Column("floor", Text, nullable=False),
    # Who may let it go: the building's superior, else its region.
    reference("superior_id"),
    Column("start_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    reference("evidence_id"),
    Column("filed_on", Date, nullable=True),
    Column("attested", Boolean, nullable=False),
    Column("reference", Text, nullable=False),
    Column("reason", Text, nullable=False),
    reference("waived_by"),
    Column("level", SmallInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "rule_id"], ["cadence_rules.tenant_id", "cadence_rules.id"]),
    # However often periods are generated, each binds everybody once.
    UniqueConstraint("tenant_id", "rule_id", "subject_id", "start_on", name="cadence_obligations_once"),
    CheckConstraint(
        "start_on <= until_on AND until_on <= due_on AND due_on <= closes_on", name="cadence_days"
    ),
    # The second lock: nothing is fulfilled without evidence or after the grace, nor waived without a reason.
    CheckConstraint(
        "(state IN ('fulfilled', 'late')) = (filed_on IS NOT NULL) AND filed_on <= closes_on",
        name="cadence_evidence_in_time",
    ),
    CheckConstraint("(state = 'waived') = (reason <> '')", name="cadence_waived_with_reason"),
    Index("cadence_obligations_due", "tenant_id", "state", "due_on"),
    Index("cadence_obligations_open", "tenant_id", "closes_on", postgresql_where=text("state = 'open'")),
    Index("cadence_obligations_superior", "superior_id", "state", "id"),
)

evidence = Table(
    "cadence_evidence",
    METADATA,
    key("tenant_id"),
    Column("kind", Text, nullable=False),
    # The record's own id, so that an event that comes twice is one piece of evidence.
    key("id"),
    # What the record is about; the obligation itself where it names that, as what is said by hand does.
    key("subject_id"),
    Column("activity_kind", Text, nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("filed_on", Date, nullable=False),
    # False while somebody objects to the record, and once it is removed.
    Column("counts", Boolean, nullable=False),
    Column("reference", Text, nullable=False),
    Column("filed_by", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "kind", "id"),
    Index("cadence_evidence_subject", "tenant_id", "kind", "subject_id", "happened_on"),
)

settings = Table(
    "cadence_settings",
    METADATA,
    *settings_columns(),
    Column("remind_days", Integer, nullable=False),
    Column("group_days", Integer, nullable=False),
    Column("secretary_days", Integer, nullable=False),
    Column("superior_days", Integer, nullable=False),
    Column("desk", Text, nullable=False),
    Column("days_off", ARRAY(Date), nullable=False),
    Column("days_worked", ARRAY(Date), nullable=False),
)

_SAID = "code title_zh title_en scope period evidence activity_kind"

RECORDS = (
    nothing(rules, acted="created_by", plain="code next_on"),
    nothing(versions, acted="created_by", plain=f"rule_id {_SAID.removeprefix('code ')} from_on"),
    nothing(
        obligations,
        acted="created_by waived_by",
        plain=f"rule_id {_SAID} subject_id subject_name floor superior_id start_on until_on due_on closes_on "
        "state evidence_id filed_on reference reason",
    ),
    nothing(
        evidence,
        acted="filed_by",
        plain="kind subject_id activity_kind happened_on filed_on reference",
    ),
    nothing(settings, acted="created_by", plain="desk days_off days_worked"),
)
