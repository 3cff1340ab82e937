"""How long a page of the roster takes among a million people."""

from __future__ import annotations

import asyncpg
import httpx

from chassis.ids import new_id
from tests.bench.bench import Bench
from tests.bench.load import Connection, Operation, open_loop, request
from tests.bench.people import Tenant
from tests.bench.rows import BRANCHES, TIMEOUT_S

TENANTS = 1_000
EACH = 1_000
GROUPS = 5
PER_S = 50.0
SECONDS = 20.0

_MEMBERS = """
INSERT INTO members_members (tenant_id, id, created_at, updated_at, synthetic, person_id, display, body, kind,
                             stage, org_id, group_id, state, told_on, told_how, activated_at)
SELECT branch.tenant_id, uuidv7(), now(), now(), true, uuidv4(), '演示党员 ' || n, 'party', 'own', 'full',
       branch.id, team.id, 'active', now(), 'letter', now()
FROM orgs_orgs AS branch
JOIN LATERAL (SELECT id, row_number() OVER (ORDER BY id) AS place FROM orgs_orgs
              WHERE tenant_id = branch.tenant_id AND kind = 'group') AS team ON true
JOIN generate_series(1, $2::int) AS n ON n % $3 = team.place - 1
WHERE branch.tenant_id = ANY($1::uuid[]) AND branch.kind = 'branch'
"""


async def pages(bench: Bench) -> dict[str, float]:
    """Pages of 25 as a clerk turns them: the first, the one after it, and the first of a branch."""
    await bench.quiet()
    own = [tenant.id for tenant in bench.people.tenants]
    people = await _fill(bench, [*own, *(new_id() for _ in range(TENANTS - len(own)))])
    await bench.people.sign_in()
    operation = await _turning(bench, bench.people.tenants)
    await open_loop(bench.port, operation, per_s=PER_S, seconds=4.0)
    measured = await open_loop(bench.port, operation, per_s=PER_S, seconds=SECONDS)
    return {
        "roster_page_ms_p99": measured.percentile_ms(99),
        "roster_page_ms_p50": measured.percentile_ms(50),
        "roster_people": float(people),
    }


async def _fill(bench: Bench, tenants: list[str]) -> int:
    membership = await asyncpg.connect(bench.stack.superuser_url("membership"))
    try:
        await membership.execute("SET session_replication_role = replica; SET jit = off")
        await membership.execute(BRANCHES, tenants, GROUPS)
        await membership.execute(_MEMBERS, tenants, EACH, GROUPS, timeout=TIMEOUT_S)
        await membership.execute("VACUUM (ANALYZE) members_members", timeout=TIMEOUT_S)
        await membership.execute("VACUUM (ANALYZE) orgs_orgs", timeout=TIMEOUT_S)
        await membership.execute("CHECKPOINT", timeout=TIMEOUT_S)
        people: int = await membership.fetchval("SELECT count(*) FROM members_members")
        return people
    finally:
        await membership.close()


async def _turning(bench: Bench, tenants: list[Tenant]) -> Operation:
    ready: list[bytes] = []
    async with httpx.AsyncClient(base_url=bench.stack.url, timeout=60) as http:
        for tenant in tenants:
            path = f"/v1/tenants/{tenant.id}/members?page_size=25"
            page = (await http.get(path, headers=tenant.clerk.headers)).raise_for_status().json()
            branch = page["members"][0]["org_id"]
            for each in (path, f"{path}&page_token={page['next_page_token']}", f"{path}&org_id={branch}"):
                ready.append(request("GET", each, headers=tenant.clerk.headers))

    async def operation(connection: Connection, number: int) -> None:
        await connection.send(ready[number * 7 % len(ready)])

    return operation
