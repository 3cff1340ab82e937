"""Memberships in the contract's words, and the roster in figures."""

from collections import Counter
from collections.abc import Collection, Sequence

from chassis import days
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import members_pb2 as pb
from membership import assent
from membership.enterprises import queries as enterprises
from membership.members import queries, rules
from membership.members.events import BODY, ENDING, KIND, STAGE, STATE, TOLD
from membership.members.rules import Body, Kind, Side, State
from membership.members.settings import SETTINGS
from membership.orgs import queries as orgs


async def shown(reader: Reader, rows: Sequence[Row]) -> list[pb.Member]:
    """Memberships with the names of what they name."""
    places = [place for row in rows for place in (row.org_id, row.group_id) if place]
    names = await orgs.names(reader, places)
    employers = await enterprises.names(reader, [row.employer_id for row in rows if row.employer_id])
    held = await SETTINGS.current(reader)
    me = reader.context.caller.person_id
    masked = not reader.context.has("BT")
    return [
        pb.Member(
            id=row.id,
            etag=str(row.version),
            person_id="" if masked and row.person_id != me else row.person_id,
            display=row.display,
            body=BODY.number(row.body),
            kind=KIND.number(row.kind),
            stage=STAGE.number(row.stage),
            org_id=row.org_id,
            org_name=names.get(row.org_id, ""),
            group_id=row.group_id,
            group_name=names.get(row.group_id or "", ""),
            floor=row.floor,
            employer_id=row.employer_id,
            employer_name=employers.get(row.employer_id or "", ""),
            joined_on=days.written(row.joined_on),
            state=STATE.number(row.state),
            told_on=days.written(row.told_on),
            told_how=TOLD.number(row.told_how),
            notice_until=_notice(row, held.notice_days),
            ended_on=days.written(row.ended_on),
            ending=ENDING.number(row.ending),
            affiliation_id=row.affiliation_id,
            verbs=rules.allowed(State(row.state), Kind(row.kind), _sides(reader, row)),
            synthetic=row.synthetic,
            confirm_time=row.confirmed_at,
            activate_time=row.activated_at,
            create_time=row.created_at,
            update_time=row.updated_at,
            mine=row.person_id == me,
        )
        for row in rows
    ]


def _notice(row: Row, notice_days: int) -> str:
    return days.written(assent.notice_until(row, notice_days)) if row.state == State.PROPOSED else ""


def _sides(reader: Reader, row: Row) -> frozenset[Side]:
    """The office while it works with the roster; the person with what is the person's own."""
    found = {Side.PERSON} if row.person_id == reader.context.caller.person_id else set[Side]()
    if reader.context.permission != queries.ONESELF and reader.context.has("B"):
        found.add(Side.OFFICE)
    return frozenset(found)


async def history(reader: Reader, rows: Sequence[Row]) -> list[pb.MemberMove]:
    """Where a member was, in names."""
    places = [place for row in rows for place in (row.org_id, row.group_id) if place]
    names = await orgs.names(reader, places)
    employers = await enterprises.names(reader, [row.employer_id for row in rows if row.employer_id])
    return [
        pb.MemberMove(
            id=row.id,
            org_name=names.get(row.org_id, ""),
            group_name=names.get(row.group_id or "", ""),
            employer_name=employers.get(row.employer_id or "", ""),
            from_on=days.written(row.from_on),
            until_on=days.written(row.until_on),
        )
        for row in rows
    ]


async def summary(reader: Reader) -> pb.MemberSummary:
    """The roster in figures: people once, memberships by what they are."""
    rows = await queries.counted(reader)
    counted = [row for row in rows if row.state == State.ACTIVE]
    party = [row for row in counted if row.body == Body.PARTY]
    bodies = Counter(row.body for row in counted)
    in_force = await orgs.in_force(reader)
    with_groups = {org.parent_id for org in in_force if org.kind == "group"}
    return pb.MemberSummary(
        people=len({row.person_id for row in counted}),
        bodies=[pb.MemberBodyCount(body=BODY.number(body), count=bodies[body]) for body in Body],
        own=sum(1 for row in party if row.kind == Kind.OWN),
        floating=sum(1 for row in party if row.kind == Kind.FLOATING),
        orgs=[_of_org(org.id, org.name, counted) for org in in_force if org.kind != "group"],
        proposed=len(rows) - len(counted),
        without_group=sum(1 for row in party if row.group_id is None and row.org_id in with_groups),
    )


def _of_org(org_id: str, name: str, rows: Collection[Row]) -> pb.OrgMemberCount:
    theirs = [row for row in rows if row.org_id == org_id]
    return pb.OrgMemberCount(
        org_id=org_id,
        org_name=name,
        own=sum(1 for row in theirs if row.kind == Kind.OWN),
        floating=sum(1 for row in theirs if row.kind == Kind.FLOATING),
        employers=len({row.employer_id for row in theirs if row.employer_id}),
    )


async def figures(reader: Reader) -> pb.MemberSettings:
    """The days that hold, and where they come from."""
    held = await SETTINGS.current(reader)
    reply = pb.MemberSettings(
        etag=str(held.version),
        notice_days=held.notice_days,
        pending_home_days=held.pending_home_days,
        group_days=held.group_days,
        source="tenant" if held.version else "default",
    )
    if held.created_at is not None:
        reply.set_time.FromDatetime(held.created_at)
    return reply
