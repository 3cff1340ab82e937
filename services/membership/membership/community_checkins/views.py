"""Reporting to communities in the contract's words."""

from collections.abc import Sequence

from chassis import days
from chassis.clocks import timestamp
from chassis.context import Context
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import community_checkins_pb2 as pb
from membership.community_checkins import queries, rules
from membership.community_checkins.events import GROUP, KIND, POST, SERVICE, STATE
from membership.community_checkins.rules import Kind, Service, Settings, Side, State
from membership.community_checkins.settings import SETTINGS
from membership.members import queries as members
from membership.members.queries import ONESELF


def _sides(context: Context, reporter: str | None) -> frozenset[Side]:
    """On which side the caller stands, by what the caller came to do."""
    if context.mode == "party":
        return frozenset({Side.COMMUNITY} if context.caller.person_id != reporter else ())
    return frozenset({Side.PERSON if context.permission == ONESELF else Side.OFFICE})


async def checkins(reader: Reader, rows: Sequence[Row], year: int = 0) -> list[pb.CommunityCheckin]:
    """Check-ins; members of the caller's tenant with the minutes of a year. The community is not told which
    person of the organisation it is, only the first letter of the name."""
    names = await queries.names(reader, rows)
    context = reader.context
    inside = context.mode != "party"
    period = rules.year_of(year, days.day_of(reader.now))
    minutes = await queries.minutes(reader, (row.id for row in rows), *period) if inside else {}
    return [
        pb.CommunityCheckin(
            id=row.id,
            etag=str(row.version),
            kind=KIND.number(row.kind),
            state=STATE.number(row.state),
            community_id=row.community_id,
            community_name=names.get(row.community_id, ""),
            place_id=row.tenant_id,
            place_name=names.get(row.tenant_id, ""),
            org_id=row.org_id,
            org_name=row.org_name,
            person_id=(row.person_id or "") if inside else "",
            display=row.display,
            offers=[POST.number(offer) for offer in row.offers],
            post=POST.number(row.post),
            reason=row.reason,
            minutes=minutes.get(row.id, 0),
            confirmed_on=days.written(row.confirmed_on),
            ended_on=days.written(row.ended_on),
            verbs=[
                str(verb)
                for verb in rules.allowed(State(row.state), Kind(row.kind), _sides(context, row.reporter))
            ],
            synthetic=row.synthetic,
            create_time=row.created_at,
        )
        for row in rows
    ]


async def services(reader: Reader, rows: Sequence[Row]) -> list[pb.CommunityService]:
    """Services with who served."""
    names = await queries.names(reader, rows)
    served = await queries.served(reader, rows)
    return [
        pb.CommunityService(
            id=row.id,
            etag=str(row.version),
            state=SERVICE.number(row.state),
            community_id=row.community_id,
            community_name=names.get(row.community_id, ""),
            place_id=row.tenant_id,
            place_name=names.get(row.tenant_id, ""),
            checkin_id=row.checkin_id,
            org_name=row.org_name,
            title=row.title,
            group=GROUP.number(row.beneficiaries),
            asked=row.asked,
            due_on=days.written(row.due_on),
            held_on=days.written(row.held_on),
            helped=row.helped,
            servings=[
                pb.Serving(checkin_id=one.checkin_id, minutes=one.minutes, display=one.display)
                for one in served.get(row.id, ())
            ],
            reason=row.reason,
            verbs=[
                str(step) for step in rules.steps(Service(row.state), _sides(reader.context, row.reporter))
            ],
            synthetic=row.synthetic,
            create_time=row.created_at,
            confirm_time=row.confirmed_at,
        )
        for row in rows
    ]


async def summary(reader: Reader, year: int) -> pb.CommunityCheckinSummary:
    """A year in figures."""
    first, last = rules.year_of(year, days.day_of(reader.now))
    counted = await queries.counted(reader, first, last)
    held = await SETTINGS.current(reader)
    return pb.CommunityCheckinSummary(
        year=first.year,
        organisations=counted.confirmed.get(Kind.ORGANISATION, 0),
        members=counted.confirmed.get(Kind.MEMBER, 0),
        services=sum(row.services for row in counted.groups),
        groups=[
            pb.GroupServices(group=GROUP.number(row.beneficiaries), services=row.services, helped=row.helped)
            for row in counted.groups
        ],
        minutes=sum(counted.members),
        reached=held.reached(counted.members),
        hours_year=held.hours_year,
        unconfirmed=counted.unconfirmed,
    )


async def mine(reader: Reader) -> pb.ListMyCommunityCheckinsResponse:
    """The caller's own, what is expected, and whether the caller can report."""
    person = reader.context.caller.person_id
    return pb.ListMyCommunityCheckinsResponse(
        checkins=await checkins(reader, await queries.all_mine(reader)),
        hours_year=(await SETTINGS.current(reader)).hours_year,
        member=bool(person) and await members.on_party_roster(reader, person),
    )


def settings(held: Settings) -> pb.CommunityCheckinSettings:
    """The settings that hold, and where they come from."""
    return pb.CommunityCheckinSettings(
        etag=str(held.version),
        hours_year=held.hours_year,
        source="tenant" if held.version else "none",
        set_time=timestamp(held.created_at) if held.created_at else None,
    )
