"""Places, inspections, hazards with their timeline and escalations, observations and incidents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _sites()
    _inspections()
    _hazards()
    _hazards_timeline()
    _hazards_escalations()
    _hazards_settings()
    _safety()


def _aggregate() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    ]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _sites() -> None:
    op.create_table(
        "sites_sites",
        *_aggregate(),
        *_words("name", "floor", "whereabouts"),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "name", name="sites_sites_name"),
    )
    rls.tenant_table("sites_sites")


def _inspections() -> None:
    op.create_table(
        "inspections_inspections",
        *_aggregate(),
        *_words("number"),
        sa.Column("site_id", sa.Uuid, nullable=False),
        *_words("site_name", "floor"),
        sa.Column("inspector", sa.Uuid, nullable=False),
        *_words("state"),
        sa.Column("plan_date", sa.Date),
        _moment("inspected_at", nullable=True),
        _moment("recorded_at", nullable=True),
        sa.Column("checks", JSONB, nullable=False),
        sa.Column("problems", sa.Integer, nullable=False),
        *_words("remark"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "number", name="inspections_inspections_number"),
    )
    op.create_index(
        "inspections_inspections_done",
        "inspections_inspections",
        ["tenant_id", "site_id", "inspected_at"],
        postgresql_where=sa.text("state = 'done'"),
    )
    # Not for those above: what is planned must not show anywhere before it is done.
    rls.tenant_table("inspections_inspections", span=False)
    rls.personal("inspections_inspections")


def _hazards() -> None:
    op.create_table(
        "hazards_hazards",
        *_aggregate(),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("site_id", sa.Uuid, nullable=False),
        *_words("site_name", "floor", "whereabouts", "hazard_class", "severity", "description"),
        *_words("state", "source"),
        sa.Column("inspection_id", sa.Uuid),
        sa.Column("reporter", sa.Uuid, nullable=False),
        *[sa.Column(name, sa.Uuid) for name in ("owner", "owner_person", "verifier", "verifier_person")],
        _moment("deadline_at"),
        _moment("overdue_at", nullable=True),
        sa.Column("before", JSONB, nullable=False),
        sa.Column("after", JSONB, nullable=False),
        *_words("measure", "last_word"),
        sa.Column("recurrence", sa.Integer, nullable=False),
        sa.Column("recurs_id", sa.Uuid),
        sa.Column("returned", sa.Integer, nullable=False),
        *[_moment(name, nullable=True) for name in ("assigned_at", "submitted_at", "closed_at")],
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "number", name="hazards_hazards_number"),
        sa.CheckConstraint("owner_person <> verifier_person", name="hazards_hazards_apart"),
    )
    op.create_index("hazards_hazards_state", "hazards_hazards", ["tenant_id", "state", "id"])
    op.create_index(
        "hazards_hazards_alike", "hazards_hazards", ["tenant_id", "site_id", "hazard_class", "id"]
    )
    op.create_index(
        "hazards_hazards_due",
        "hazards_hazards",
        ["deadline_at"],
        postgresql_where=sa.text("state IN ('found', 'assigned', 'rectifying', 'returned')"),
    )
    rls.tenant_table("hazards_hazards")
    rls.personal("hazards_hazards")


def _hazards_timeline() -> None:
    op.create_table(
        "hazards_timeline",
        *[sa.Column(name, sa.Uuid, nullable=False) for name in ("tenant_id", "hazard_id", "id")],
        *_words("kind"),
        sa.Column("actor", sa.Uuid),
        *_words("text", "state"),
        sa.Column("attachments", JSONB, nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "hazard_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "hazard_id"], ["hazards_hazards.tenant_id", "hazards_hazards.id"]
        ),
    )
    rls.tenant_table("hazards_timeline", append_only=True)
    rls.personal("hazards_timeline")


def _hazards_escalations() -> None:
    op.create_table(
        "hazards_escalations",
        *_aggregate(),
        sa.Column("hazard_id", sa.Uuid, nullable=False),
        sa.Column("party_id", sa.Uuid, nullable=False),
        *_words("building_name_zh", "building_name_en", "number", "hazard_class", "severity"),
        *_words("site_name", "state"),
        _moment("deadline_at"),
        *[_moment(name, nullable=True) for name in ("closed_at", "acknowledged_at")],
        sa.Column("acknowledged_by", sa.Uuid),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "hazard_id"], ["hazards_hazards.tenant_id", "hazards_hazards.id"]
        ),
        sa.UniqueConstraint(
            "tenant_id", "hazard_id", "party_id", "deadline_at", name="hazards_escalations_once"
        ),
    )
    op.create_index("hazards_escalations_party", "hazards_escalations", ["party_id", "id"])
    # An organisation above reads what was brought before it, by name, and writes only that it took note.
    rls.tenant_table(
        "hazards_escalations",
        span=False,
        party={"party_id": ["acknowledged_at", "acknowledged_by", "version", "updated_at"]},
    )


def _hazards_settings() -> None:
    op.create_table(
        "hazards_settings",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        *[
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("version", "deadline_days", "recurrence_days", "inspections_per_week")
        ],
        *_words("desk"),
        _moment("created_at"),
        *_words("created_by"),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("hazards_settings", append_only=True)


def _safety() -> None:
    op.create_table(
        "safety_observations",
        *_aggregate(),
        sa.Column("site_id", sa.Uuid, nullable=False),
        *_words("site_name"),
        _moment("observed_at"),
        sa.Column("acts", sa.Integer, nullable=False),
        sa.Column("unsafe", sa.Integer, nullable=False),
        sa.Column("counts", JSONB, nullable=False),
        sa.Column("observer", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index(
        "safety_observations_site", "safety_observations", ["tenant_id", "site_id", "observed_at"]
    )
    rls.tenant_table("safety_observations")
    rls.personal("safety_observations")
    op.create_table(
        "safety_incidents",
        *_aggregate(),
        *_words("number", "kind"),
        sa.Column("site_id", sa.Uuid, nullable=False),
        *_words("site_name"),
        _moment("occurred_at"),
        *_words("summary"),
        sa.Column("reporter", sa.Uuid),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "number", name="safety_incidents_number"),
    )
    op.create_index(
        "safety_incidents_site", "safety_incidents", ["tenant_id", "site_id", "kind", "occurred_at"]
    )
    rls.tenant_table("safety_incidents")
    rls.personal("safety_incidents")
