"""The events of teams and duties: ids and figures."""

from typing import Final

from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import teams_pb2 as pb
from membership.teams import queries, rules
from membership.zones import queries as zones

STATE: Final = Words(pb.DutyState)


async def team_changed(unit: UnitOfWork, row: Row) -> None:
    """A team was formed or dissolved, or its members changed."""
    members = len((await queries.members_of(unit, (row.id,))).get(row.id, ()))
    held = await zones.figures(unit)
    event = pb.WorkTeamChanged(
        team_id=row.id,
        members=members,
        below_minimum=not row.dissolved and rules.is_below(members, held.team_minimum),
        dissolved=row.dissolved,
    )
    unit.emit(event, aggregate_id=row.id)


def duty_changed(unit: UnitOfWork, row: Row) -> None:
    """A duty is in another state."""
    event = pb.DutyChanged(
        duty_id=row.id,
        team_id=row.team_id or "",
        executor=row.executor_id,
        supervisor=row.supervisor_id,
        state=STATE.number(row.state),
    )
    unit.emit(event, aggregate_id=row.id)
