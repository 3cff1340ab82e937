"""Changes to visits and plans. The edge commits."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from chassis.days import numbered, series
from chassis.errors import FieldError, Invalid
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.requests import commands as requests
from ticket.visits import events, queries, rules
from ticket.visits.queries import Member
from ticket.visits.rules import Target
from ticket.visits.tables import plans, visits

MayVisit = Callable[[str, str], Awaitable[bool]]
"""Says whether an account (second) may visit in a tenant (first)."""


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan as it is made."""

    title: str
    target: Target
    floor: str
    start: date
    due: date
    every_days: int
    responsible: str
    """Who sees to it; empty for the one who makes it."""
    synthetic: bool


async def make_plan(unit: UnitOfWork, new: NewPlan, may_visit: MayVisit) -> Row:
    """Make a plan over everyone there is now and comes later.

    DUE_BEFORE_START, ROUNDS_OVERLAP, SYMPOSIUM_UNPLANNED, VISITOR_NOT_ENTITLED.
    """
    rules.check_plan(new.target, new.start, new.due, new.every_days)
    responsible = new.responsible or unit.context.caller.account_id
    if not await may_visit(unit.tenant_id, responsible):
        fields = [FieldError("responsible", "VISITOR_NOT_ENTITLED")]
        raise Invalid("VISITOR_NOT_ENTITLED", fields=fields)
    plan = unit.add(
        plans,
        {
            **unit.fresh(synthetic=new.synthetic),
            "title": new.title,
            "target": new.target,
            "floor": new.floor,
            "responsible": responsible,
            "start_date": new.start,
            "due_date": new.due,
            "every_days": new.every_days,
            "round": 1,
            "missed": 0,
            "settled": False,
            "closed_at": None,
        },
    )
    unit.audit("visits.plan", plan.id, target=plan.target)
    total = len(await queries.members(unit, plan))
    unit.emit(events.planned(plan, total), aggregate_id=plan.id, audience=_audience(plan))
    return plan


async def close_plan(unit: UnitOfWork, plan_id: str) -> Row:
    """End a plan. Twice is once."""
    plan = await queries.plan(unit, plan_id, lock=True)
    if plan.closed_at is not None:
        return plan
    unit.audit("visits.close", plan.id)
    unit.emit(events.closed(plan), aggregate_id=plan.id, audience=_audience(plan))
    return unit.change(plans, plan, {"closed_at": unit.now})


async def end_round(unit: UnitOfWork, plan_id: str) -> bool:
    """End a round whose last day has passed, and remind of those it left out; False if it has been done."""
    p = plans.c
    own = (p.tenant_id == unit.tenant_id) & (p.id == plan_id)
    plan = await unit.first(select(plans).where(own).with_for_update(skip_locked=True))
    if plan is None or plan.settled or plan.closed_at is not None or unit.now < rules.end_of(plan.due_date):
        return False
    missed = len(await queries.unvisited(unit, plan))
    unit.change(plans, plan, rules.next_round(plan, missed))
    if missed:
        unit.emit(events.overdue(plan, missed), aggregate_id=plan.id, audience=_audience(plan))
    return True


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody needs: a service item, in words, with its form, for a firm or for nobody's."""

    service_item_id: str
    summary: str
    form: Mapping[str, Any]
    enterprise_id: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a visitor brings back."""

    target: Target
    target_id: str
    visited_at: datetime | None
    remark: str
    needs: Sequence[Need]
    synthetic: bool
    checkin_code: str = ""
    topic: str = ""


async def record(unit: UnitOfWork, report: Report, secret: bytes) -> Row:
    """Record a visit; each need becomes a ticket at once, in the name of the firm that has it.

    TARGET_NOT_FOUND, CHECKIN_CODE_WRONG, TOPIC_MISSING, MINUTES_MISSING, VISIT_TIME_OUT_OF_RANGE, and
    whatever filing a ticket refuses.
    """
    rules.check_said(report.target, report.target_id, report.topic, report.remark)
    at = rules.visited_at(report.visited_at, unit.now)
    member = await _target(unit, report, secret)
    tickets = [await _ticket(unit, report, place, need, member) for place, need in enumerate(report.needs)]
    of_day = series("Z", unit.now)
    fresh = unit.fresh(synthetic=report.synthetic)
    visit = unit.add(
        visits,
        {
            **fresh,
            "number": numbered(of_day, await unit.number(of_day)),
            "target": report.target,
            "target_id": member.id or None,
            "target_name": member.name,
            "floor": member.floor,
            "visitor": unit.context.caller.account_id,
            "visited_at": at,
            "remark": report.remark,
            "ticket_ids": [ticket.id for ticket in tickets],
            "correlation_id": unit.context.correlation_id or fresh["id"],
        },
    )
    unit.emit(events.completed(visit), aggregate_id=visit.id, audience=(visit.visitor,))
    return visit


async def _target(unit: UnitOfWork, report: Report, secret: bytes) -> Member:
    if report.target is Target.SYMPOSIUM:
        return Member(report.target_id, report.topic, "")
    if report.target is Target.ENTERPRISE:
        return await queries.enterprise(unit, report.target_id, "target_id")
    site = await queries.site(unit, report.target_id)
    rules.check_code(report.checkin_code, rules.code(secret, unit.tenant_id, site.id))
    return site


async def _ticket(unit: UnitOfWork, report: Report, place: int, need: Need, member: Member) -> Row:
    at, firm = member, need.enterprise_id
    if firm:
        at = await queries.enterprise(unit, firm, f"needs[{place}].enterprise_id")
    elif report.target is Target.ENTERPRISE:
        firm = member.id
    return await requests.take_down(
        unit,
        need.service_item_id,
        enterprise_id=firm,
        floor=at.floor,
        summary=need.summary,
        form=need.form,
        synthetic=report.synthetic,
    )


def _audience(plan: Row) -> tuple[str, ...]:
    return tuple(dict.fromkeys((plan.responsible, plan.created_by)))
