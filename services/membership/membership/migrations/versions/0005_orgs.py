"""Organisations and their cadres. The building owns both; those above act on an organisation as parties."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import rls

revision = "0005"
down_revision = "0004"

WRITTEN_ABOVE = (
    "state, version, updated_at, decided_by, approved_on, approval_no, founded_on, last_word, "
    "decided_at, activated_at, dissolved_at"
)
BELOW = (
    f"orgs_orgs.tenant_id = {rls.TENANT} OR EXISTS (SELECT FROM tenants t WHERE "
    f"t.tenant_id = orgs_orgs.tenant_id AND (t.region_id = {rls.TENANT} OR t.superior_id = {rls.TENANT})) "
    f"OR EXISTS (SELECT FROM tenants t WHERE t.tenant_id = {rls.TENANT} AND t.kind = 'district')"
)
"""The place of an organisation is the applicant's own tenant or one below it."""


def upgrade() -> None:
    _orgs()
    _posts()
    _settings()


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _aggregate() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at", nullable=False),
        _moment("updated_at", nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def _index(name: str, columns: list[str], *, table: str, unique: bool = False, where: str = "") -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, postgresql_where=condition)


def _orgs() -> None:
    op.create_table(
        "orgs_orgs",
        *_aggregate(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("serves", sa.Text, nullable=False),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("superior_id", sa.Uuid),
        sa.Column("floor", sa.Text, nullable=False),
        sa.Column("enterprise_id", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("applicant_id", sa.Uuid),
        sa.Column("applied_by", sa.Uuid),
        sa.Column("approver_id", sa.Uuid),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("approved_on", sa.Date),
        sa.Column("approval_no", sa.Text, nullable=False, server_default=""),
        sa.Column("founded_on", sa.Date),
        sa.Column("last_word", sa.Text, nullable=False, server_default=""),
        _moment("decided_at"),
        _moment("activated_at"),
        _moment("dissolved_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "parent_id"], ["orgs_orgs.tenant_id", "orgs_orgs.id"]),
        sa.CheckConstraint(
            "state <> 'active' OR (founded_on IS NOT NULL AND (kind = 'group' OR founded_on >= approved_on))",
            name="orgs_founded_after_approval",
        ),
        sa.CheckConstraint(
            "(kind = 'group') = (applicant_id IS NULL)", name="orgs_groups_need_no_application"
        ),
    )
    _index(
        "orgs_orgs_name",
        ["tenant_id", "kind", "name_key"],
        table="orgs_orgs",
        unique=True,
        where="state IN ('applied', 'approved', 'active')",
    )
    _index("orgs_orgs_state", ["tenant_id", "state", "id"], table="orgs_orgs")
    _index("orgs_orgs_parent", ["tenant_id", "parent_id"], table="orgs_orgs")
    _index("orgs_orgs_applicant", ["applicant_id", "id"], table="orgs_orgs")
    _index("orgs_orgs_approver", ["approver_id", "state", "id"], table="orgs_orgs")
    rls.tenant_table("orgs_orgs")
    applicant, approver = f"applicant_id = {rls.TENANT}", f"approver_id = {rls.TENANT}"
    rls.policy("orgs_orgs", "party", "SELECT", f"{applicant} OR {approver}")
    rls.policy("orgs_orgs", "party", "INSERT", f"{applicant} AND state = 'applied' AND ({BELOW})")
    # Whoever applied records the founding of what was approved, and nothing else.
    rls.policy(
        "orgs_orgs",
        "party",
        "UPDATE",
        f"{approver} OR ({applicant} AND state = 'approved')",
        f"{approver} OR ({applicant} AND state = 'active')",
    )
    rls.grant("orgs_orgs", "party", f"SELECT, INSERT, UPDATE ({WRITTEN_ABOVE})")


def _posts() -> None:
    op.create_table(
        "cadres_posts",
        *_aggregate(),
        sa.Column("org_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("display", sa.Text, nullable=False),
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("rank", sa.SmallInteger, nullable=False),
        sa.Column("post_type", sa.Text, nullable=False),
        sa.Column("term_from", sa.Date, nullable=False),
        sa.Column("term_until", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("ending", sa.Text, nullable=False, server_default=""),
        sa.Column("birth_year", sa.SmallInteger),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    _index(
        "cadres_posts_secretary",
        ["tenant_id", "org_id"],
        table="cadres_posts",
        unique=True,
        where="post = 'secretary' AND ended_on IS NULL",
    )
    _index(
        "cadres_posts_once",
        ["tenant_id", "org_id", "person_id", "post"],
        table="cadres_posts",
        unique=True,
        where="ended_on IS NULL",
    )
    _index("cadres_posts_order", ["tenant_id", "rank", "id"], table="cadres_posts")
    # Above the building only figures are known, hence no span.
    rls.tenant_table("cadres_posts", span=False)
    rls.personal("cadres_posts", "UPDATE")


def _settings() -> None:
    op.create_table(
        "cadres_settings",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("age_borders", ARRAY(sa.Integer), nullable=False),
        sa.Column("smallest_told", sa.Integer, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        _moment("set_at", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("cadres_settings", append_only=True)
