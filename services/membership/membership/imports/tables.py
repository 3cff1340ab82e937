"""Tables of imports."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import blanked, nothing
from chassis.tables import key, moment, reference, tenant_columns

METADATA = MetaData()


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


imports = Table(
    "imports_imports",
    METADATA,
    *tenant_columns(),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("sheets", JSONB, nullable=False),
    Column("expected", JSONB, nullable=False),
    _count("created"),
    _count("updated"),
    _count("unchanged"),
    _count("rejected"),
    _count("total_rows"),
    _count("done_rows"),
    moment("finished_at", nullable=True),
    Column("file_removed", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("tenant_id", "id"),
    CheckConstraint("state IN ('uploaded', 'checked', 'running', 'done', 'discarded')", name="imports_state"),
    # What the jobs look for, over all tenants.
    Index("imports_running", "id", postgresql_where=text("state = 'running'")),
    Index(
        "imports_with_file",
        "id",
        postgresql_where=text("NOT file_removed AND state IN ('done', 'discarded')"),
    ),
)

rows = Table(
    "imports_rows",
    METADATA,
    key("tenant_id"),
    key("import_id"),
    Column("position", Integer, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    moment("surveyed_at", nullable=True),
    Column("problems", JSONB, nullable=False),
    Column("expected", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    reference("enterprise_id"),
    PrimaryKeyConstraint("tenant_id", "import_id", "position"),
    ForeignKeyConstraint(["tenant_id", "import_id"], [imports.c.tenant_id, imports.c.id]),
    Index(
        "imports_rows_wrong",
        "tenant_id",
        "import_id",
        "position",
        postgresql_where=text("expected = 'rejected' OR outcome = 'rejected'"),
    ),
    Index(
        "imports_rows_waiting",
        "tenant_id",
        "import_id",
        "position",
        postgresql_where=text("outcome = ''"),
    ),
)

mappings = Table(
    "imports_mappings",
    METADATA,
    key("tenant_id"),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("field", Text, nullable=False),
    moment("updated_at"),
    PrimaryKeyConstraint("tenant_id", "kind", "title"),
)

RECORDS = (
    nothing(imports, acted="created_by", plain="kind file_name file state sheets expected"),
    # What a ledger said of a firm names its contact; the firm's own record has the rest.
    blanked(
        rows,
        through={"enterprise_id": "enterprises_enterprises"},
        words="problems",
        becomes={"facts": {}},
        plain="import_id sheet name expected outcome",
    ),
    nothing(mappings, plain="kind title field"),
)
