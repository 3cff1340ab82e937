"""Supervision in the contract's words."""

from collections.abc import Mapping, Sequence

from chassis import days
from chassis.clocks import timestamp
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import supervision_pb2 as pb
from membership.orgs import queries as orgs
from membership.supervision import queries, rules
from membership.supervision.events import FINDING, STAR, STATE
from membership.supervision.rules import Finding, Side, Star
from membership.supervision.settings import Checklist


def _side(reader: Reader) -> Side:
    return Side.SUPERIOR if reader.context.mode == "party" else Side.BRANCH


async def _names(reader: Reader, rows: Sequence[Row]) -> Mapping[str, str]:
    """The names of the tenants that rows are of and name, by id."""
    wanted = {tenant for row in rows for tenant in (row.tenant_id, row.superior_id)}
    found = {tenant_id: await orgs.tenant(reader, tenant_id) for tenant_id in wanted}
    return {tenant_id: row.name_zh for tenant_id, row in found.items() if row}


async def listed(reader: Reader, rows: Sequence[Row]) -> list[pb.Supervision]:
    """Supervisions without their findings."""
    names = await _names(reader, rows)
    return [_supervision(row, names) for row in rows]


async def whole(reader: Reader, row: Row) -> pb.Supervision:
    """A supervision with its findings."""
    found = _supervision(row, await _names(reader, [row]))
    found.findings.extend([finding(reader, one) for one in await queries.findings_of(reader, row)])
    return found


def _supervision(row: Row, names: Mapping[str, str]) -> pb.Supervision:
    return pb.Supervision(
        id=row.id,
        etag=str(row.version),
        place_id=row.tenant_id,
        place_name=names.get(row.tenant_id, ""),
        superior_name=names.get(row.superior_id, ""),
        held_date=days.written(row.held_on),
        checklist_version=row.checklist,
        answers=[
            pb.SupervisionAnswer(item=pb.SupervisionItem(**one["item"]), met=one["met"])
            for one in row.answers
        ],
        state=STATE.number(row.state),
        found=row.found,
        open=row.unverified,
        synthetic=row.synthetic,
    )


def finding(reader: Reader, row: Row) -> pb.Finding:
    """A finding; who puts it right is the branch's to know."""
    side, state = _side(reader), Finding(row.state)
    verbs = rules.allowed(state, side, row.rectifier, reader.context.caller.person_id)
    branch = side is Side.BRANCH
    return pb.Finding(
        id=row.id,
        etag=str(row.version),
        supervision_id=row.supervision_id,
        item=pb.SupervisionItem(**row.item),
        text=row.text,
        due_date=days.written(row.due_on),
        overdue=state is not Finding.VERIFIED and row.due_on < days.day_of(reader.now),
        state=FINDING.number(state),
        owner_id=(row.owner_id or "") if branch else "",
        owner_display=row.owner_display if branch else "",
        measure=row.measure,
        reference=row.reference,
        reason=row.reason,
        submit_time=row.submitted_at,
        verify_time=row.verified_at,
        verbs=[str(verb) for verb in verbs],
        synthetic=row.synthetic,
    )


async def stars(reader: Reader, rows: Sequence[Row]) -> list[pb.Star]:
    """Applications and stars."""
    names = await _names(reader, rows)
    side, person = _side(reader), reader.context.caller.person_id
    return [
        pb.Star(
            id=row.id,
            etag=str(row.version),
            place_id=row.tenant_id,
            place_name=names.get(row.tenant_id, ""),
            org_id=row.org_id,
            org_name=row.org_name,
            level=row.level,
            grounds=row.grounds,
            state=STAR.number(row.state),
            reason=row.reason,
            create_time=row.created_at,
            decide_time=row.decided_at,
            verbs=[str(step) for step in rules.steps(Star(row.state), side, row.applicant, person)],
            synthetic=row.synthetic,
        )
        for row in rows
    ]


def checklist(held: Checklist) -> pb.SupervisionChecklist:
    """The checklist that holds, and where it comes from."""
    return pb.SupervisionChecklist(
        etag=str(held.version),
        items=[pb.SupervisionItem(**item) for item in held.items],
        source="tenant" if held.version else "default",
        set_time=timestamp(held.created_at) if held.created_at else None,
    )
