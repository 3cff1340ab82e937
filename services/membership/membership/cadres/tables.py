"""Tables of cadres: the posts, and every version of the settings."""

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, tenant_columns

METADATA = MetaData()

posts = Table(
    "cadres_posts",
    METADATA,
    *tenant_columns(),
    key("org_id"),
    key("person_id"),
    Column("display", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("post_type", Text, nullable=False),
    Column("term_from", Date, nullable=False),
    Column("term_until", Date, nullable=True),
    Column("ended_on", Date, nullable=True),
    Column("ending", Text, nullable=False, server_default=text("''")),
    # For age bands in the aggregate; no reply contains it.
    Column("birth_year", SmallInteger, nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    # The second lock: no organisation has two secretaries, and nobody the same post twice.
    Index(
        "cadres_posts_secretary",
        "tenant_id",
        "org_id",
        unique=True,
        postgresql_where=text("post = 'secretary' AND ended_on IS NULL"),
    ),
    Index(
        "cadres_posts_once",
        "tenant_id",
        "org_id",
        "person_id",
        "post",
        unique=True,
        postgresql_where=text("ended_on IS NULL"),
    ),
    Index("cadres_posts_order", "tenant_id", "rank", "id"),
)

settings = Table(
    "cadres_settings",
    METADATA,
    key("tenant_id"),
    Column("version", Integer, nullable=False),
    Column("age_borders", ARRAY(Integer), nullable=False),
    Column("smallest_told", Integer, nullable=False),
    Column("set_by", Text, nullable=False),
    moment("set_at"),
    PrimaryKeyConstraint("tenant_id", "version"),
)

RECORDS = (
    # Who led the building's organisations, and when, is the organisation's history; the name is gone.
    blanked(
        posts,
        subject="person_id",
        words="display",
        becomes={"birth_year": None},
        acted="created_by",
        plain="org_id post post_type term_from term_until ended_on ending",
    ),
    nothing(settings, acted="set_by", plain="age_borders"),
)
