"""Fills both databases with tickets, past the API: a million orders would take the rest of the day."""

from __future__ import annotations

import asyncpg

from tests.bench.people import Tenant

TIMEOUT_S = 600.0

# A closed ticket of last year like the one that the API made, again and again, spread over the tenants.
_CHANGED = {
    "id": "uuidv7(-interval '1 year')",
    "number": "'A' || to_char(model.place * 10000000 + n, 'FM0000000000')",
    "state": "'closed'",
    "next_due_clock": "NULL",
    "next_due_at": "NULL",
    "warn_at": "NULL",
    "look_at": "NULL",
    "summary": "'历史工单 ' || n",
}
_TICKETS = """
INSERT INTO requests_tickets ({columns})
SELECT {values}
FROM (SELECT *, row_number() OVER (ORDER BY tenant_id) AS place
      FROM (SELECT DISTINCT ON (tenant_id) * FROM requests_tickets ORDER BY tenant_id, id) AS t) AS model,
     generate_series($1::bigint, $2::bigint) AS n
"""
_HEADS = """
INSERT INTO outbox_heads (tenant_id, aggregate_id, seq)
SELECT tenant_id, id, 1 FROM requests_tickets ON CONFLICT DO NOTHING
"""
_CONTROL = """
INSERT INTO tickets (id, tenant_id, number, service_item_id, requester, state, urgency, summary, form,
                     created_at, updated_at)
SELECT uuidv7(-interval '1 year'), tenant, 'A' || n, uuidv4(), uuidv4(), 'closed', 'normal', '历史工单 ' || n,
       '{}', now() - interval '1 year', now() - interval '1 year'
FROM unnest($1::uuid[]) AS tenant, generate_series(1, $2::bigint) AS n
"""

# A branch and so many groups in each of some tenants, approved and at work.
BRANCHES = """
INSERT INTO orgs_orgs (tenant_id, id, created_at, updated_at, kind, name, name_key, serves, floor, state,
                       applicant_id, approved_on, founded_on)
SELECT tenant, uuidv7(), now(), now(), kind, kind || ' ' || n, kind || n, '', '', 'active',
       CASE WHEN kind = 'branch' THEN uuidv4() END, now(), now()
FROM unnest($1::uuid[]) AS tenant,
     (SELECT 'branch', 1 UNION ALL SELECT 'group', g FROM generate_series(1, $2::int) AS g) AS o (kind, n)
"""


async def fill_tickets(superuser_url: str, wanted: int) -> int:
    """Brings the number of tickets to about `wanted`; returns how many there are."""
    connection = await asyncpg.connect(superuser_url)
    try:
        # Checking a million foreign keys that hold by construction proves nothing.
        await connection.execute("SET session_replication_role = replica; SET jit = off")
        present: int = await connection.fetchval("SELECT count(*) FROM requests_tickets")
        tenants: int = await connection.fetchval("SELECT count(DISTINCT tenant_id) FROM requests_tickets")
        each = (wanted - present) // tenants
        if each > 0:
            first: int = await connection.fetchval(
                "SELECT coalesce(max(substr(number, 2)::bigint % 10000000), 0) + 1 "
                "FROM requests_tickets WHERE number LIKE 'A%'"
            )
            columns = [
                row["column_name"]
                for row in await connection.fetch(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = 'requests_tickets'"
                )
            ]
            values = ", ".join(_CHANGED.get(column, f"model.{column}") for column in columns)
            statement = _TICKETS.format(columns=", ".join(columns), values=values)
            await connection.execute(statement, first, first + each - 1, timeout=TIMEOUT_S)
            await connection.execute(_HEADS, timeout=TIMEOUT_S)
        # Or the server would tidy up after the filling while the tickets are measured.
        for table in ("requests_tickets", "requests_timeline", "outbox_heads"):
            await connection.execute(f"VACUUM (ANALYZE) {table}", timeout=TIMEOUT_S)
        await connection.execute("CHECKPOINT", timeout=TIMEOUT_S)
        total: int = await connection.fetchval("SELECT count(*) FROM requests_tickets")
        return total
    finally:
        await connection.close()


async def fill_control(url: str, tenants: list[Tenant], wanted: int) -> None:
    """Gives the control as many tickets, over the same tenants."""
    connection = await asyncpg.connect(url)
    try:
        ids = [tenant.id for tenant in tenants]
        await connection.execute(_CONTROL, ids, wanted // len(ids), timeout=TIMEOUT_S)
        await connection.execute("VACUUM (ANALYZE) tickets", timeout=TIMEOUT_S)
    finally:
        await connection.close()
