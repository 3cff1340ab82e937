"""Reports, their versions, what they count, settings; the tenant above decides on what was submitted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis import rls

revision = "0021"
down_revision = "0020"

DECIDED = "state, version, updated_at, decider, decided_at, sentence"
DECIDED_OF_A_VERSION = "outcome, sentence, decider, decided_at"


def upgrade() -> None:
    _reports()
    _versions()
    _facts()
    _settings()


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _day(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _reports() -> None:
    table = "reports_reports"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        _id("obligation_id"),
        _text("title_zh"),
        _text("title_en"),
        _text("scope"),
        _id("org_id"),
        _text("org_name"),
        _text("floor"),
        _id("to_org_id", nullable=True),
        _id("superior_id", nullable=True),
        _text("receiver_name"),
        _day("start_on"),
        _day("until_on"),
        _day("due_on"),
        _text("state"),
        _number("number"),
        _id("author"),
        _id("author_account", nullable=True),
        sa.Column("writers", ARRAY(sa.Uuid), nullable=False),
        _moment("submitted_at", nullable=True),
        _id("decider", nullable=True),
        _moment("decided_at", nullable=True),
        _text("sentence"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "obligation_id", name="reports_once"),
        sa.CheckConstraint("decider IS NULL OR decider <> ALL (writers)", name="reports_decider"),
        sa.CheckConstraint(
            "state <> 'accepted' OR (decider IS NOT NULL AND submitted_at IS NOT NULL)",
            name="reports_accepted",
        ),
        sa.CheckConstraint("(to_org_id IS NULL) <> (superior_id IS NULL)", name="reports_one_receiver"),
    )
    op.create_index("reports_state", table, ["tenant_id", "state", "id"])
    op.create_index("reports_author", table, ["tenant_id", "author", "id"])
    op.create_index("reports_superior", table, ["superior_id", "state", "id"])
    rls.tenant_table(table, span=False)
    # Nobody above reads a draft, or decides on anything but what was submitted.
    above = f"superior_id = {rls.TENANT}"
    rls.policy(table, "party", "SELECT", f"{above} AND state <> 'draft'")
    rls.policy(
        table,
        "party",
        "UPDATE",
        f"{above} AND state = 'submitted'",
        f"{above} AND state IN ('returned', 'accepted')",
    )
    rls.grant(table, "party", f"SELECT, UPDATE ({DECIDED})")


def _versions() -> None:
    table = "reports_versions"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("report_id"),
        _number("number"),
        _id("superior_id", nullable=True),
        _text("done"),
        _text("problems"),
        _text("plans"),
        sa.Column("figures", JSONB, nullable=False),
        _id("submitted_by", nullable=True),
        _moment("submitted_at", nullable=True),
        _text("outcome"),
        _text("sentence"),
        _id("decider", nullable=True),
        _moment("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "report_id", "number"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "report_id"], ["reports_reports.tenant_id", "reports_reports.id"]
        ),
        sa.CheckConstraint("decider <> submitted_by", name="reports_versions_decider"),
        sa.CheckConstraint(
            "(outcome = '') = (decided_at IS NULL) AND (outcome = '' OR submitted_at IS NOT NULL)",
            name="reports_versions_outcome",
        ),
        sa.CheckConstraint("(outcome = 'returned') = (sentence <> '')", name="reports_versions_sentence"),
    )
    rls.tenant_table(table, span=False)
    above = f"superior_id = {rls.TENANT} AND submitted_at IS NOT NULL"
    rls.policy(table, "party", "SELECT", above)
    rls.policy(table, "party", "UPDATE", f"{above} AND outcome = ''", f"{above} AND outcome <> ''")
    rls.grant(table, "party", f"SELECT, UPDATE ({DECIDED_OF_A_VERSION})")
    # What was decided upon stays as it was, also in its own building.
    op.execute(
        f"CREATE POLICY tenant_undecided ON {table} AS RESTRICTIVE FOR UPDATE TO {rls.service()}_tenant "
        "USING (outcome = '') WITH CHECK (true)"
    )


def _facts() -> None:
    op.create_table(
        "reports_facts",
        _id("tenant_id"),
        _text("kind"),
        _id("id"),
        _id("place_id", nullable=True),
        _day("happened_on"),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "id"),
    )
    op.create_index("reports_facts_day", "reports_facts", ["tenant_id", "happened_on"])
    rls.tenant_table("reports_facts", span=False, append_only=True)


def _settings() -> None:
    op.create_table(
        "reports_settings",
        _id("tenant_id"),
        _number("version"),
        _moment("created_at"),
        _text("created_by"),
        _number("early_days"),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("reports_settings", append_only=True)
