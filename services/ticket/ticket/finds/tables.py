"""Tables of finds and of claims to them."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, tenant_columns
from ticket.finds.rules import OPEN

METADATA = MetaData()

finds = Table(
    "finds_finds",
    METADATA,
    *tenant_columns(),
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("title", Text, nullable=False),
    # What is on a card may name its owner: gone once the thing is.
    Column("marks", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("found_on", Date, nullable=False),
    Column("handed_to", Text, nullable=False),
    moment("ended_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "number", name="finds_finds_number"),
    Index("finds_finds_state", "tenant_id", "state", "id"),
)

claims = Table(
    "finds_claims",
    METADATA,
    *tenant_columns(),
    key("find_id"),
    Column("state", Text, nullable=False),
    key("account"),
    reference("person_id"),
    Column("at_station", Boolean, nullable=False),
    Column("words", Text, nullable=False),
    Column("answer", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "find_id"], [finds.c.tenant_id, finds.c.id]),
    Index("finds_claims_find", "tenant_id", "find_id", "id"),
    Index("finds_claims_account", "tenant_id", "account", "id"),
    # The second lock: one thing is set aside for one claim.
    Index(
        "finds_claims_verified",
        "tenant_id",
        "find_id",
        unique=True,
        postgresql_where=text("state = 'verified'"),
    ),
    # Nobody claims the same thing twice at once; staff write down whoever comes.
    Index(
        "finds_claims_once",
        "tenant_id",
        "find_id",
        "account",
        unique=True,
        postgresql_where=text("state IN ('claimed', 'verified') AND NOT at_station"),
    ),
)

RECORDS = (
    nothing(
        finds,
        acted="created_by",
        plain="number kind state title marks place found_on handed_to",
    ),
    # That something was claimed and given back stays; what was said about it is gone.
    blanked(
        claims,
        subject="account person_id",
        words="words answer",
        acted="created_by",
        plain="find_id state",
        unfinished=claims.c.state.in_(sorted(OPEN)),
    ),
)
