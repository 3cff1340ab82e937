"""Teams and duties in the contract's words."""

from collections.abc import Sequence
from datetime import timedelta

from chassis import days
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import teams_pb2 as pb
from membership.teams import duties, queries, rules
from membership.teams.events import STATE
from membership.teams.rules import State
from membership.zones import queries as zones


async def team(reader: Reader, row: Row) -> pb.WorkTeam:
    """A team by itself."""
    members = (await queries.members_of(reader, (row.id,))).get(row.id, ())
    held = await zones.figures(reader)
    return _team(reader, row, members, held.team_minimum)


def _team(reader: Reader, row: Row, members: Sequence[Row], minimum: int) -> pb.WorkTeam:
    return pb.WorkTeam(
        id=row.id,
        name=row.name,
        members=[
            pb.TeamMember(
                person_id=one.person_id if reader.context.has("BTF") else "",
                display=one.display,
                leads=one.leads,
                from_date=days.written(one.from_on),
            )
            for one in members
        ],
        below_minimum=not row.dissolved and rules.is_below(len(members), minimum),
        minimum=minimum,
        dissolved=row.dissolved,
        synthetic=row.synthetic,
    )


async def board(reader: Reader, rows: Sequence[Row], period: int) -> list[pb.WorkTeam]:
    """Teams beside each other, with what they achieved in so many days."""
    today = days.day_of(reader.now)
    ids = [row.id for row in rows]
    members = await queries.members_of(reader, ids)
    counts = await queries.counts(reader, ids, today - timedelta(days=period))
    people = [one.person_id for found in members.values() for one in found]
    held = await zones.held_by(reader, people)
    last = await zones.accident_days(reader, (zone.site_id for found in held.values() for zone in found))
    settings = await zones.figures(reader)
    found: list[pb.WorkTeam] = []
    for row in rows:
        own = [zone for one in members.get(row.id, ()) for zone in held.get(one.person_id, ())]
        free = [zones.free_days(zone.site_id, zone.from_on, last, today) for zone in own]
        known = [one for one in free if one is not None]
        count = counts.get(row.id)
        team = _team(reader, row, members.get(row.id, ()), settings.team_minimum)
        team.figures.CopyFrom(
            pb.TeamFigures(
                zones=len(own),
                accident_free_days=min(known) if known else None,
                due=count.due if count else 0,
                confirmed=count.confirmed if count else 0,
                in_time=count.in_time if count else 0,
            )
        )
        found.append(team)
    return found


def duty(reader: Reader, row: Row) -> pb.JobDuty:
    """A duty, with what the caller may do with it."""
    state, parts, actor = State(row.state), duties.parts_of(row), duties.actor(reader)
    return pb.JobDuty(
        id=row.id,
        etag=str(row.version),
        title=row.title,
        team_id=row.team_id or "",
        team_name=row.team_name or "",
        lead=pb.DutyPerson(person_id=row.lead_id, display=row.lead_display),
        executor=pb.DutyPerson(person_id=row.executor_id, display=row.executor_display),
        supervisor=pb.DutyPerson(person_id=row.supervisor_id, display=row.supervisor_display),
        due_date=days.written(row.due_on),
        state=STATE.number(row.state),
        overdue=rules.is_overdue(state, row.due_on, days.day_of(reader.now)),
        reason=row.reason,
        done_time=row.done_at,
        confirm_time=row.confirmed_at,
        verbs=[str(verb) for verb in rules.allowed(state, parts, actor)],
        synthetic=row.synthetic,
        own_parts=rules.own_parts(parts, actor),
    )
