"""How many obligations one run of the job writes, on the service's own database, with its own code."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import asyncpg

from chassis import days
from chassis.clocks import BusinessClock
from chassis.database import Database
from chassis.ids import new_id
from chassis.units import Units
from deploy.local.services import database_url
from membership.cadence import jobs
from membership.cadence.starters import starters
from tests.bench.bench import Bench
from tests.bench.rows import BRANCHES

TENANTS = 1_000
AREAS, GROUPS, SITES, TEAMS = 20, 5, 4, 2
"""In each of them, beside one branch with its secretary."""
SINCE = timedelta(days=7)
"""So long ago the rules were adopted; the job was away since."""

_SUBJECTS = (
    BRANCHES,
    """
    INSERT INTO network_areas (tenant_id, id, created_at, updated_at, floor, name, closed)
    SELECT tenant, uuidv7(), now(), now(), n::text, '片区', false
    FROM unnest($1::uuid[]) AS tenant, generate_series(1, $2::int) AS n
    """,
    """
    INSERT INTO zones_locations (tenant_id, id, created_at, updated_at, floor, floor_order, name, site_id,
                                 plaque_number, code, closed)
    SELECT tenant, uuidv7(), now(), now(), n::text, n, '点位', uuidv7(), n::text, uuidv7(), false
    FROM unnest($1::uuid[]) AS tenant, generate_series(1, $2::int) AS n
    """,
    """
    INSERT INTO teams_teams (tenant_id, id, created_at, updated_at, name, dissolved)
    SELECT tenant, uuidv7(), now(), now(), '攻坚组 ' || n, false
    FROM unnest($1::uuid[]) AS tenant, generate_series(1, $2::int) AS n
    """,
)
_BUILDINGS = """
INSERT INTO tenants (tenant_id, kind, name_zh, name_en, state, superior_id, synthetic, updated_at)
SELECT tenant, 'building', '压测楼宇', 'Bench building', 'active', $2::uuid, true, now()
FROM unnest($1::uuid[]) AS tenant
"""
_RULES = """
WITH made AS (
  INSERT INTO cadence_rules (tenant_id, id, created_at, updated_at, code, next_on, synthetic)
  SELECT tenant, uuidv7(), now(), now(), $2::text, $3::date, true FROM unnest($1::uuid[]) AS tenant
  RETURNING tenant_id, id
)
INSERT INTO cadence_versions (tenant_id, rule_id, number, title_zh, title_en, scope, period, evidence,
                              activity_kind, unannounced, due_days, grace_days, from_on, created_by,
                              created_at)
SELECT tenant_id, id, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $3, '', now() FROM made
"""


async def periods(bench: Bench) -> dict[str, float]:
    """Obligations written in a second for a thousand buildings that follow all starter rules, while nothing
    else happens: a week of workdays, the weeks, months and longer periods that began in it."""
    await bench.quiet()
    superuser = await asyncpg.connect(bench.stack.superuser_url("membership"))
    await superuser.execute("SET session_replication_role = replica; SET jit = off")
    await bench.stack["membership"].stop()
    try:
        around = bench.stack.around
        password = around.secrets.services["membership"].app_password
        database = Database("membership", database_url("membership", around, "app", password))
        units = Units(database, BusinessClock())
        await _fill(superuser, units)
        job = jobs.keep_periods()
        began = time.perf_counter()
        await job.run(units)
        took = time.perf_counter() - began
        written = await superuser.fetchval("SELECT count(*) FROM cadence_obligations")
        await job.run(units)
        if written != await superuser.fetchval("SELECT count(*) FROM cadence_obligations"):
            raise AssertionError("a second run found more to write")
        await database.close()
    finally:
        await superuser.close()
        await bench.stack["membership"].start()
    return {"cadence_instances_per_s": written / took, "cadence_instances": float(written)}


async def _fill(superuser: asyncpg.Connection[asyncpg.Record], units: Units) -> None:
    tenants = [new_id() for _ in range(TENANTS)]
    await superuser.execute(_BUILDINGS, tenants, new_id())
    for statement, each in zip(_SUBJECTS, (GROUPS, AREAS, SITES, TEAMS), strict=True):
        await superuser.execute(statement, tenants, each)
    since = days.day_of(units.clock.now()) - SINCE
    for rule in starters().values():
        if rule.period is not None:
            said: tuple[Any, ...] = (
                rule.title_zh, rule.title_en, rule.scope, rule.period, rule.evidence,
                rule.activity_kind, rule.unannounced, rule.due_days, rule.grace_days,
            )  # fmt: skip
            await superuser.execute(_RULES, tenants, rule.code, since, *said)
    await superuser.execute("VACUUM (ANALYZE)")
