"""Tables of supervision: what was held, findings, applications for stars, checklists. The building owns the
rows, which name its superior; checklists are the superior's own."""

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

supervisions = Table(
    "supervision_supervisions",
    METADATA,
    *tenant_columns(),
    key("superior_id"),
    reference("holder"),
    Column("held_on", Date, nullable=False),
    Column("checklist", Integer, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("found", Integer, nullable=False),
    Column("unverified", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    # The second lock: nothing is closed over a finding.
    CheckConstraint("(state = 'closed') = (unverified = 0)", name="supervision_closed"),
    Index("supervision_superior", "superior_id", "id"),
)

findings = Table(
    "supervision_findings",
    METADATA,
    *tenant_columns(),
    key("supervision_id"),
    key("superior_id"),
    Column("code", Text, nullable=False),
    Column("item", JSONB, nullable=False),
    Column("text", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    reference("owner_id"),
    Column("owner_display", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("reference", Text, nullable=False),
    reference("rectifier"),
    moment("submitted_at", nullable=True),
    reference("verifier"),
    moment("verified_at", nullable=True),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(
        ["tenant_id", "supervision_id"], ["supervision_supervisions.tenant_id", "supervision_supervisions.id"]
    ),
    # Nothing is verified without something that shows it, or by whoever put it right.
    CheckConstraint("verifier <> rectifier", name="supervision_verifier"),
    CheckConstraint(
        "state <> 'verified' OR (verifier IS NOT NULL AND measure <> '' AND reference <> '')",
        name="supervision_verified",
    ),
    Index("supervision_findings_of", "tenant_id", "supervision_id", "id"),
)

stars = Table(
    "supervision_stars",
    METADATA,
    *tenant_columns(),
    key("superior_id"),
    key("org_id"),
    Column("org_name", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("grounds", Text, nullable=False),
    Column("state", Text, nullable=False),
    key("applicant"),
    reference("applicant_account"),
    reference("decider"),
    moment("decided_at", nullable=True),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    CheckConstraint("state = 'withdrawn' OR decider <> applicant", name="supervision_stars_decider"),
    CheckConstraint(
        "state NOT IN ('granted', 'refused') OR decider IS NOT NULL", name="supervision_stars_decided"
    ),
    Index(
        "supervision_stars_once",
        "tenant_id",
        "org_id",
        unique=True,
        postgresql_where=text("state = 'applied'"),
    ),
    Index("supervision_stars_superior", "superior_id", "id"),
)

checklists = Table(
    "supervision_checklists",
    METADATA,
    *settings_columns(),
    Column("items", JSONB, nullable=False),
)

RECORDS = (
    nothing(supervisions, acted="created_by holder", plain="superior_id held_on answers state"),
    # That something was found and put right is the branch's record; who was to do it is gone.
    blanked(
        findings,
        subject="owner_id",
        words="owner_display",
        acted="created_by rectifier verifier",
        plain="supervision_id superior_id code item text due_on state measure reference reason",
    ),
    nothing(
        stars,
        acted="created_by applicant applicant_account decider",
        plain="superior_id org_id org_name grounds state reason",
    ),
    nothing(checklists, acted="created_by", plain="items"),
)
