"""Tables of contacts: who is to be contacted, the entries, settings. No column holds a text about anybody."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
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

from chassis.privacy import deleted, nothing
from chassis.tables import key, reference, settings_columns, tenant_columns

METADATA = MetaData()

links = Table(
    "contacts_links",
    METADATA,
    *tenant_columns(),
    Column("kind", Text, nullable=False),
    reference("area_id"),
    Column("area_name", Text, nullable=False),
    reference("carer_id"),
    Column("carer_display", Text, nullable=False),
    reference("person_id"),
    Column("display", Text, nullable=False),
    reference("enterprise_id"),
    Column("enterprise_name", Text, nullable=False),
    Column("ended", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    CheckConstraint("carer_id IS NULL OR carer_id <> person_id", name="contacts_links_two_people"),
    Index("contacts_links_area", "tenant_id", "area_id", "id"),
    Index("contacts_links_carer", "tenant_id", "carer_id", "id"),
    Index("contacts_links_person", "tenant_id", "person_id", "id"),
    Index(
        "contacts_links_area_person",
        "tenant_id",
        "area_id",
        "person_id",
        unique=True,
        postgresql_where=text("NOT ended AND kind = 'area' AND person_id IS NOT NULL"),
    ),
    Index(
        "contacts_links_area_enterprise",
        "tenant_id",
        "area_id",
        "enterprise_id",
        unique=True,
        postgresql_where=text("NOT ended AND enterprise_id IS NOT NULL"),
    ),
    Index(
        "contacts_links_pair",
        "tenant_id",
        "carer_id",
        "person_id",
        unique=True,
        postgresql_where=text("NOT ended AND kind = 'care'"),
    ),
)

contacts = Table(
    "contacts_contacts",
    METADATA,
    *tenant_columns(),
    key("link_id"),
    key("author"),
    Column("contact_on", Date, nullable=False),
    Column("topic", Text, nullable=False),
    Column("need", Text, nullable=False),
    reference("ticket_id"),
    Column("late", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("objection", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "link_id"], ["contacts_links.tenant_id", "contacts_links.id"]),
    UniqueConstraint("tenant_id", "link_id", "contact_on", name="contacts_contacts_once"),
    Index("contacts_contacts_day", "tenant_id", "contact_on"),
    Index("contacts_contacts_author", "tenant_id", "author", "id"),
)

settings = Table(
    "contacts_settings",
    METADATA,
    *settings_columns(),
    Column("retention_days", Integer, nullable=False),
    Column("late_days", Integer, nullable=False),
    Column("smallest_told", Integer, nullable=False),
)

RECORDS = (
    deleted(
        links,
        subject="carer_id person_id",
        words="carer_display display",
        acted="created_by",
        plain="kind area_id area_name enterprise_id enterprise_name",
    ),
    deleted(
        contacts,
        through={"link_id": "contacts_links"},
        words="topic need objection",
        acted="created_by author",
        plain="contact_on ticket_id state",
    ),
    nothing(settings, acted="created_by"),
)
