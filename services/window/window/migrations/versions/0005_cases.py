"""Cases and their steps. The building owns them; the department they name decides them as a party."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0005"
down_revision = "0004"

DECIDED_BY_THE_DEPARTMENT = (
    "state, version, updated_at, handler, wanted, last_word, decision, results, delivery, trips, "
    "corrections, callback_open, callback_note, due_at, accepted_at, decided_at, delivered_at"
)


def upgrade() -> None:
    _cases()
    _steps()


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _cases() -> None:
    op.create_table(
        "cases_cases",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at", nullable=False),
        _moment("updated_at", nullable=False),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("building_matter_id", sa.Uuid, nullable=False),
        sa.Column("matter_id", sa.Uuid, nullable=False),
        sa.Column("matter_version", sa.Integer, nullable=False),
        sa.Column("matter_name_zh", sa.Text, nullable=False),
        sa.Column("matter_name_en", sa.Text, nullable=False),
        sa.Column("department_id", sa.Uuid, nullable=False),
        sa.Column("department_name_zh", sa.Text, nullable=False),
        sa.Column("department_name_en", sa.Text, nullable=False),
        sa.Column("counter_id", sa.Uuid, nullable=False),
        sa.Column("promised_days", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("filed_for", sa.Text, nullable=False),
        sa.Column("enterprise_id", sa.Uuid),
        sa.Column("applicant", sa.Uuid, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("materials", JSONB, nullable=False),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.Column("grade", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("remark", sa.Text, nullable=False, server_default=""),
        sa.Column("handler", sa.Uuid),
        sa.Column("wanted", JSONB, nullable=False, server_default="{}"),
        sa.Column("last_word", sa.Text, nullable=False, server_default=""),
        sa.Column("decision", sa.Text, nullable=False, server_default=""),
        sa.Column("results", JSONB, nullable=False, server_default="[]"),
        sa.Column("delivery", sa.Text, nullable=False, server_default=""),
        sa.Column("trips", sa.Integer, nullable=False, server_default="0"),
        sa.Column("corrections", sa.Integer, nullable=False, server_default="0"),
        sa.Column("callback_open", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("callback_note", sa.Text, nullable=False, server_default=""),
        _moment("due_at"),
        _moment("submitted_at"),
        _moment("accepted_at"),
        _moment("decided_at"),
        _moment("delivered_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "id", "department_id", name="cases_cases_party"),
        sa.CheckConstraint("corrections BETWEEN 0 AND 1", name="cases_itemised_once"),
    )
    _index("number", ["tenant_id", "number"], where="number <> ''", unique=True)
    _index("applicant", ["tenant_id", "applicant", "id"])
    _index("enterprise", ["tenant_id", "enterprise_id", "id"], where="enterprise_id IS NOT NULL")
    _index("state", ["tenant_id", "state", "id"])
    _index("received", ["department_id", "state", "submitted_at", "id"], where="submitted_at IS NOT NULL")
    _index("department", ["department_id", "id"])
    _index("pending", ["id"], where="state = 'pending_relay'")
    rls.tenant_table("cases_cases")
    # A department is a party to what was handed to it, never to a draft.
    handed_in = f"department_id = {rls.TENANT} AND submitted_at IS NOT NULL"
    rls.policy("cases_cases", "party", "SELECT", handed_in)
    rls.policy("cases_cases", "party", "UPDATE", handed_in)
    rls.grant("cases_cases", "party", f"SELECT, UPDATE ({DECIDED_BY_THE_DEPARTMENT})")


def _index(name: str, columns: list[str], *, where: str = "", unique: bool = False) -> None:
    op.create_index(
        f"cases_cases_{name}",
        "cases_cases",
        columns,
        unique=unique,
        postgresql_where=sa.text(where) if where else None,
    )


def _steps() -> None:
    op.create_table(
        "cases_steps",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("department_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("actor", sa.Uuid),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        _moment("created_at", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "case_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id", "department_id"],
            ["cases_cases.tenant_id", "cases_cases.id", "cases_cases.department_id"],
        ),
    )
    rls.tenant_table("cases_steps", append_only=True, party={"department_id": []})
    rls.party_inserts("cases_steps", "department_id")
