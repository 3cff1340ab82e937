"""The second lock: every table of a tenant's rows is closed to whoever states no tenant."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.tables import CHASSIS
from deploy.local.services import WITH_DATABASE
from tests.fixtures.servers import Databases

ROOT = Path(__file__).resolve().parents[2]

TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, r.rolname AS owner, r.rolsuper, r.rolbypassrls,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
               AND NOT a.attisdropped) AS of_a_tenant
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
"""
KEYS = """
SELECT t.relname, con.conname, con.contype,
       (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(con.conkey) WITH ORDINALITY AS k (num, n)
        JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.num) AS columns
FROM pg_constraint con JOIN pg_class t ON t.oid = con.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = 'public' AND con.contype IN ('p', 'u', 'f')
"""
POLICIES = (
    "SELECT tablename, policyname, roles::text[] AS roles, cmd FROM pg_policies WHERE schemaname = 'public'"
)
ROLES = "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE $1"

DISTRICT_WIDE = {"identity": re.compile(r"(people|accounts|grants|sessions|clients|tenants|keys|clock)_?.*")}
"""Identity's persons, accounts and grants belong to the district, not to one tenant."""


NOT_ROWS_OF_A_TENANT = {"tenants"}
"""The list of tenants that every service keeps: names and kinds, which are public within the district."""


def metadata(service: str) -> Any:
    """What the service's code believes its tables to be."""
    package = ROOT / "services" / service / service
    names = sorted(path.parent.name for path in package.glob("*/tables.py"))
    modules = [importlib.import_module(f"{service}.{name}.tables") for name in names]
    return [CHASSIS, *(module.METADATA for module in modules)]


@pytest.mark.parametrize("service", WITH_DATABASE)
async def test_every_tenant_table_has_forced_row_security(databases: Databases, service: str) -> None:
    database = await databases.fresh(service)
    connection = await asyncpg.connect(database.superuser_url)
    try:
        tables = await connection.fetch(TABLES)
        policies = await connection.fetch(POLICIES)
        roles = await connection.fetch(ROLES, f"{service}\\_%")
    finally:
        await connection.close()
    assert tables
    for table in tables:
        assert not table["rolsuper"]
        assert not table["rolbypassrls"]
        if table["of_a_tenant"] and table["relname"] not in NOT_ROWS_OF_A_TENANT:
            assert table["relrowsecurity"], f"{table['relname']}: row security is off"
            assert table["relforcerowsecurity"], f"{table['relname']}: row security is not forced"
    for policy in policies:
        assert "public" not in policy["roles"], f"{policy['policyname']} is for everyone"
        assert all(role.startswith(f"{service}_") for role in policy["roles"])
    for role in roles:
        assert not role["rolsuper"]
        assert not role["rolbypassrls"]
        assert role["rolcanlogin"] == (role["rolname"] in (f"{service}_app", f"{service}_owner"))


@pytest.mark.parametrize("service", WITH_DATABASE)
async def test_every_key_of_a_tenant_table_begins_with_the_tenant(databases: Databases, service: str) -> None:
    database = await databases.fresh(service)
    connection = await asyncpg.connect(database.superuser_url)
    try:
        of_tenants = {row["relname"] for row in await connection.fetch(TABLES) if row["of_a_tenant"]}
        keys = await connection.fetch(KEYS)
    finally:
        await connection.close()
    own = of_tenants - set(CHASSIS.tables)
    wide = DISTRICT_WIDE.get(service)
    wrong = [
        f"{row['relname']}.{row['conname']} {row['columns']}"
        for row in keys
        if row["relname"] in own and "tenant_id" not in row["columns"][:1]
        if wide is None or not wide.fullmatch(row["relname"])
    ]
    assert wrong == []


@pytest.mark.parametrize("service", WITH_DATABASE)
async def test_the_migrated_database_is_what_the_code_believes(databases: Databases, service: str) -> None:
    database = await databases.fresh(service)
    engine = create_async_engine(database.owner_url)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [
            found
            for found in compare_metadata(context, metadata(service))
            if "alembic_version" not in repr(found)
        ]

    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()


@pytest.mark.parametrize("service", WITH_DATABASE)
async def test_without_a_context_the_login_sees_nothing(databases: Databases, service: str) -> None:
    database = await databases.fresh(service)
    connection = await asyncpg.connect(database.app_url.replace("+asyncpg", ""))
    try:
        for table in await connection.fetch(TABLES):
            if not table["of_a_tenant"] or table["relname"] in NOT_ROWS_OF_A_TENANT:
                continue
            try:
                seen = await connection.fetchval(f'SELECT count(*) FROM "{table["relname"]}"')
            except asyncpg.InsufficientPrivilegeError:
                continue
            assert seen == 0
    finally:
        await connection.close()
