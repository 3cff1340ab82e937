"""Promise 23 begins here: whatever a service keeps, it says whose it is and what becomes of it."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import asyncpg
import pytest
from sqlalchemy import Column, ForeignKeyConstraint, Integer, MetaData, Table, Text

from chassis.privacy import CHASSIS_RECORDS, Fate, Record, blanked, nothing, undeclared
from chassis.tables import key
from deploy.local.services import WITH_DATABASE
from tests.contract.test_tables import metadata
from tests.fixtures.servers import Databases

REACHED = """
SELECT c.relname, array_agg(DISTINCT a.privilege_type::text) AS privileges
FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE r.rolname = $1 AND c.relkind = 'r' GROUP BY c.relname
"""
OWN = {"privacy_erasures", "privacy_held"}
"""Where erasures write down what they did; neither is about a person's rows elsewhere."""


def records(service: str) -> Sequence[Record]:
    """What the service declares."""
    found: Sequence[Record] = importlib.import_module(f"{service}.records").RECORDS
    return found


def tables(service: str) -> list[Table]:
    """Every table that the service's code knows; that the database has no others, test_tables shows."""
    return [table for known in metadata(service) for table in known.tables.values()]


@pytest.mark.parametrize("service", WITH_DATABASE)
def test_every_column_that_could_hold_something_says_whose_it_is(service: str) -> None:
    assert undeclared((*records(service), *CHASSIS_RECORDS), tables(service)) == []


@pytest.mark.parametrize("service", WITH_DATABASE)
def test_parents_are_declared_before_their_children(service: str) -> None:
    names = [record.name for record in records(service)]
    for place, record in enumerate(records(service)):
        for parent in record.through.values():
            assert parent in names[:place], f"{record.name} is about whoever {parent} is about"
        if record.fate is Fate.DELETED:
            keys = [c for c in record.table.constraints if isinstance(c, ForeignKeyConstraint)]
            above = {part.column.table.name for one in keys for part in one.elements}
            assert above <= set(names[:place]), f"{record.name} must go before what it refers to"


@pytest.mark.parametrize("service", WITH_DATABASE)
async def test_an_erasure_may_do_what_it_declares_and_nothing_else(
    databases: Databases, service: str
) -> None:
    database = await databases.fresh(service)
    connection = await asyncpg.connect(database.superuser_url)
    try:
        rows = await connection.fetch(REACHED, f"{service}_privacy")
    finally:
        await connection.close()
    reached = {row["relname"]: set(row["privileges"]) for row in rows if row["relname"] not in OWN}
    declared = {
        record.name: {"SELECT"} | ({record.privilege} if record.privilege else set())
        for record in (*records(service), *CHASSIS_RECORDS)
        if record.fate is not Fate.NOTHING
    }
    declared["audit_entries"].add("INSERT")
    assert reached == declared


def test_a_column_that_somebody_forgets_is_found() -> None:
    table = Table(
        "notes",
        MetaData(),
        key("tenant_id"),
        key("id"),
        key("author"),
        Column("text", Text),
        Column("n", Integer),
    )
    assert undeclared([], [table]) == ["notes: nothing is said about this table"]
    assert undeclared([nothing(table)], [table]) == [
        "notes.author: is it about a person?",
        "notes.text: is it about a person?",
    ]
    assert undeclared([blanked(table, words="text", acted="author")], [table]) == [
        "notes: whose rows are they?"
    ]
    assert undeclared([blanked(table, subject="author", words="text")], [table]) == []
    assert undeclared([nothing(table, plain="author author text old")], [table]) == [
        "notes.old does not exist",
        "notes.author is said twice",
    ]
