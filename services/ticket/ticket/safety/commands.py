"""Changes to observations and incidents. The edge commits."""

from collections.abc import Mapping
from datetime import datetime

from chassis.days import numbered, series
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.safety import events, rules
from ticket.safety.rules import Kind
from ticket.safety.tables import incidents, observations
from ticket.sites import queries as sites


async def observe(
    unit: UnitOfWork,
    site_id: str,
    said: datetime | None,
    acts: int,
    counts: Mapping[str, int],
    *,
    synthetic: bool,
) -> Row:
    """Record how many acts were watched and how many of them were unsafe."""
    unsafe = rules.check_counts(acts, counts)
    at = rules.happened_at(said, unit.now, "observe_time")
    site = await sites.in_use(unit, site_id)
    observation = unit.add(
        observations,
        {
            **unit.fresh(synthetic=synthetic),
            "site_id": site.id,
            "site_name": site.name,
            "observed_at": at,
            "acts": acts,
            "unsafe": unsafe,
            "counts": dict(counts),
            "observer": unit.context.caller.account_id,
        },
    )
    unit.emit(events.observed(observation), aggregate_id=observation.id)
    return observation


async def report(
    unit: UnitOfWork, kind: Kind, site_id: str, said: datetime | None, summary: str, *, synthetic: bool
) -> Row:
    """Report an incident. An accident begins the place's accident-free days anew."""
    rules.check_reporter(kind, looks_after_safety=unit.context.has("B"))
    at = rules.happened_at(said, unit.now, "occur_time")
    site = await sites.in_use(unit, site_id)
    reporter = rules.kept_reporter(kind, unit.context.caller.account_id)
    of_day = series("S", unit.now)
    incident = unit.add(
        incidents,
        {
            "tenant_id": unit.tenant_id,
            "id": new_id(),
            "version": 1,
            "created_at": unit.now,
            "updated_at": unit.now,
            "created_by": reporter or "",
            "synthetic": synthetic,
            "number": numbered(of_day, await unit.number(of_day)),
            "kind": kind,
            "site_id": site.id,
            "site_name": site.name,
            "occurred_at": at,
            "summary": summary,
            "reporter": reporter,
        },
    )
    if kind is Kind.ACCIDENT:
        unit.audit("safety.accident", incident.id)
    unit.emit(events.reported(incident), aggregate_id=incident.id)
    return incident
