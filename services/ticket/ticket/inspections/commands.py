"""Changes to inspections. The edge commits."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chassis.days import numbered, series
from chassis.errors import FieldError, Invalid, WrongState
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.hazards import commands as hazards
from ticket.inspections import events, queries, rules
from ticket.inspections.rules import Answer, Result, State
from ticket.inspections.tables import inspections
from ticket.sites import queries as sites

MayInspect = Callable[[str, str], Awaitable[bool]]
"""Says whether an account (second) may inspect in a tenant (first)."""


async def plan(
    unit: UnitOfWork,
    site_id: str,
    inspector: str,
    planned: date,
    may_inspect: MayInspect,
    *,
    synthetic: bool,
) -> Row:
    """Plan an inspection, silently: there is no event and no message. INSPECTOR_NOT_ENTITLED for an account
    that cannot inspect here."""
    rules.check_plan_date(planned, unit.now)
    inspector = inspector or unit.context.caller.account_id
    if not await may_inspect(unit.tenant_id, inspector):
        fields = [FieldError("inspector", "INSPECTOR_NOT_ENTITLED")]
        raise Invalid("INSPECTOR_NOT_ENTITLED", fields=fields)
    site = await sites.in_use(unit, site_id)
    row = await _new(unit, site, inspector, synthetic=synthetic)
    return unit.add(inspections, {**row, "state": State.PLANNED, "plan_date": planned})


async def cancel(unit: UnitOfWork, inspection_id: str) -> Row:
    """Call a planned inspection off. Twice is once."""
    inspection = await queries.inspection(unit, inspection_id, lock=True)
    if inspection.state == State.CANCELLED:
        return inspection
    if inspection.state != State.PLANNED:
        raise WrongState("INSPECTION_WRONG_STATE", state=inspection.state)
    return unit.change(inspections, inspection, {"state": State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Report:
    """What an inspector brings back."""

    site_id: str
    inspection_id: str
    inspected_at: datetime | None
    answers: Sequence[Answer]
    remark: str
    synthetic: bool


async def record(unit: UnitOfWork, report: Report) -> Row:
    """Record an inspection that was made; each problem becomes a hazard."""
    answers = rules.in_order(report.answers)
    at = rules.inspected_at(report.inspected_at, unit.now)
    account = unit.context.caller.account_id
    planned: Row | None = None
    if report.inspection_id:
        planned = await queries.inspection(unit, report.inspection_id, lock=True)
        rules.check_planned(planned, account, report.site_id)
    site = await sites.in_use(unit, report.site_id)
    begun = dict(planned) if planned else await _new(unit, site, account, synthetic=report.synthetic)
    checks = [await _check(unit, report, str(begun["id"]), answer) for answer in answers]
    result = {
        "state": State.DONE,
        "inspected_at": at,
        "recorded_at": unit.now,
        "checks": checks,
        "problems": sum(answer.result is Result.PROBLEM for answer in answers),
        "remark": report.remark,
    }
    if planned is not None:
        inspection = unit.change(inspections, planned, result)
    else:
        inspection = unit.add(inspections, {**begun, **result})
    unit.emit(events.done(inspection), aggregate_id=inspection.id, audience=(inspection.inspector,))
    return inspection


async def _check(unit: UnitOfWork, report: Report, inspection_id: str, answer: Answer) -> dict[str, Any]:
    hazard_id = ""
    if answer.result is Result.PROBLEM:
        finding = hazards.Finding(
            site_id=report.site_id,
            hazard_class=answer.check_class,
            severity=answer.severity,
            whereabouts="",
            description=answer.remark,
            photos=answer.photos,
            synthetic=report.synthetic,
            inspection_id=inspection_id,
        )
        hazard_id = (await hazards.report(unit, finding)).id
    return {
        "check_class": answer.check_class,
        "result": answer.result,
        "remark": answer.remark,
        "hazard_id": hazard_id,
        "photos": list(answer.photos),
    }


async def _new(unit: UnitOfWork, site: Row, inspector: str, *, synthetic: bool) -> dict[str, Any]:
    of_day = series("X", unit.now)
    return {
        **unit.fresh(synthetic=synthetic),
        "number": numbered(of_day, await unit.number(of_day)),
        "site_id": site.id,
        "site_name": site.name,
        "floor": site.floor,
        "inspector": inspector,
        "plan_date": None,
        "inspected_at": None,
        "recorded_at": None,
        "checks": [],
        "problems": 0,
        "remark": "",
    }
