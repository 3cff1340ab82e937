"""What becomes of a hazard whose deadline has passed: it is brought before the organisations above, and
nobody else."""

from sqlalchemy import insert, select

from chassis import tables as chassis_tables
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.hazards import events, rules
from ticket.hazards.settings import SETTINGS
from ticket.hazards.tables import escalations, hazards, timeline


async def escalate(unit: UnitOfWork, hazard_id: str) -> bool:
    """Escalate a hazard of the unit's tenant; False if somebody just did something about it."""
    h = hazards.c
    hazard = await unit.first(
        select(hazards)
        .where(h.tenant_id == unit.tenant_id, h.id == hazard_id)
        .with_for_update(skip_locked=True)
    )
    if hazard is None or not rules.is_due(hazard.state, hazard.deadline_at, hazard.overdue_at, unit.now):
        return False
    desk = (await SETTINGS.current(unit)).desk
    late = unit.change(hazards, hazard, {"overdue_at": unit.now})
    unit.add(
        timeline,
        {
            "tenant_id": late.tenant_id,
            "hazard_id": late.id,
            "id": new_id(),
            "kind": "escalated",
            "actor": None,
            "text": "",
            "state": late.state,
            "attachments": [],
            "created_at": unit.now,
        },
    )
    unit.audit("hazards.escalate", late.id)
    unit.emit(events.overdue(late, desk), aggregate_id=late.id, audience=rules.audience(late))
    await _bring_before_those_above(unit, late)
    return True


async def _bring_before_those_above(unit: UnitOfWork, hazard: Row) -> None:
    t = chassis_tables.tenants.c
    building = await unit.first(select(chassis_tables.tenants).where(t.tenant_id == unit.tenant_id))
    if building is None:
        return
    for party_id in dict.fromkeys(one for one in (building.superior_id, building.region_id) if one):
        escalation_id = new_id()
        row = {
            "tenant_id": hazard.tenant_id,
            "id": escalation_id,
            "version": 1,
            "created_at": unit.now,
            "updated_at": unit.now,
            "created_by": unit.context.caller.actor,
            "synthetic": hazard.synthetic,
            "hazard_id": hazard.id,
            "party_id": party_id,
            "building_name_zh": building.name_zh,
            "building_name_en": building.name_en,
            "number": hazard.number,
            "hazard_class": hazard.hazard_class,
            "severity": hazard.severity,
            "site_name": hazard.site_name,
            "state": hazard.state,
            "deadline_at": hazard.deadline_at,
        }
        await unit.execute(insert(escalations), row)
        unit.emit(events.escalated(hazard, escalation_id, party_id, rules.DESK), aggregate_id=hazard.id)
