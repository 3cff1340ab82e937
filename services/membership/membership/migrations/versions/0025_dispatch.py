"""Dispatch: linked villages, batches, who is sent, and what is to be done there."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "dispatch_links",
        *_aggregate(),
        _text("village"),
        _day("from_on", nullable=False),
        _day("ended_on"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    rls.tenant_table("dispatch_links", span=False)
    _batches()
    _people()
    _items()


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _day(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=nullable)


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
    )


def _batches() -> None:
    table = "dispatch_batches"
    op.create_table(
        table,
        *_aggregate(),
        _id("link_id"),
        _number("number"),
        _text("state"),
        _day("from_on", nullable=False),
        _day("until_on", nullable=False),
        _id("lead_id"),
        _text("note"),
        _text("reason"),
        _number("taken_over"),
        _moment("began_at", nullable=True),
        _moment("relieved_at", nullable=True),
        _id("relieved_by", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "link_id"], ["dispatch_links.tenant_id", "dispatch_links.id"]),
        sa.CheckConstraint("relieved_by <> lead_id", name="dispatch_two_sign"),
    )
    for name, states in (("there", "'serving', 'handing_over'"), ("next", "'selected', 'taking_over'")):
        op.create_index(
            f"dispatch_one_{name}",
            table,
            ["tenant_id", "link_id"],
            unique=True,
            postgresql_where=sa.text(f"state IN ({states})"),
        )
    op.create_index("dispatch_batches_of", table, ["tenant_id", "link_id", "id"])
    rls.tenant_table(table, span=False)


def _people() -> None:
    table = "dispatch_people"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        _id("batch_id"),
        _id("person_id"),
        _id("account", nullable=True),
        _text("display"),
        sa.Column("is_lead", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "batch_id"], ["dispatch_batches.tenant_id", "dispatch_batches.id"]
        ),
    )
    op.create_index("dispatch_people_of", table, ["tenant_id", "batch_id", "id"])
    op.create_index("dispatch_people_who", table, ["tenant_id", "person_id"])
    rls.tenant_table(table, span=False)
    rls.personal(table, "UPDATE")


def _items() -> None:
    table = "dispatch_items"
    op.create_table(
        table,
        *_aggregate(),
        _id("link_id"),
        _id("batch_id"),
        _text("title"),
        _text("state"),
        _number("opened_by"),
        _number("batch"),
        _number("carried"),
        _day("due_on"),
        _text("result"),
        _day("done_on"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "batch_id"], ["dispatch_batches.tenant_id", "dispatch_batches.id"]
        ),
    )
    op.create_index("dispatch_items_of", table, ["tenant_id", "link_id", "id"])
    op.create_index(
        "dispatch_items_open", table, ["tenant_id", "batch_id"], postgresql_where=sa.text("state = 'open'")
    )
    rls.tenant_table(table, span=False)
