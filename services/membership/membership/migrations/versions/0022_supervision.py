"""Supervision: what superiors held in tenants below, findings, stars, and the superiors' own checklists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0022"
down_revision = "0021"

ABOVE = f"superior_id = {rls.TENANT}"


def upgrade() -> None:
    _supervisions()
    _findings()
    _stars()
    _checklists()


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _day(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, JSONB, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _aggregate() -> tuple[sa.Column[object], ...]:
    return (
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        _id("superior_id"),
    )


def _supervisions() -> None:
    table = "supervision_supervisions"
    op.create_table(
        table,
        *_aggregate(),
        _id("holder", nullable=True),
        _day("held_on"),
        _number("checklist"),
        _json("answers"),
        _text("state"),
        _number("found"),
        _number("unverified"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint("(state = 'closed') = (unverified = 0)", name="supervision_closed"),
    )
    op.create_index("supervision_superior", table, ["superior_id", "id"])
    rls.tenant_table(table, span=False)
    rls.policy(table, "party", "SELECT", ABOVE)
    rls.policy(table, "party", "UPDATE", f"{ABOVE} AND state <> 'closed'", ABOVE)
    rls.grant(table, "party", "SELECT, UPDATE (state, version, updated_at, unverified)")
    rls.party_inserts(table, "superior_id")


def _findings() -> None:
    table = "supervision_findings"
    op.create_table(
        table,
        *_aggregate(),
        _id("supervision_id"),
        _text("code"),
        _json("item"),
        _text("text"),
        _day("due_on"),
        _text("state"),
        _id("owner_id", nullable=True),
        _text("owner_display"),
        _text("measure"),
        _text("reference"),
        _id("rectifier", nullable=True),
        _moment("submitted_at", nullable=True),
        _id("verifier", nullable=True),
        _moment("verified_at", nullable=True),
        _text("reason"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supervision_id"],
            ["supervision_supervisions.tenant_id", "supervision_supervisions.id"],
        ),
        sa.CheckConstraint("verifier <> rectifier", name="supervision_verifier"),
        sa.CheckConstraint(
            "state <> 'verified' OR (verifier IS NOT NULL AND measure <> '' AND reference <> '')",
            name="supervision_verified",
        ),
    )
    op.create_index("supervision_findings_of", table, ["tenant_id", "supervision_id", "id"])
    rls.tenant_table(table, span=False)
    rls.policy(table, "party", "SELECT", ABOVE)
    rls.policy(
        table,
        "party",
        "UPDATE",
        f"{ABOVE} AND state = 'submitted'",
        f"{ABOVE} AND state IN ('verified', 'returned')",
    )
    rls.grant(table, "party", "SELECT, UPDATE (state, version, updated_at, verifier, verified_at, reason)")
    rls.party_inserts(table, "superior_id")
    rls.personal(table, "UPDATE")


def _stars() -> None:
    table = "supervision_stars"
    op.create_table(
        table,
        *_aggregate(),
        _id("org_id"),
        _text("org_name"),
        sa.Column("level", sa.SmallInteger, nullable=False),
        _text("grounds"),
        _text("state"),
        _id("applicant"),
        _id("applicant_account", nullable=True),
        _id("decider", nullable=True),
        _moment("decided_at", nullable=True),
        _text("reason"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint("state = 'withdrawn' OR decider <> applicant", name="supervision_stars_decider"),
        sa.CheckConstraint(
            "state NOT IN ('granted', 'refused') OR decider IS NOT NULL", name="supervision_stars_decided"
        ),
    )
    op.create_index(
        "supervision_stars_once",
        table,
        ["tenant_id", "org_id"],
        unique=True,
        postgresql_where=sa.text("state = 'applied'"),
    )
    op.create_index("supervision_stars_superior", table, ["superior_id", "id"])
    rls.tenant_table(table, span=False)
    rls.policy(table, "party", "SELECT", ABOVE)
    rls.policy(
        table,
        "party",
        "UPDATE",
        f"{ABOVE} AND state = 'applied'",
        f"{ABOVE} AND state IN ('granted', 'refused')",
    )
    rls.grant(table, "party", "SELECT, UPDATE (state, version, updated_at, decider, decided_at, reason)")


def _checklists() -> None:
    table = "supervision_checklists"
    op.create_table(
        table,
        _id("tenant_id"),
        _number("version"),
        _moment("created_at"),
        _text("created_by"),
        _json("items"),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table(table, span=False, append_only=True)
    # Whoever supervises others does so as their party, by a checklist of its own.
    own = f"tenant_id = {rls.TENANT}"
    rls.policy(table, "party", "SELECT", own)
    rls.policy(table, "party", "INSERT", own)
    rls.grant(table, "party", "SELECT, INSERT")
