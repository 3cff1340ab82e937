"""Imports, their rows, and the columns a tenant chose before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0003"
down_revision = "0002"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def upgrade() -> None:
    _imports()
    _rows()
    op.create_table(
        "imports_mappings",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "title"),
    )
    rls.tenant_table("imports_mappings")


def _imports() -> None:
    op.create_table(
        "imports_imports",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("file", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("sheets", JSONB, nullable=False),
        sa.Column("expected", JSONB, nullable=False),
        _count("created"),
        _count("updated"),
        _count("unchanged"),
        _count("rejected"),
        _count("total_rows"),
        _count("done_rows"),
        _moment("finished_at", nullable=True),
        sa.Column("file_removed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint(
            "state IN ('uploaded', 'checked', 'running', 'done', 'discarded')", name="imports_state"
        ),
    )
    for name, where in (
        ("imports_running", "state = 'running'"),
        ("imports_with_file", "NOT file_removed AND state IN ('done', 'discarded')"),
    ):
        op.create_index(name, "imports_imports", ["id"], postgresql_where=sa.text(where))
    rls.tenant_table("imports_imports")


def _rows() -> None:
    op.create_table(
        "imports_rows",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("sheet", sa.Text, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        _moment("surveyed_at", nullable=True),
        sa.Column("problems", JSONB, nullable=False),
        sa.Column("expected", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("enterprise_id", sa.Uuid),
        sa.PrimaryKeyConstraint("tenant_id", "import_id", "position"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"], ["imports_imports.tenant_id", "imports_imports.id"]
        ),
    )
    for name, where in (
        ("imports_rows_wrong", "expected = 'rejected' OR outcome = 'rejected'"),
        ("imports_rows_waiting", "outcome = ''"),
    ):
        op.create_index(
            name,
            "imports_rows",
            ["tenant_id", "import_id", "position"],
            postgresql_where=sa.text(where),
        )
    rls.tenant_table("imports_rows", delete=True)
