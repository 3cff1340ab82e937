"""Contacts: who is to be contacted, the entries that it took place, settings."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0012"
down_revision = "0011"


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


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


def upgrade() -> None:
    _links()
    _contacts()
    op.create_table(
        "contacts_settings",
        _id("tenant_id"),
        _number("version"),
        _number("retention_days"),
        _number("late_days"),
        _number("smallest_told"),
        _text("created_by"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("contacts_settings", append_only=True)


def _links() -> None:
    op.create_table(
        "contacts_links",
        *_aggregate(),
        _text("kind"),
        _id("area_id", nullable=True),
        _text("area_name"),
        _id("carer_id", nullable=True),
        _text("carer_display"),
        _id("person_id", nullable=True),
        _text("display"),
        _id("enterprise_id", nullable=True),
        _text("enterprise_name"),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint("carer_id IS NULL OR carer_id <> person_id", name="contacts_links_two_people"),
    )
    for column in ("area", "carer", "person"):
        op.create_index(f"contacts_links_{column}", "contacts_links", ["tenant_id", f"{column}_id", "id"])
    for name, columns, where in (
        ("area_person", ["area_id", "person_id"], "kind = 'area' AND person_id IS NOT NULL"),
        ("area_enterprise", ["area_id", "enterprise_id"], "enterprise_id IS NOT NULL"),
        ("pair", ["carer_id", "person_id"], "kind = 'care'"),
    ):
        op.create_index(
            f"contacts_links_{name}",
            "contacts_links",
            ["tenant_id", *columns],
            unique=True,
            postgresql_where=sa.text(f"NOT ended AND {where}"),
        )
    rls.tenant_table("contacts_links", span=False)
    rls.personal("contacts_links", "DELETE")


def _contacts() -> None:
    op.create_table(
        "contacts_contacts",
        *_aggregate(),
        _id("link_id"),
        _id("author"),
        sa.Column("contact_on", sa.Date, nullable=False),
        _text("topic"),
        _text("need"),
        _id("ticket_id", nullable=True),
        sa.Column("late", sa.Boolean, nullable=False),
        _text("state"),
        _text("objection"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "link_id"], ["contacts_links.tenant_id", "contacts_links.id"]),
        sa.UniqueConstraint("tenant_id", "link_id", "contact_on", name="contacts_contacts_once"),
    )
    op.create_index("contacts_contacts_day", "contacts_contacts", ["tenant_id", "contact_on"])
    op.create_index("contacts_contacts_author", "contacts_contacts", ["tenant_id", "author", "id"])
    rls.tenant_table("contacts_contacts", span=False, delete=True)
    rls.personal("contacts_contacts", "DELETE")
