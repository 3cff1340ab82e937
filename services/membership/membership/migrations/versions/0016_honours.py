"""Honours, and their settings. What a plaque says is the public's to read: those columns, of honours on
display, and no others."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    _honours()
    _settings()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _honours() -> None:
    table = "honours_honours"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        _text("kind"),
        _id("person_id"),
        _id("account", nullable=True),
        _text("display"),
        _text("state"),
        _text("shown_as"),
        _text("floor"),
        sa.Column("floor_order", sa.SmallInteger, nullable=False),
        _text("place"),
        sa.Column("stars", sa.SmallInteger, nullable=False),
        _text("citation"),
        sa.Column("from_on", sa.Date),
        sa.Column("until_on", sa.Date),
        _text("number"),
        _id("code"),
        _text("grounds"),
        _text("reason"),
        _id("nominator"),
        _id("nominator_account", nullable=True),
        _id("decider", nullable=True),
        _moment("decided_at", nullable=True),
        _moment("consented_at", nullable=True),
        sa.Column("ended_on", sa.Date),
        _text("ending"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "code", name="honours_code"),
        sa.CheckConstraint("decider <> person_id", name="honours_decider"),
        sa.CheckConstraint("nominator <> person_id", name="honours_nominator"),
        sa.CheckConstraint(
            "state <> 'displayed' OR (decider IS NOT NULL AND consented_at IS NOT NULL "
            "AND from_on IS NOT NULL AND until_on IS NOT NULL)",
            name="honours_displayed",
        ),
    )
    op.create_index(
        "honours_once",
        table,
        ["tenant_id", "person_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('nominated', 'approved', 'displayed')"),
    )
    op.create_index("honours_of", table, ["tenant_id", "person_id", "id"])
    op.create_index("honours_state", table, ["tenant_id", "state", "id"])
    op.create_index(
        "honours_due",
        table,
        ["until_on"],
        postgresql_where=sa.text("state IN ('approved', 'displayed')"),
    )
    rls.tenant_table(table, span=False)
    rls.personal(table, "UPDATE")
    rls.policy(table, "service", "SELECT", "state = 'displayed'")
    public = (
        "tenant_id, code, state, kind, shown_as, floor, place, stars, citation, from_on, until_on, number"
    )
    rls.grant(table, "service", f"SELECT ({public})")


def _settings() -> None:
    op.create_table(
        "honours_settings",
        _id("tenant_id"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("term_days", sa.Integer, nullable=False),
        _text("created_by"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("honours_settings", append_only=True)
