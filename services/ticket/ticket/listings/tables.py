"""Tables of listings and of interest in them."""

from sqlalchemy import (
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
from chassis.tables import key, moment, reference, tenant_columns
from ticket.listings.rules import WAITING

METADATA = MetaData()

listings = Table(
    "listings_listings",
    METADATA,
    *tenant_columns(),
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("floor", Text, nullable=False),
    Column("terms", Text, nullable=False),
    reference("enterprise_id"),
    reference("service_item_id"),
    Column("places", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    moment("published_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "number", name="listings_listings_number"),
    Index("listings_listings_state", "tenant_id", "state", "id"),
)

interests = Table(
    "listings_interests",
    METADATA,
    *tenant_columns(),
    key("listing_id"),
    Column("listing_title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    key("account"),
    reference("person_id"),
    reference("enterprise_id"),
    Column("words", Text, nullable=False),
    Column("answer", Text, nullable=False),
    moment("start_at", nullable=True),
    moment("end_at", nullable=True),
    reference("ticket_id"),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "listing_id"], [listings.c.tenant_id, listings.c.id]),
    Index("listings_interests_listing", "tenant_id", "listing_id", "id"),
    Index("listings_interests_account", "tenant_id", "account", "id"),
    # Nobody stands in a queue twice; what is booked is booked again and again.
    Index(
        "listings_interests_once",
        "tenant_id",
        "listing_id",
        "account",
        unique=True,
        postgresql_where=text("state IN ('sent', 'shown') AND kind <> 'resource'"),
    ),
)

RECORDS = (
    nothing(
        listings,
        acted="created_by",
        plain="number kind state title summary floor terms enterprise_id service_item_id",
    ),
    # That something was let, booked, matched or filled stays: the listing's figures rest on it.
    blanked(
        interests,
        subject="account person_id",
        words="words answer",
        acted="created_by",
        plain="listing_id listing_title kind state enterprise_id ticket_id",
        unfinished=interests.c.state.in_(sorted(WAITING)),
    ),
)
