"""Listings, and interest in them."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    _listings()
    _interests()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _aggregate() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
    ]


def _words(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _listings() -> None:
    op.create_table(
        "listings_listings",
        *_aggregate(),
        *_words("number", "kind", "state", "title", "summary", "floor", "terms"),
        *[sa.Column(name, sa.Uuid) for name in ("enterprise_id", "service_item_id")],
        *[sa.Column(name, sa.Integer, nullable=False) for name in ("places", "taken")],
        _moment("published_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "number", name="listings_listings_number"),
    )
    op.create_index("listings_listings_state", "listings_listings", ["tenant_id", "state", "id"])
    rls.tenant_table("listings_listings", span=False)


def _interests() -> None:
    op.create_table(
        "listings_interests",
        *_aggregate(),
        sa.Column("listing_id", sa.Uuid, nullable=False),
        *_words("listing_title", "kind", "state"),
        sa.Column("account", sa.Uuid, nullable=False),
        *[sa.Column(name, sa.Uuid) for name in ("person_id", "enterprise_id")],
        *_words("words", "answer"),
        *[_moment(name, nullable=True) for name in ("start_at", "end_at")],
        sa.Column("ticket_id", sa.Uuid),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "listing_id"], ["listings_listings.tenant_id", "listings_listings.id"]
        ),
    )
    op.create_index("listings_interests_listing", "listings_interests", ["tenant_id", "listing_id", "id"])
    op.create_index("listings_interests_account", "listings_interests", ["tenant_id", "account", "id"])
    op.create_index(
        "listings_interests_once",
        "listings_interests",
        ["tenant_id", "listing_id", "account"],
        unique=True,
        postgresql_where=sa.text("state IN ('sent', 'shown') AND kind <> 'resource'"),
    )
    rls.tenant_table("listings_interests", span=False)
    rls.personal("listings_interests", "UPDATE")
