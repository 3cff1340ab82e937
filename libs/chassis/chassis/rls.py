"""Row-level security for tenant tables, to be called from migrations.

Policies are bound to a service's context roles and never to its login role, so an unforeseen role
sees nothing. They are the second lock: queries state their tenant predicate as well.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from alembic import op

TENANT: Final = "nullif(current_setting('louyu.tenant', true), '')::uuid"
"""The tenant of the running transaction; NULL, hence no rows, when there is none."""
ACCOUNT: Final = "nullif(current_setting('louyu.account', true), '')::uuid"
SPAN: Final = "ANY (nullif(current_setting('louyu.span', true), '')::uuid[])"


def service() -> str:
    """The service whose database is being migrated."""
    name = op.get_context().opts["louyu_service"]
    assert isinstance(name, str)
    return name


def policy(
    table: str,
    role: str,
    command: Literal["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"],
    using: str,
    check: str | None = None,
) -> None:
    """One policy for one context role; it also grants the command to the role."""
    bound = f"{service()}_{role}"
    clauses = "" if command == "INSERT" else f" USING ({using})"
    if command in ("ALL", "INSERT", "UPDATE"):
        clauses += f" WITH CHECK ({check or using})"
    op.execute(f"CREATE POLICY {role}_{command.lower()} ON {table} FOR {command} TO {bound}{clauses}")


def grant(table: str, role: str, privileges: str) -> None:
    """Grant privileges on a table to a context role."""
    op.execute(f"GRANT {privileges} ON {table} TO {service()}_{role}")


def lock_down(table: str) -> None:
    """Enable and force row-level security, so that not even the owner sees rows without a policy."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def tenant_table(
    table: str,
    *,
    party: Mapping[str, Sequence[str]] | None = None,
    account: Sequence[str] = (),
    account_updates: Sequence[str] = (),
    span: bool = True,
    delete: bool = False,
    append_only: bool = False,
    consumer: Literal["tenant", "all"] = "tenant",
) -> None:
    """Guard a table whose rows each belong to one tenant.

    party            column that names the other side → the columns that side may update
    account          columns that name accounts; such an account reads the row in account scope,
                     and updates the columns of `account_updates`
    span             superiors may read the rows of the tenants below them
    append_only      nobody updates or deletes
    consumer         "all" lets event consumers write every tenant's rows in one transaction (for
                     projections); otherwise they are bound to the tenant of the event

    Jobs read every tenant's rows, to find what is due, and write only in the tenant they entered.
    """
    own = f"tenant_id = {TENANT}"
    writes = "SELECT, INSERT" + ("" if append_only else ", UPDATE")
    if delete:
        writes += ", DELETE"
    lock_down(table)
    policy(table, "tenant", "ALL", own)
    grant(table, "tenant", writes)
    policy(table, "consumer", "ALL", own if consumer == "tenant" else "true")
    grant(table, "consumer", writes + (", DELETE" if not delete and consumer == "all" else ""))
    policy(table, "job", "SELECT", "true")
    policy(table, "job", "INSERT", own)
    grant(table, "job", writes)
    if not append_only:
        policy(table, "job", "UPDATE", own)
    if delete:
        policy(table, "job", "DELETE", own)
    if span:
        policy(table, "span", "SELECT", f"tenant_id = {SPAN}")
        grant(table, "span", "SELECT")
    for column, updates in (party or {}).items():
        named = f"{column} = {TENANT}"
        policy(table, "party", "SELECT", named)
        grant(table, "party", "SELECT")
        if updates:
            policy(table, "party", "UPDATE", named)
            grant(table, "party", f"UPDATE ({', '.join(updates)})")
    if account:
        named = " OR ".join(f"{column} = {ACCOUNT}" for column in account)
        policy(table, "account", "SELECT", named)
        grant(table, "account", "SELECT")
        if account_updates:
            policy(table, "account", "UPDATE", named)
            grant(table, "account", f"UPDATE ({', '.join(account_updates)})")


def personal(table: str, privilege: Literal["DELETE", "UPDATE", "INSERT", ""] = "") -> None:
    """Let a person's rows be copied from a table, and erased in the one way that its declaration in
    `chassis.privacy` says: deleted, blanked, or not at all."""
    policy(table, "privacy", "ALL", "true")
    grant(table, "privacy", f"SELECT, {privilege}" if privilege else "SELECT")


def party_inserts(table: str, column: str) -> None:
    """Let the other side add rows to a child table, where `column` names it and the row stays the owner's."""
    policy(table, "party", "INSERT", f"{column} = {TENANT}")
    grant(table, "party", "INSERT")


def district_table(table: str, *, privileges: Mapping[str, str]) -> None:
    """Guard a table whose rows belong to no tenant: only the named context roles, by privilege."""
    lock_down(table)
    for role, granted in privileges.items():
        policy(table, role, "ALL", "true")
        grant(table, role, granted)
