"""A database and its roles for each service, on any PostgreSQL where we may create them.

`<s>_owner` owns the tables; migrations log in as it. `<s>_app` is what the process logs in as: it inherits
nothing and can only put on a context role. The context roles (chassis.database.CONTEXT_ROLES) are what
row-level security speaks of: one per transaction, and nobody logs in as one.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import asyncpg

from chassis.database import CONTEXT_ROLES

# No superuser, no way around row-level security, not even by accident of a cluster's defaults.
_PLAIN = "NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def with_login(url: str, database: str, user: str, password: str) -> str:
    """The same server, another database and login, as chassis.database wants to be told."""
    parts = urlsplit(url)
    host = parts.hostname or "127.0.0.1"
    address = f"{user}:{password}@{host}:{parts.port or 5432}"
    return urlunsplit(("postgresql+asyncpg", address, f"/{database}", parts.query, ""))


async def create_roles(
    admin: asyncpg.Connection[asyncpg.Record], service: str, owner_password: str, app_password: str
) -> None:
    """Makes the roles of a service, or gives existing ones the attributes and passwords they should have."""
    logins = {f"{service}_owner": owner_password, f"{service}_app": app_password}
    context = [f"{service}_{role}" for role in CONTEXT_ROLES]
    present = {
        row["rolname"]
        for row in await admin.fetch(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY($1)", [*logins, *context]
        )
    }
    statements = []
    for name, password in logins.items():
        verb = "ALTER" if name in present else "CREATE"
        statements.append(f"{verb} ROLE {name} LOGIN NOINHERIT {_PLAIN} PASSWORD {_literal(password)}")
    for name in context:
        verb = "ALTER" if name in present else "CREATE"
        statements.append(f"{verb} ROLE {name} NOLOGIN NOINHERIT {_PLAIN}")
        statements.append(f"GRANT {name} TO {service}_app WITH INHERIT FALSE, SET TRUE")
    await admin.execute(";\n".join(statements))


async def create_database(
    admin: asyncpg.Connection[asyncpg.Record], name: str, service: str, *, template: str = "template0"
) -> bool:
    """Makes a database that the service's owner owns. False: it was there."""
    if await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        return False
    quoted = f'"{name}"'  # window is a word of SQL
    await admin.execute(f"CREATE DATABASE {quoted} OWNER {service}_owner TEMPLATE {template} ENCODING 'UTF8'")
    await admin.execute(
        f"REVOKE ALL ON DATABASE {quoted} FROM PUBLIC; GRANT CONNECT ON DATABASE {quoted} TO {service}_app"
    )
    return True
