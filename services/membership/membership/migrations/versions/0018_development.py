"""Applications to become party members, step by step; the superior approves as a party."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import rls

revision = "0018"
down_revision = "0017"

WRITTEN_BY_SUPERIORS = (
    "state, ending, version, updated_at, done_steps, stage, standing, next_by, since_on, earliest_on, "
    "due_on, review_on, reviews, deadline, level, joined_on, ended_on"
)
_ABOVE = f"superior_id = {rls.TENANT}"


def upgrade() -> None:
    _applications()
    _steps()
    _reviews()
    _mentors()
    _settings()


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _small(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, JSONB, nullable=False)


def _of_application() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "application_id"],
        ["development_applications.tenant_id", "development_applications.id"],
    )


def _applications() -> None:
    table = "development_applications"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text, nullable=False, server_default=""),
        sa.Column("synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
        _id("person_id"),
        _id("account", nullable=True),
        _text("display"),
        _id("org_id"),
        _id("superior_id"),
        _text("state"),
        _text("ending"),
        _day("applied_on"),
        _text("document_no"),
        _moment("confirmed_at", nullable=True),
        _json("plan"),
        _number("plan_version"),
        _small("done_steps"),
        _text("stage"),
        _text("standing"),
        _text("next_by"),
        _day("since_on"),
        _day("earliest_on", nullable=True),
        _day("due_on", nullable=True),
        _day("review_on", nullable=True),
        _small("reviews"),
        _day("deadline"),
        _small("level"),
        _small("extended_months"),
        _day("joined_on", nullable=True),
        _day("ended_on", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint("done_steps = 0 OR confirmed_at IS NOT NULL", name="development_asked"),
        sa.CheckConstraint("(state = 'ended') = (ending <> '')", name="development_ending"),
        sa.CheckConstraint("standing <> 'probationary' OR joined_on IS NOT NULL", name="development_joined"),
    )
    op.create_index(
        "development_once",
        table,
        ["tenant_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('recorded', 'open')"),
    )
    op.create_index("development_of", table, ["tenant_id", "person_id", "id"])
    op.create_index("development_deadline", table, ["tenant_id", "state", "deadline", "id"])
    op.create_index("development_below", table, ["superior_id", "state", "next_by", "deadline", "id"])
    op.create_index(
        "development_due", table, ["deadline"], postgresql_where=sa.text("state = 'open' AND level < 2")
    )
    rls.tenant_table(table, span=False)
    # The superior is shown what a person has applied for, and does its own steps or turns down.
    rls.policy(table, "party", "SELECT", f"{_ABOVE} AND confirmed_at IS NOT NULL")
    rls.policy(
        table,
        "party",
        "UPDATE",
        f"{_ABOVE} AND state = 'open' AND next_by = 'superior'",
        f"{_ABOVE} AND state IN ('open', 'done', 'ended')",
    )
    rls.grant(table, "party", f"SELECT, UPDATE ({WRITTEN_BY_SUPERIORS})")
    rls.personal(table, "UPDATE")


def _steps() -> None:
    table = "development_steps"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("application_id"),
        _small("number"),
        _small("previous", nullable=True),
        _id("superior_id"),
        _text("code"),
        _day("done_on"),
        _text("document_no"),
        _number("hours"),
        _id("recorded_by"),
        _moment("recorded_at"),
        sa.PrimaryKeyConstraint("tenant_id", "application_id", "number"),
        _of_application(),
        sa.ForeignKeyConstraint(
            ["tenant_id", "application_id", "previous"],
            ["development_steps.tenant_id", "development_steps.application_id", "development_steps.number"],
            name="development_steps_in_order",
        ),
        sa.CheckConstraint(
            "CASE WHEN number = 1 THEN previous IS NULL "
            "ELSE previous IS NOT NULL AND previous = number - 1 END",
            name="development_steps_follow",
        ),
    )
    rls.tenant_table(table, party={"superior_id": ()}, span=False, append_only=True)
    rls.party_inserts(table, "superior_id")
    rls.personal(table, "UPDATE")


def _reviews() -> None:
    table = "development_reviews"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        _id("application_id"),
        _id("superior_id"),
        _text("step"),
        _day("held_on"),
        _text("outcome"),
        _id("recorded_by"),
        _moment("recorded_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        _of_application(),
    )
    op.create_index("development_reviews_of", table, ["tenant_id", "application_id", "id"])
    rls.tenant_table(table, party={"superior_id": ()}, span=False, append_only=True)
    rls.personal(table)


def _mentors() -> None:
    table = "development_mentors"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        _id("application_id"),
        _id("superior_id"),
        _text("step"),
        _id("person_id"),
        _text("display"),
        _day("from_on"),
        _day("until_on", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        _of_application(),
    )
    op.create_index("development_mentors_of", table, ["tenant_id", "application_id", "id"])
    rls.tenant_table(table, party={"superior_id": ()}, span=False)
    rls.personal(table, "UPDATE")


def _settings() -> None:
    op.create_table(
        "development_settings",
        _id("tenant_id"),
        _number("version"),
        _moment("created_at"),
        _text("created_by"),
        _json("steps"),
        _number("remind_days"),
        _number("superior_days"),
        sa.PrimaryKeyConstraint("tenant_id", "version"),
    )
    rls.tenant_table("development_settings", append_only=True)
