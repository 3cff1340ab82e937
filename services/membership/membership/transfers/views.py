"""Transfers in the contract's words."""

from collections.abc import Mapping, Sequence

from chassis import days
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import transfers_pb2 as pb
from membership.orgs import queries as orgs
from membership.transfers import queries, rules
from membership.transfers.events import MANAGER, STATE, TROUBLE, sides
from membership.transfers.rules import State
from membership.transfers.settings import SETTINGS


async def shown(reader: Reader, rows: Sequence[Row]) -> list[pb.Transfer]:
    """Transfers with both sides by name."""
    named = (tenant for row in rows for tenant in (row.tenant_id, row.source_id))
    tenants = await queries.tenants(reader, named)
    in_building = reader.context.mode != "party"
    names = await orgs.names(reader, (row.org_id for row in rows)) if in_building else {}
    return [
        pb.Transfer(
            id=row.id,
            etag=str(row.version),
            state=STATE.number(row.state),
            managed_by=MANAGER.number(rules.managed_by(State(row.state))),
            person_id=row.person_id,
            display=row.display,
            source=_side(row.source_id, row.source_name, tenants),
            target=_side(row.tenant_id, "", tenants),
            org_id=row.org_id,
            org_name=names.get(row.org_id, ""),
            letter_no=row.letter_no,
            released_on=days.written(row.released_on),
            valid_until=days.written(row.valid_until),
            receipt_no=row.receipt_no,
            trouble=TROUBLE.number(row.trouble),
            evidence_no=row.evidence_no,
            reason=row.reason,
            silent_on=days.written(row.silent_on),
            verbs=rules.allowed(State(row.state), sides(row, reader.context)),
            synthetic=row.synthetic,
            submit_time=row.confirmed_at,
            release_time=row.released_at,
            end_time=row.ended_at,
            create_time=row.created_at,
            update_time=row.updated_at,
        )
        for row in rows
    ]


def _side(tenant_id: str | None, name: str, tenants: Mapping[str, Row]) -> pb.TransferSide:
    known = tenants.get(tenant_id or "")
    if known is None:
        return pb.TransferSide(tenant=tenant_id or "", name_zh=name, name_en=name)
    return pb.TransferSide(tenant=known.tenant_id, name_zh=known.name_zh, name_en=known.name_en)


async def figures(reader: Reader) -> pb.TransferSettings:
    """The days that hold, and where they come from."""
    held = await SETTINGS.current(reader)
    reply = pb.TransferSettings(
        etag=str(held.version),
        letter_days=held.letter_days,
        silent_days=held.silent_days,
        source="tenant" if held.version else "default",
    )
    if held.created_at is not None:
        reply.set_time.FromDatetime(held.created_at)
    return reply
