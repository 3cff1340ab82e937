"""Migrations: one alembic history per service, run by the owner role, with the chassis' tables in it."""

import asyncio
from importlib.resources import files
from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import rls, tables
from chassis.database import CONTEXT_ROLES


def configuration(service: str, owner_url: str = "") -> Config:
    """Alembic's configuration for one service; `owner_url` is needed only to connect."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migration_env"))
    versions = files(service) / "migrations" / "versions"
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes["louyu_service"] = service
    config.attributes["louyu_url"] = owner_url
    return config


def head(service: str) -> str:
    """The newest revision a service's code knows."""
    found = ScriptDirectory.from_config(configuration(service)).get_current_head()
    if found is None:
        raise LookupError(f"{service} has no migrations")
    return found


async def current(owner_url: str) -> str | None:
    """The revision a database is at; None for an empty one."""
    engine = create_async_engine(owner_url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(
                lambda plain: MigrationContext.configure(plain).get_current_revision()
            )
    finally:
        await engine.dispose()


def upgrade(service: str, owner_url: str) -> bool:
    """Bring a service's database to the head; False when it was there already.

    Takes an advisory lock, so that replicas that start together migrate once. Each statement waits
    at most five seconds for a lock and then fails rather than queue requests behind it.
    """
    if asyncio.run(current(owner_url)) == head(service):
        return False
    command.upgrade(configuration(service, owner_url), "head")
    return True


def chassis_tables() -> None:
    """Create the tables of `chassis.tables`. Called once, from a service's first migration."""
    later = (tables.privacy_erasures, tables.privacy_held)
    first = [table for table in tables.CHASSIS.sorted_tables if table not in later]
    tables.CHASSIS.create_all(op.get_bind(), tables=first)
    everyone = [role for role in CONTEXT_ROLES if role not in ("relay", "privacy")]
    _events(everyone)
    _requests(everyone)
    _audit(everyone)
    _tenants(everyone)
    rls.district_table("positions", privileges={"consumer": "SELECT, INSERT, UPDATE"})
    # A tenant may see how many letters wait, for telling how fresh a figure is, and nothing in them.
    rls.district_table(
        "dead_letters",
        privileges={
            "consumer": "SELECT, INSERT, UPDATE, DELETE",
            "tenant": "SELECT (consumer)",
            "job": "SELECT",
        },
    )


def privacy_tables() -> None:
    """Create the tables of erasures, and let them reach what the chassis keeps about people. Called once,
    from the migration that lets them reach the service's own tables (`chassis.rls.personal`)."""
    erasures, held = tables.privacy_erasures, tables.privacy_held
    tables.CHASSIS.create_all(op.get_bind(), tables=[erasures, held])
    rls.district_table(erasures.name, privileges={"privacy": "SELECT, INSERT, UPDATE"})
    rls.district_table(held.name, privileges={"privacy": "SELECT, INSERT, DELETE"})
    rls.personal("idempotency_keys", "DELETE")
    rls.personal("dead_letters", "UPDATE")
    rls.personal("audit_entries", "INSERT")


def _events(everyone: list[str]) -> None:
    # A party's or consumer's event belongs to the owner of the row it acts on, hence the wide checks:
    # what may be written is decided by the row's own policies in the same transaction.
    for table in ("outbox", "outbox_heads"):
        rls.lock_down(table)
        for role in everyone:
            own = "true" if role != "tenant" else f"tenant_id = {rls.TENANT}"
            rls.policy(table, role, "ALL", own)
            rls.grant(table, role, "INSERT" if table == "outbox" else "SELECT, INSERT, UPDATE")
    rls.policy("outbox", "relay", "ALL", "true")
    rls.grant("outbox", "relay", "SELECT, DELETE")
    rls.district_table("outbox_archive", privileges={"relay": "SELECT, INSERT"})
    rls.district_table("relay_state", privileges={"relay": "SELECT, INSERT, UPDATE"})


def _requests(everyone: list[str]) -> None:
    rls.lock_down("idempotency_keys")
    for role in everyone:
        if role in ("consumer", "span"):
            continue
        if role == "job":
            rls.policy("idempotency_keys", role, "ALL", "true")
            rls.grant("idempotency_keys", role, "SELECT, DELETE")
            continue
        own = f"tenant_id = coalesce({rls.TENANT}, '00000000-0000-0000-0000-000000000000')"
        rls.policy("idempotency_keys", role, "ALL", own)
        rls.grant("idempotency_keys", role, "SELECT, INSERT")
    rls.lock_down("number_blocks")
    for role in ("tenant", "job", "consumer"):
        rls.policy("number_blocks", role, "ALL", f"tenant_id = {rls.TENANT}")
        rls.grant("number_blocks", role, "SELECT, INSERT, UPDATE")


def _audit(everyone: list[str]) -> None:
    rls.lock_down("audit_entries")
    for role in everyone:
        own = f"tenant_id = {rls.TENANT}" if role == "tenant" else "true"
        rls.policy("audit_entries", role, "INSERT", own)
        rls.grant("audit_entries", role, "INSERT")
    rls.policy("audit_entries", "tenant", "SELECT", f"tenant_id = {rls.TENANT}")
    rls.grant("audit_entries", "tenant", "SELECT")
    # Only the sealer, a job, links an entry into the chain; nobody changes what it says.
    rls.policy("audit_entries", "job", "SELECT", "true")
    rls.policy("audit_entries", "job", "UPDATE", "chain_seq IS NULL", "true")
    rls.grant("audit_entries", "job", "SELECT, UPDATE (chain_seq, hash)")
    rls.lock_down("audit_checkpoints")
    rls.policy("audit_checkpoints", "tenant", "SELECT", f"tenant_id = {rls.TENANT}")
    rls.grant("audit_checkpoints", "tenant", "SELECT")
    rls.policy("audit_checkpoints", "job", "ALL", "true")
    rls.grant("audit_checkpoints", "job", "SELECT, INSERT")


def _tenants(everyone: list[str]) -> None:
    # Names and kinds of organisations are public within the district; every role may look them up,
    # and the login role reads the tree before it enters a span.
    for role in everyone:
        rls.grant("tenants", role, "SELECT")
    rls.grant("tenants", "app", "SELECT")
    rls.grant("tenants", "consumer", "SELECT, INSERT, UPDATE, DELETE")
