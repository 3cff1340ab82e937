"""Affiliations in the contract's words."""

from collections.abc import Mapping, Sequence

from chassis import days
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import affiliations_pb2 as pb
from membership import assent
from membership.affiliations import queries, rules
from membership.affiliations.events import ACTIVITY, ENDING, STATE, TOLD, sides
from membership.affiliations.rules import State
from membership.members import queries as members
from membership.orgs import queries as orgs


async def shown(reader: Reader, rows: Sequence[Row]) -> list[pb.Affiliation]:
    """Affiliations with both sides by name. A home organisation sees the record, not the building's parts."""
    context = reader.context
    tenants = await queries.tenants(reader, rows)
    here = context.mode != "party"
    names = await orgs.names(reader, (row.org_id for row in rows)) if here else {}
    found = await members.by_affiliation(reader, (row.id for row in rows)) if here else {}
    notice_days = (await members.in_force(reader)).notice_days if here else 0
    today = days.day_of(reader.now)
    shows_person = context.mode == "party" or context.has("BT")
    return [
        pb.Affiliation(
            id=row.id,
            etag=str(row.version),
            state=STATE.number(row.state),
            person_id=row.person_id if shows_person or row.person_id == context.caller.person_id else "",
            display=row.display,
            building=_side(row.tenant_id, "", tenants),
            home=_side(row.home_id, row.home_name, tenants),
            org_id=row.org_id,
            org_name=names.get(row.org_id, ""),
            group_id=row.group_id,
            floor=row.floor,
            employer_id=row.employer_id if here else "",
            joined_on=days.written(row.joined_on),
            self_declared=row.self_declared,
            told_on=days.written(row.told_on),
            told_how=TOLD.number(row.told_how),
            notice_until=_notice(row, notice_days),
            home_due_on=days.written(row.home_due_on),
            overdue=rules.is_overdue(State(row.state), row.home_due_on, today),
            group_due_on="" if _grouped(row, found) else days.written(row.group_due_on),
            reason=row.reason,
            ending=ENDING.number(row.ending),
            member_id=found[row.id].id if row.id in found else "",
            verbs=rules.allowed(State(row.state), sides(row, context)),
            synthetic=row.synthetic,
            confirm_time=row.confirmed_at,
            verify_time=row.verified_at,
            acknowledge_time=row.answered_at if row.state != State.DISPUTED else None,
            end_time=row.ended_at,
            create_time=row.created_at,
            update_time=row.updated_at,
        )
        for row in rows
    ]


def _grouped(row: Row, found: Mapping[str, Row]) -> bool:
    return row.id in found and found[row.id].group_id is not None


def _notice(row: Row, notice_days: int) -> str:
    return days.written(assent.notice_until(row, notice_days)) if row.state == State.DECLARED else ""


def _side(tenant_id: str | None, name: str, tenants: Mapping[str, Row]) -> pb.AffiliationSide:
    known = tenants.get(tenant_id or "")
    if known is None:
        return pb.AffiliationSide(tenant=tenant_id or "", name_zh=name, name_en=name)
    return pb.AffiliationSide(tenant=known.tenant_id, name_zh=known.name_zh, name_en=known.name_en)


def organisation(row: Row) -> pb.AffiliationSide:
    """A home organisation by name."""
    return pb.AffiliationSide(tenant=row.tenant_id, name_zh=row.name_zh, name_en=row.name_en)


async def attendance(reader: Reader, row: Row) -> pb.AttendanceSummary:
    """What both sides see of a member: the home organisation from its acknowledgement on."""
    shared = row.state == State.ACTIVE and row.home_id is not None
    if reader.context.mode == "party" and not shared:
        return pb.AttendanceSummary()
    counts = rules.told(await queries.attended(reader, row))
    return pb.AttendanceSummary(
        counts=[
            pb.AttendanceCount(quarter=quarter, kind=ACTIVITY.number(kind), count=count)
            for quarter, kind, count in counts
        ],
        total=sum(count for _, _, count in counts),
        shared=shared,
    )
