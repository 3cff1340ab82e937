"""Tables of points. Entries are only ever added: no role may update or delete one."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, settings_columns, tenant_columns

METADATA = MetaData()

accounts = Table(
    "points_accounts",
    METADATA,
    key("tenant_id"),
    key("id"),
    Column("holder", Text, nullable=False),
    reference("person_id"),
    reference("account"),
    Column("number", Text, nullable=False),
    Column("balance", Integer, nullable=False),
    Column("earned", Integer, nullable=False),
    Column("redeemed", Integer, nullable=False),
    Column("shown_as", Text, nullable=False, server_default=text("''")),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "person_id", name="points_accounts_person"),
    CheckConstraint("holder IN ('member', 'issue', 'redemption')", name="points_accounts_holder"),
    CheckConstraint("(holder = 'member') = (person_id IS NOT NULL)", name="points_accounts_members"),
    CheckConstraint("holder <> 'member' OR balance = earned - redeemed", name="points_accounts_sums"),
    Index("points_accounts_number", "tenant_id", "number", unique=True),
)

# An entry names both of its sides, so that what one account gets another gives: debits equal credits
# row by row, whatever happens. `member`, `delta` and `balance_after` say the same from the member's side.
entries = Table(
    "points_entries",
    METADATA,
    key("tenant_id"),
    key("id"),
    Column("kind", Text, nullable=False),
    key("debit"),
    key("credit"),
    Column("amount", Integer, nullable=False),
    key("member"),
    Column("delta", Integer, nullable=False),
    Column("balance_after", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("brand", Text, nullable=False),
    reference("rule_id"),
    Column("rule_version", Integer, nullable=False),
    reference("source_id"),
    reference("reverses"),
    Column("posted_by", Text, nullable=False),
    moment("occurred_at"),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "debit"], ["points_accounts.tenant_id", "points_accounts.id"]),
    ForeignKeyConstraint(["tenant_id", "credit"], ["points_accounts.tenant_id", "points_accounts.id"]),
    ForeignKeyConstraint(["tenant_id", "reverses"], ["points_entries.tenant_id", "points_entries.id"]),
    # Once per rule and event; once per reversed entry.
    UniqueConstraint("tenant_id", "rule_id", "source_id", name="points_entries_once"),
    UniqueConstraint("tenant_id", "reverses", name="points_entries_reversed_once"),
    CheckConstraint("amount > 0 AND debit <> credit", name="points_entries_moves"),
    CheckConstraint(
        "(member = credit AND delta = amount) OR (member = debit AND delta = -amount)",
        name="points_entries_member",
    ),
    CheckConstraint("kind <> 'redemption' OR balance_after >= 0", name="points_entries_covered"),
    CheckConstraint("(kind = 'rule') = (rule_id IS NOT NULL)", name="points_entries_rule"),
    CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="points_entries_reversal"),
    Index("points_entries_of", "tenant_id", "member", "id"),
)

# What rules have answered to, or had nothing to say to: an event that is delivered again finds its row.
facts = Table(
    "points_facts",
    METADATA,
    key("tenant_id"),
    Column("source", Text, nullable=False),
    key("id"),
    key("person_id"),
    key("subject_id"),
    Column("activity_kind", Text, nullable=False),
    Column("brand", Text, nullable=False),
    moment("occurred_at"),
    PrimaryKeyConstraint("tenant_id", "source", "id"),
    Index("points_facts_brand", "tenant_id", "brand"),
)

rules = Table(
    "points_rules",
    METADATA,
    key("tenant_id"),
    key("id"),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("activity_kind", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("delta", Integer, nullable=False),
    Column("cap", Integer, nullable=False),
    Column("cap_period", Text, nullable=False),
    moment("from_at"),
    moment("until_at", nullable=True),
    Column("set_by", Text, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "id", "version"),
    CheckConstraint("delta > 0 AND cap >= 0 AND (cap = 0) = (cap_period = '')", name="points_rules_figures"),
)

proposals = Table(
    "points_proposals",
    METADATA,
    *tenant_columns(),
    key("points_account"),
    Column("delta", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    key("proposer_person"),
    Column("decided_by", Text, nullable=False, server_default=text("''")),
    moment("decided_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(
        ["tenant_id", "points_account"], ["points_accounts.tenant_id", "points_accounts.id"]
    ),
    CheckConstraint("state IN ('proposed', 'accepted', 'declined')", name="points_proposals_state"),
    Index("points_proposals_by_state", "tenant_id", "state", "id"),
)

settings = Table(
    "points_settings",
    METADATA,
    *settings_columns(),
    Column("band_high", Integer, nullable=False),
    Column("band_middle", Integer, nullable=False),
    Column("band_window_days", Integer, nullable=False),
    Column("leaderboard_size", Integer, nullable=False),
    Column("leaderboard_days", Integer, nullable=False),
    Column("pickup_days", Integer, nullable=False),
)

asks = Table(
    "points_asks",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("enterprise_id"),
    Column("enterprise_name", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "enterprise_id", name="points_asks_enterprise"),
)

shares = Table(
    "points_shares",
    METADATA,
    *tenant_columns(),
    key("enterprise_id"),
    key("person_id"),
    key("points_account"),
    Column("shown_as", Text, nullable=False),
    moment("ended_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(
        ["tenant_id", "points_account"], ["points_accounts.tenant_id", "points_accounts.id"]
    ),
    Index(
        "points_shares_active",
        "tenant_id",
        "enterprise_id",
        "person_id",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("points_shares_of", "tenant_id", "person_id"),
)

exports = Table(
    "points_exports",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("enterprise_id"),
    Column("enterprise_name", Text, nullable=False),
    key("person_id"),
    Column("band", Text, nullable=False),
    Column("exported_by", Text, nullable=False),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("points_exports_of", "tenant_id", "person_id", "id"),
)

RECORDS = (
    # The ledger stays as it is, since nothing in it may be changed; whose account it was leads to nobody.
    blanked(accounts, subject="person_id account", words="shown_as", plain="holder number"),
    blanked(
        entries,
        through={"member": "points_accounts"},
        acted="posted_by",
        plain="kind debit credit title brand rule_id source_id reverses",
    ),
    blanked(facts, subject="person_id", plain="source subject_id activity_kind brand"),
    nothing(rules, acted="set_by", plain="title source activity_kind brand cap_period"),
    blanked(
        proposals,
        through={"points_account": "points_accounts"},
        words="reason",
        acted="created_by decided_by proposer_person",
        plain="state",
    ),
    nothing(settings, acted="created_by"),
    nothing(asks, acted="asked_by", plain="enterprise_id enterprise_name"),
    blanked(
        shares,
        subject="person_id",
        words="shown_as",
        acted="created_by",
        plain="enterprise_id points_account",
    ),
    # What employers were told is written down for the person, and says no more than the band.
    blanked(exports, subject="person_id", acted="exported_by", plain="enterprise_id enterprise_name band"),
)
