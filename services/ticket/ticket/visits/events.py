"""The words of visits on the wire, their events, and the enterprises that membership tells of."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.dialects.postgresql import insert

from chassis.consumer import Consumer
from chassis.events import Event
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import enterprises_pb2
from louyu.ticket.v1 import visits_pb2 as pb
from ticket.visits.tables import enterprises

TARGET: Final = Words(pb.VisitTarget)
_NAMED: Final = (enterprises_pb2.EnterpriseRegistered, enterprises_pb2.EnterpriseChanged)


def completed(visit: Row) -> pb.VisitCompleted:
    return pb.VisitCompleted(
        visit_id=visit.id,
        number=visit.number,
        target=TARGET.number(visit.target),
        target_id=visit.target_id or "",
        visitor=visit.visitor,
        needs=len(visit.ticket_ids),
        synthetic=visit.synthetic,
    )


def planned(plan: Row, total: int) -> pb.VisitPlanMade:
    return pb.VisitPlanMade(
        visit_plan_id=plan.id,
        target=TARGET.number(plan.target),
        responsible=plan.responsible,
        maker=plan.created_by,
        total=total,
        due_date=plan.due_date.isoformat(),
    )


def closed(plan: Row) -> pb.VisitPlanClosed:
    return pb.VisitPlanClosed(visit_plan_id=plan.id)


def overdue(plan: Row, unvisited: int) -> pb.VisitPlanOverdue:
    return pb.VisitPlanOverdue(
        visit_plan_id=plan.id,
        maker=plan.created_by,
        responsible=plan.responsible,
        unvisited=unvisited,
        round=plan.round,
    )


def enterprises_consumer() -> Consumer:
    """Follows the registry, so that a plan knows everyone who is in the building and nobody who has left."""
    return Consumer("enterprises", "membership", ("enterprise",), _apply)


async def _apply(unit: UnitOfWork, events: Sequence[Event]) -> None:
    for event in events:
        said: Any = event.message
        if isinstance(said, _NAMED):
            row = {
                "tenant_id": unit.tenant_id,
                "id": event.aggregate_id,
                "name": said.name,
                "floor": said.floor,
                "moved_out": False,
                "updated_at": event.occurred_at,
            }
            given = {name: row[name] for name in ("name", "floor", "moved_out", "updated_at")}
            statement = insert(enterprises).values(row)
            await unit.execute(
                statement.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=given)
            )
        elif isinstance(said, enterprises_pb2.EnterpriseMovedOut):
            e = enterprises.c
            await unit.execute(
                enterprises.update()
                .where(e.tenant_id == unit.tenant_id, e.id == event.aggregate_id)
                .values(moved_out=True, updated_at=event.occurred_at)
            )
