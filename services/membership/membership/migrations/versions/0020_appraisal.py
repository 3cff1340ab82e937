"""The appraisal and the democratic review, and honours that rest on an appraisal. What is final or decided no
context role changes any more."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0020"
down_revision = "0019"

WRITTEN_BY_SUPERIORS = (
    "state, stars, answer, corrected, answered_by, answered_at, final_at, version, updated_at"
)


def upgrade() -> None:
    _rubrics()
    _periods()
    _appraisals()
    _marks()
    _confirmations()
    _reviews()
    op.add_column("honours_honours", _id("appraisal_id", nullable=True))


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _texts(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.ARRAY(sa.Text), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _small(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger, nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=nullable)


def _aggregate() -> tuple[sa.Column[object], ...]:
    return (
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at", nullable=False),
        _moment("updated_at", nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def _seal(table: str, open_while: str, *roles: str) -> None:
    """Let nobody change a row that is in its last state; what leads there is allowed. PostgreSQL asks for
    this policy and for one of those that allow."""
    bound = ", ".join(f"{rls.service()}_{role}" for role in roles)
    op.execute(
        f"CREATE POLICY sealed ON {table} AS RESTRICTIVE FOR UPDATE TO {bound} "
        f"USING ({open_while}) WITH CHECK (true)"
    )


def _rubrics() -> None:
    op.create_table(
        "appraisal_rubrics",
        _id("tenant_id"),
        _number("version"),
        _moment("created_at", nullable=False),
        _text("created_by"),
        sa.Column("items", JSONB, nullable=False),
        sa.Column("star_steps", sa.ARRAY(sa.Integer), nullable=False),
        _number("months_percent"),
        _number("due_days"),
        _number("late_days"),
        _number("appeal_days"),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("appraisal_rubrics", span=False, append_only=True)


def _periods() -> None:
    table = "appraisal_periods"
    op.create_table(
        table,
        *_aggregate(),
        _id("org_id"),
        _number("rubric_version"),
        _day("from_on"),
        _day("until_on"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "rubric_version"], ["appraisal_rubrics.tenant_id", "appraisal_rubrics.version"]
        ),
        sa.CheckConstraint("from_on <= until_on", name="appraisal_periods_months"),
    )
    op.create_index("appraisal_periods_org", table, ["tenant_id", "org_id", "from_on"])
    # A period keeps its rubric's version because nobody can write another.
    rls.tenant_table(table, span=False, append_only=True)


def _appraisals() -> None:
    table = "appraisal_appraisals"
    op.create_table(
        table,
        *_aggregate(),
        _id("period_id"),
        _id("org_id"),
        _number("rubric_version"),
        _id("person_id"),
        _id("account", nullable=True),
        _text("display"),
        _id("superior_id", nullable=True),
        _day("from_on"),
        _day("until_on"),
        _text("state"),
        _small("score", nullable=True),
        _small("proposed_stars", nullable=True),
        _small("stars", nullable=True),
        _id("shown_by", nullable=True),
        _moment("shown_at"),
        _day("appeal_until", nullable=True),
        _text("appeal"),
        _texts("appeal_targets"),
        _text("answer"),
        sa.Column("corrected", sa.Boolean, nullable=False),
        _id("answered_by", nullable=True),
        _moment("answered_at"),
        _moment("final_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "period_id"], ["appraisal_periods.tenant_id", "appraisal_periods.id"]
        ),
        sa.UniqueConstraint("tenant_id", "period_id", "person_id", name="appraisal_once"),
        sa.CheckConstraint("shown_by <> person_id AND answered_by <> person_id", name="appraisal_by_others"),
        sa.CheckConstraint("state <> 'final' OR shown_at IS NOT NULL", name="appraisal_seen_before_final"),
        sa.CheckConstraint(
            "stars BETWEEN 0 AND 5 AND (stars IS NULL OR state = 'final')", name="appraisal_stars"
        ),
    )
    op.create_index("appraisal_of", table, ["tenant_id", "person_id", "id"])
    op.create_index("appraisal_superior", table, ["superior_id", "state", "id"])
    op.create_index("appraisal_lapse", table, ["appeal_until"], postgresql_where=sa.text("state = 'shown'"))
    rls.tenant_table(table, span=False)
    above = f"superior_id = {rls.TENANT}"
    rls.policy(table, "party", "SELECT", f"{above} AND state IN ('appealed', 'final')")
    rls.policy(table, "party", "UPDATE", f"{above} AND state = 'appealed'", f"{above} AND state = 'final'")
    rls.grant(table, "party", f"SELECT, UPDATE ({WRITTEN_BY_SUPERIORS})")
    rls.personal(table, "UPDATE")
    _seal(table, "state NOT IN ('final', 'ended')", "tenant", "consumer", "job", "party")


def _marks() -> None:
    table = "appraisal_marks"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        _id("appraisal_id"),
        _id("person_id"),
        _text("target"),
        _text("channel"),
        _day("month_on"),
        _small("score"),
        _text("reference"),
        sa.Column("late", sa.Boolean, nullable=False),
        _id("assessor"),
        _moment("created_at", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "appraisal_id"], ["appraisal_appraisals.tenant_id", "appraisal_appraisals.id"]
        ),
        sa.CheckConstraint("assessor <> person_id", name="appraisal_marks_by_others"),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="appraisal_marks_score"),
    )
    op.create_index("appraisal_marks_of", table, ["tenant_id", "appraisal_id", "id"])
    rls.tenant_table(table, span=False, append_only=True)
    rls.personal(table, "UPDATE")


def _confirmations() -> None:
    table = "appraisal_confirmations"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("appraisal_id"),
        _text("target"),
        _id("person_id"),
        _id("superior_id", nullable=True),
        _text("title_zh"),
        _text("title_en"),
        _small("weight"),
        _text("outcome"),
        _small("score", nullable=True),
        _small("months_due"),
        _small("months_assessed"),
        _id("confirmer"),
        _moment("confirmed_at", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "appraisal_id", "target"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "appraisal_id"], ["appraisal_appraisals.tenant_id", "appraisal_appraisals.id"]
        ),
        sa.CheckConstraint("confirmer <> person_id", name="appraisal_confirmed_by_others"),
        sa.CheckConstraint(
            "(outcome = 'not_assessable') = (score IS NULL)", name="appraisal_confirmed_what_was_assessed"
        ),
    )
    rls.tenant_table(table, span=False, party={"superior_id": ()})
    rls.personal(table)


def _reviews() -> None:
    table = "reviews_reviews"
    op.create_table(
        table,
        *_aggregate(),
        _id("org_id"),
        _id("person_id"),
        _id("account", nullable=True),
        _text("display"),
        _small("year"),
        _text("state"),
        _text("self_grade"),
        sa.Column("peers", sa.ARRAY(sa.Integer), nullable=True),
        _text("peers_reference"),
        sa.Column("poll", sa.ARRAY(sa.Integer), nullable=True),
        _text("poll_reference"),
        _text("grade"),
        _texts("bases"),
        _id("appraisal_id", nullable=True),
        _id("honour_id", nullable=True),
        _id("decider", nullable=True),
        _moment("decided_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "person_id", "year", name="reviews_once"),
        sa.CheckConstraint(
            "state <> 'decided' OR "
            "(decider IS NOT NULL AND cardinality(bases) >= 2 AND bases[1] <> bases[2])",
            name="reviews_decided_by_somebody",
        ),
        sa.CheckConstraint("(state = 'decided') = (decided_at IS NOT NULL)", name="reviews_decided_once"),
        sa.CheckConstraint("decider <> person_id", name="reviews_decided_by_another"),
    )
    op.create_index("reviews_year", table, ["tenant_id", "year", "id"])
    rls.tenant_table(table, span=False)
    rls.personal(table, "UPDATE")
    _seal(table, "state <> 'decided'", "tenant", "consumer", "job")
