"""The cadence: rules in versions, obligations, evidence; superiors may let go what those below owe."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0017"
down_revision = "0016"

WRITTEN_BY_SUPERIORS = "state, version, updated_at, reason, waived_by"


def upgrade() -> None:
    _rules()
    _versions()
    _obligations()
    _evidence()
    _settings()


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=nullable)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _aggregate() -> tuple[sa.Column[Any], ...]:
    return (
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def _said() -> tuple[sa.Column[Any], ...]:
    texts = ("title_zh", "title_en", "scope", "period", "evidence", "activity_kind")
    return (*(_text(name) for name in texts), _flag("unannounced"))


def _rules() -> None:
    op.create_table(
        "cadence_rules",
        *_aggregate(),
        _text("code"),
        _day("next_on", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "code", name="cadence_rules_code"),
    )
    op.create_index("cadence_rules_next", "cadence_rules", ["tenant_id", "next_on"])
    rls.tenant_table("cadence_rules", span=False)


def _versions() -> None:
    op.create_table(
        "cadence_versions",
        _id("tenant_id"),
        _id("rule_id"),
        _number("number"),
        *_said(),
        _number("due_days"),
        _number("grace_days"),
        _day("from_on"),
        _text("created_by"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "rule_id", "number"),
        sa.ForeignKeyConstraint(["tenant_id", "rule_id"], ["cadence_rules.tenant_id", "cadence_rules.id"]),
    )
    rls.tenant_table("cadence_versions", span=False, append_only=True)


def _obligations() -> None:
    table = "cadence_obligations"
    op.create_table(
        table,
        *_aggregate(),
        _id("rule_id"),
        _text("code"),
        *_said(),
        _id("subject_id"),
        _text("subject_name"),
        _text("floor"),
        _id("superior_id", nullable=True),
        _day("start_on"),
        _day("until_on"),
        _day("due_on"),
        _day("closes_on"),
        _text("state"),
        _id("evidence_id", nullable=True),
        _day("filed_on", nullable=True),
        _flag("attested"),
        _text("reference"),
        _text("reason"),
        _id("waived_by", nullable=True),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "rule_id"], ["cadence_rules.tenant_id", "cadence_rules.id"]),
        sa.UniqueConstraint(
            "tenant_id", "rule_id", "subject_id", "start_on", name="cadence_obligations_once"
        ),
        sa.CheckConstraint(
            "start_on <= until_on AND until_on <= due_on AND due_on <= closes_on", name="cadence_days"
        ),
        sa.CheckConstraint(
            "(state IN ('fulfilled', 'late')) = (filed_on IS NOT NULL) AND filed_on <= closes_on",
            name="cadence_evidence_in_time",
        ),
        sa.CheckConstraint("(state = 'waived') = (reason <> '')", name="cadence_waived_with_reason"),
    )
    op.create_index("cadence_obligations_due", table, ["tenant_id", "state", "due_on"])
    op.create_index(
        "cadence_obligations_open",
        table,
        ["tenant_id", "closes_on"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("cadence_obligations_superior", table, ["superior_id", "state", "id"])
    rls.tenant_table(table, span=False)
    above = f"superior_id = {rls.TENANT}"
    rls.policy(table, "party", "SELECT", above)
    rls.policy(
        table,
        "party",
        "UPDATE",
        f"{above} AND state IN ('open', 'missed')",
        f"{above} AND state = 'waived'",
    )
    rls.grant(table, "party", f"SELECT, UPDATE ({WRITTEN_BY_SUPERIORS})")


def _evidence() -> None:
    op.create_table(
        "cadence_evidence",
        _id("tenant_id"),
        _text("kind"),
        _id("id"),
        _id("subject_id"),
        _text("activity_kind"),
        _day("happened_on"),
        _day("filed_on"),
        _flag("counts"),
        _text("reference"),
        _text("filed_by"),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "id"),
    )
    op.create_index(
        "cadence_evidence_subject",
        "cadence_evidence",
        ["tenant_id", "kind", "subject_id", "happened_on"],
    )
    rls.tenant_table("cadence_evidence", span=False)


def _settings() -> None:
    op.create_table(
        "cadence_settings",
        _id("tenant_id"),
        _number("version"),
        _moment("created_at"),
        _text("created_by"),
        _number("remind_days"),
        _number("group_days"),
        _number("secretary_days"),
        _number("superior_days"),
        _text("desk"),
        sa.Column("days_off", sa.ARRAY(sa.Date), nullable=False),
        sa.Column("days_worked", sa.ARRAY(sa.Date), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("cadence_settings", append_only=True)
