"""Points: accounts, the ledger's entries, what they answer to, rules, proposals, settings."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0007"
down_revision = "0006"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def upgrade() -> None:
    _accounts()
    _entries()
    _facts()
    _rules()
    _proposals()
    _settings()


def _accounts() -> None:
    op.create_table(
        "points_accounts",
        _id("tenant_id"),
        _id("id"),
        _text("holder"),
        _id("person_id", nullable=True),
        _id("account", nullable=True),
        _text("number"),
        _count("balance"),
        _count("earned"),
        _count("redeemed"),
        sa.Column("shown_as", sa.Text, nullable=False, server_default=""),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "person_id", name="points_accounts_person"),
        sa.CheckConstraint("holder IN ('member', 'issue', 'redemption')", name="points_accounts_holder"),
        sa.CheckConstraint("(holder = 'member') = (person_id IS NOT NULL)", name="points_accounts_members"),
        sa.CheckConstraint("holder <> 'member' OR balance = earned - redeemed", name="points_accounts_sums"),
    )
    op.create_index("points_accounts_number", "points_accounts", ["tenant_id", "number"], unique=True)
    rls.tenant_table("points_accounts", span=False)
    rls.personal("points_accounts", "UPDATE")


def _entries() -> None:
    op.create_table(
        "points_entries",
        _id("tenant_id"),
        _id("id"),
        _text("kind"),
        _id("debit"),
        _id("credit"),
        _count("amount"),
        _id("member"),
        _count("delta"),
        _count("balance_after"),
        _text("title"),
        _text("brand"),
        _id("rule_id", nullable=True),
        _count("rule_version"),
        _id("source_id", nullable=True),
        _id("reverses", nullable=True),
        _text("posted_by"),
        _moment("occurred_at"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "debit"], ["points_accounts.tenant_id", "points_accounts.id"]),
        sa.ForeignKeyConstraint(["tenant_id", "credit"], ["points_accounts.tenant_id", "points_accounts.id"]),
        sa.ForeignKeyConstraint(["tenant_id", "reverses"], ["points_entries.tenant_id", "points_entries.id"]),
        sa.UniqueConstraint("tenant_id", "rule_id", "source_id", name="points_entries_once"),
        sa.UniqueConstraint("tenant_id", "reverses", name="points_entries_reversed_once"),
        sa.CheckConstraint("amount > 0 AND debit <> credit", name="points_entries_moves"),
        sa.CheckConstraint(
            "(member = credit AND delta = amount) OR (member = debit AND delta = -amount)",
            name="points_entries_member",
        ),
        sa.CheckConstraint("kind <> 'redemption' OR balance_after >= 0", name="points_entries_covered"),
        sa.CheckConstraint("(kind = 'rule') = (rule_id IS NOT NULL)", name="points_entries_rule"),
        sa.CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="points_entries_reversal"),
    )
    op.create_index("points_entries_of", "points_entries", ["tenant_id", "member", "id"])
    rls.tenant_table("points_entries", span=False, append_only=True)
    rls.personal("points_entries")


def _facts() -> None:
    op.create_table(
        "points_facts",
        _id("tenant_id"),
        _text("source"),
        _id("id"),
        _id("person_id"),
        _id("subject_id"),
        _text("activity_kind"),
        _text("brand"),
        _moment("occurred_at"),
        sa.PrimaryKeyConstraint("tenant_id", "source", "id"),
    )
    op.create_index("points_facts_brand", "points_facts", ["tenant_id", "brand"])
    rls.tenant_table("points_facts", span=False, append_only=True)
    rls.personal("points_facts")


def _rules() -> None:
    op.create_table(
        "points_rules",
        _id("tenant_id"),
        _id("id"),
        _count("version"),
        _text("title"),
        _text("source"),
        _text("activity_kind"),
        _text("brand"),
        _count("delta"),
        _count("cap"),
        _text("cap_period"),
        _moment("from_at"),
        _moment("until_at", nullable=True),
        _text("set_by"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id", "version"),
        sa.CheckConstraint(
            "delta > 0 AND cap >= 0 AND (cap = 0) = (cap_period = '')", name="points_rules_figures"
        ),
    )
    rls.tenant_table("points_rules", append_only=True)


def _proposals() -> None:
    op.create_table(
        "points_proposals",
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        _id("points_account"),
        _count("delta"),
        _text("reason"),
        _text("state"),
        _id("proposer_person"),
        sa.Column("decided_by", sa.Text, nullable=False, server_default=""),
        _moment("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "points_account"], ["points_accounts.tenant_id", "points_accounts.id"]
        ),
        sa.CheckConstraint("state IN ('proposed', 'accepted', 'declined')", name="points_proposals_state"),
    )
    op.create_index("points_proposals_by_state", "points_proposals", ["tenant_id", "state", "id"])
    rls.tenant_table("points_proposals", span=False)
    rls.personal("points_proposals", "UPDATE")


def _settings() -> None:
    op.create_table(
        "points_settings",
        _id("tenant_id"),
        _count("version"),
        _count("band_high"),
        _count("band_middle"),
        _count("band_window_days"),
        _count("leaderboard_size"),
        _count("leaderboard_days"),
        _count("pickup_days"),
        _text("created_by"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("points_settings", append_only=True)
