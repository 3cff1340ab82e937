"""Organisations in the contract's words."""

from collections.abc import Iterable, Mapping, Sequence

from chassis import days
from chassis.context import Context
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import orgs_pb2 as pb
from membership.orgs import queries, rules
from membership.orgs.events import KIND, STATE, sides
from membership.orgs.rules import Kind, State


async def shown(reader: Reader, rows: Sequence[Row]) -> list[pb.Org]:
    """Organisations with the names of the tenants they name."""
    tenants = await queries.tenants(reader, rows)
    return [_org(row, tenants, reader.context) for row in rows]


def _org(row: Row, tenants: Mapping[str, Row], context: Context) -> pb.Org:
    kind, state = Kind(row.kind), State(row.state)
    return pb.Org(
        id=row.id,
        etag=str(row.version),
        place=_tenant(row.tenant_id, tenants),
        kind=KIND.number(row.kind),
        name=row.name,
        serves=row.serves,
        parent=row.parent_id,
        floor=row.floor,
        enterprise_id=row.enterprise_id,
        state=STATE.number(row.state),
        applicant=_tenant(row.applicant_id, tenants),
        approver=_tenant(row.approver_id, tenants),
        approved_on=days.written(row.approved_on),
        approval_no=row.approval_no,
        founded_on=days.written(row.founded_on),
        last_word=row.last_word,
        verbs=rules.allowed(kind, state, sides(row, context)) if context.mode != "span" else [],
        synthetic=row.synthetic,
        create_time=row.created_at,
        decide_time=row.decided_at,
        activate_time=row.activated_at,
        dissolve_time=row.dissolved_at,
        update_time=row.updated_at,
        superior="" if row.parent_id else row.superior_id,
    )


def _tenant(tenant_id: str | None, tenants: Mapping[str, Row]) -> pb.OrgTenant | None:
    if not tenant_id:
        return None
    known = tenants.get(tenant_id)
    if known is None:
        return pb.OrgTenant(id=tenant_id)
    return pb.OrgTenant(id=tenant_id, name_zh=known.name_zh, name_en=known.name_en)


def words_of(states: Iterable[int]) -> tuple[str, ...]:
    """The states of a request as the table keeps them."""
    return tuple(STATE.word(state) for state in states if state)
