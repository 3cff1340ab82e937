"""Obligations out of rules: for every period that began, one for each whom the rule binds.

However many there are, they are written by one statement a building; what is there already stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, update

from chassis import days
from chassis import tables as chassis_tables
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.cadence import events, queries, settlement
from membership.cadence.periods import DAY, Period, begun
from membership.cadence.rules import due_and_close
from membership.cadence.settings import works
from membership.cadence.tables import rules

_OBLIGATIONS: Final = f"""
WITH subject AS (
  SELECT 'building' AS scope, $1::uuid AS id, '' AS name, '' AS floor
  UNION ALL
  SELECT bound.scope, o.id, o.name, o.floor
  FROM orgs_orgs AS o JOIN (VALUES ('branch', 'branch'), ('branch', 'secretary'), ('group', 'group'))
       AS bound (kind, scope) ON bound.kind = o.kind
  WHERE o.tenant_id = $1 AND o.state = 'active' AND o.enterprise_id IS NULL
  UNION ALL
  SELECT 'area', a.id, a.floor || 'F ' || a.name, a.floor
  FROM network_areas AS a WHERE a.tenant_id = $1 AND NOT a.closed
  UNION ALL
  SELECT 'site', l.site_id, min(l.floor || 'F ' || l.name), min(l.floor)
  FROM zones_locations AS l
  WHERE l.tenant_id = $1 AND NOT l.closed AND l.site_id IS NOT NULL GROUP BY l.site_id
  UNION ALL
  SELECT 'team', t.id, t.name, '' FROM teams_teams AS t WHERE t.tenant_id = $1 AND NOT t.dissolved
),
made AS (
  INSERT INTO cadence_obligations (
    tenant_id, id, created_at, updated_at, created_by, synthetic, rule_id, code, title_zh, title_en, scope,
    period, evidence, activity_kind, unannounced, subject_id, subject_name, floor, superior_id, start_on,
    until_on, due_on, closes_on, state, attested, reference, reason, level)
  SELECT $1, uuidv7(), $2::timestamptz, $2::timestamptz, $3::text, r.synthetic, r.id, r.code, v.title_zh,
         v.title_en, v.scope, v.period, v.evidence, v.activity_kind, v.unannounced, s.id, s.name, s.floor,
         place.superior_id, p.start_on, p.until_on, p.due_on, p.closes_on, 'open', false, '', '', 0
  FROM unnest($4::uuid[], $5::int[], $6::date[], $7::date[], $8::date[], $9::date[])
       AS p (rule_id, number, start_on, until_on, due_on, closes_on)
  JOIN cadence_rules AS r ON r.tenant_id = $1 AND r.id = p.rule_id
  JOIN cadence_versions AS v ON v.tenant_id = $1 AND v.rule_id = p.rule_id AND v.number = p.number
  JOIN subject AS s ON s.scope = v.scope
  LEFT JOIN (SELECT coalesce(superior_id, region_id) AS superior_id
             FROM {chassis_tables.tenants.name} WHERE tenant_id = $1) AS place ON true
  ON CONFLICT (tenant_id, rule_id, subject_id, start_on) DO NOTHING
  RETURNING rule_id, start_on
)
SELECT rule_id, start_on, count(*)::int AS obligations FROM made GROUP BY rule_id, start_on
"""

_MOVED: Final = (
    update(rules)
    .where(rules.c.tenant_id == bindparam("own_tenant"), rules.c.id == bindparam("own_id"))
    .values(next_on=bindparam("seam"))
)


@dataclass(frozen=True, slots=True)
class Due:
    """A period of one version of a rule, and its days."""

    rule: Row
    number: int
    period: Period
    due_on: date
    closes_on: date


async def generate(unit: UnitOfWork) -> int:
    """Write the obligations of every period that began in the building, and look at what is there for them;
    how many there are."""
    today = days.day_of(unit.now)
    due = await _due(unit)
    if not due:
        return 0
    made = await unit.connection.fetch(
        _OBLIGATIONS, unit.tenant_id, unit.now, unit.context.caller.actor, *_columns(due)
    )
    await _move_on(unit, due)
    counts = {(row.rule_id, row.start_on): row.obligations for row in made}
    for one in due:
        if bound := counts.get((one.rule.id, one.period.start)):
            events.began(unit, one.rule, one.period, one.due_on, bound)
    first = min(one.period.start for one in due)
    await settlement.settle_shown(unit, first, today)
    return len(due)


async def _due(unit: UnitOfWork) -> list[Due]:
    today, is_worked = days.day_of(unit.now), await works(unit)
    found: list[Due] = []
    waiting = await queries.waiting(unit, today)
    versions = await queries.versions_of(unit, [row.id for row in waiting])
    for rule in waiting:
        found.extend(
            Due(rule, version.number, period, *due_and_close(period.until, queries.rule_of(version)))
            for version, period in begun(versions[rule.id], rule.next_on, today, is_worked)
        )
    return found


def _columns(due: Sequence[Due]) -> Sequence[Sequence[Any]]:
    rows = [
        (one.rule.id, one.number, one.period.start, one.period.until, one.due_on, one.closes_on)
        for one in due
    ]
    return list(zip(*rows, strict=True))


async def _move_on(unit: UnitOfWork, due: Sequence[Due]) -> None:
    last = {one.rule.id: one.period.until + DAY for one in due}
    rows = [
        {"own_tenant": unit.tenant_id, "own_id": rule_id, "seam": next_on}
        for rule_id, next_on in last.items()
    ]
    await unit.execute_many(_MOVED, rows)
