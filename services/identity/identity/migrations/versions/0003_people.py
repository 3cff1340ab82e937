"""People, whom the tenants know, and the tenants' data keys."""

import sqlalchemy as sa
from alembic import op

from chassis import rls

revision = "0003"
down_revision = "0002"


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "people_persons",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("registered_by", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("synthetic", sa.Boolean, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("id_number", sa.LargeBinary),
        sa.Column("id_number_index", sa.LargeBinary),
        sa.Column("id_number_masked", sa.Text, nullable=False),
        sa.Column("phone", sa.LargeBinary),
        sa.Column("phone_index", sa.LargeBinary),
        sa.Column("phone_masked", sa.Text, nullable=False),
        sa.Column("merged_into", sa.Uuid),
    )
    op.create_index(
        "people_persons_id_number",
        "people_persons",
        ["id_number_index"],
        unique=True,
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_index("people_persons_phone", "people_persons", ["phone_index"])
    op.create_table(
        "people_presences",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "person_id"),
    )
    op.create_index("people_presences_person", "people_presences", ["person_id"])
    op.create_table(
        "people_keys",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("tenant_id", "number"),
    )
    op.create_table(
        "people_checks",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        _moment("hour"),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", "hour"),
    )
    _guard()


def _guard() -> None:
    rls.tenant_table("people_presences", span=False)
    rls.policy("people_presences", "service", "ALL", "true")
    rls.grant("people_presences", "service", "SELECT, INSERT")

    # One row per person: whoever knows the person sees it.
    rls.lock_down("people_persons")
    known = (
        "EXISTS (SELECT FROM people_presences p "
        f"WHERE p.person_id = people_persons.id AND p.tenant_id = {rls.TENANT})"
    )
    rls.policy("people_persons", "tenant", "SELECT", known)
    rls.policy("people_persons", "tenant", "UPDATE", known)
    rls.policy("people_persons", "tenant", "INSERT", f"registered_by = {rls.TENANT}")
    rls.grant("people_persons", "tenant", "SELECT, INSERT, UPDATE")
    rls.policy("people_persons", "service", "ALL", "true")
    rls.grant("people_persons", "service", "SELECT, INSERT")

    # Only identity itself touches data keys.
    rls.lock_down("people_keys")
    rls.policy("people_keys", "service", "ALL", "true")
    rls.grant("people_keys", "service", "SELECT, INSERT, UPDATE")

    rls.tenant_table("people_checks", span=False)
