"""What is done with organisations: one function a verb, each in the caller's unit of work.

Those above act as the parties that the record names; the record, and every event about it, stays the
building's.
"""

from dataclasses import dataclass
from typing import Any

from asyncpg import UniqueViolationError
from google.protobuf.message import Message
from sqlalchemy import insert, update

from chassis import days
from chassis.errors import Conflict, FieldError, Forbidden, Invalid, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.orgs import events, queries, rules
from membership.orgs.rules import Kind, Side, State, Verb
from membership.orgs.tables import orgs
from membership.texts import clean, key_of_name


@dataclass(frozen=True, slots=True)
class Application:
    """An organisation as it is applied for."""

    place: str
    kind: Kind
    name: str
    serves: str
    parent_id: str
    enterprise_id: str
    approver_id: str
    synthetic: bool


async def apply(unit: UnitOfWork, application: Application) -> Row:
    """Apply for an organisation. PLACE_NOT_BELOW, APPROVER_UNKNOWN, ORG_EXISTS."""
    rules.check_applied_kind(application.kind)
    place = await _place(unit, application.place)
    approver = await _approver(unit, application.approver_id, place)
    parent = await queries.application(unit, application.parent_id) if application.parent_id else None
    if parent is not None and parent.tenant_id != application.place:
        raise _wrong("parent", "PARENT_NOT_HERE")
    rules.check_parent(application.kind, Kind(parent.kind) if parent else None)
    tidy = clean(name=application.name, serves=application.serves)
    row = await _insert(
        unit,
        tenant_id=application.place,
        kind=application.kind,
        name=tidy["name"],
        serves=tidy["serves"],
        parent_id=parent.id if parent else None,
        superior_id=place.superior_id or place.region_id,
        floor="",
        enterprise_id=application.enterprise_id or None,
        state=State.APPLIED,
        applicant_id=unit.tenant_id,
        applied_by=unit.context.caller.person_id or None,
        approver_id=approver,
        synthetic=application.synthetic,
    )
    unit.audit("orgs.apply", row.id, place=application.place, kind=str(application.kind))
    _tell(unit, row, events.applied(row))
    return row


async def _place(unit: UnitOfWork, place_id: str) -> Row:
    """Where it will be: the applicant itself, or a tenant below it."""
    own, place = await queries.tenant(unit, unit.tenant_id), await queries.tenant(unit, place_id)
    if own is None or place is None or own.kind not in rules.APPLICANTS:
        raise _wrong("place", "PLACE_NOT_BELOW")
    above = (place.tenant_id, place.region_id, place.superior_id)
    if own.kind != "district" and own.tenant_id not in above:
        raise _wrong("place", "PLACE_NOT_BELOW")
    return place


async def _approver(unit: UnitOfWork, asked: str, place: Row) -> str:
    """Who decides: a district, or the superior that the place names."""
    approver_id = asked or await queries.only_district(unit)
    approver = await queries.tenant(unit, approver_id) if approver_id else None
    if approver is None or (approver.kind != "district" and approver.tenant_id != place.superior_id):
        raise _wrong("approver", "APPROVER_UNKNOWN")
    return str(approver.tenant_id)


async def approve(unit: UnitOfWork, org_id: str, etag: str, approved_on: str, approval_no: str) -> Row:
    """The approver approves. OWN_RECORD for whoever applied in person."""
    row, state = await _take_application(unit, org_id, Verb.APPROVE, Side.APPROVER, etag)
    rules.check_decider(row.applied_by, unit.context.caller.person_id)
    row = await _write(
        unit,
        row,
        state=state,
        approved_on=days.past("approved_on", approved_on, unit.now),
        approval_no=clean(approval_no=approval_no)["approval_no"],
        **_decided(unit),
    )
    unit.audit("orgs.approve", row.id)
    _tell(unit, row, events.approved(row))
    return row


async def reject(unit: UnitOfWork, org_id: str, etag: str, reason: str) -> Row:
    """The approver does not approve, and says why."""
    row, state = await _take_application(unit, org_id, Verb.REJECT, Side.APPROVER, etag)
    row = await _write(unit, row, state=state, last_word=clean(reason=reason)["reason"], **_decided(unit))
    unit.audit("orgs.reject", row.id)
    _tell(unit, row, events.rejected(row))
    return row


async def activate(unit: UnitOfWork, org_id: str, etag: str, founded_on: str) -> Row:
    """The founding meeting was held; in party mode its applicant says so."""
    if unit.context.mode == "party":
        row, state = await _take_application(unit, org_id, Verb.ACTIVATE, Side.APPLICANT, etag)
    else:
        row, state = await _take(unit, org_id, Verb.ACTIVATE, etag)
    day = days.past("founded_on", founded_on, unit.now, default=row.approved_on)
    rules.check_founding(day, row.approved_on)
    row = await _write(unit, row, state=state, founded_on=day, activated_at=unit.now)
    unit.audit("orgs.activate", row.id)
    _tell(unit, row, events.activated(row))
    return row


async def dissolve(unit: UnitOfWork, org_id: str, etag: str, reason: str) -> Row:
    """End an organisation: its approver, or the building for a floor group. ORG_HAS_OTHERS_BELOW."""
    if unit.context.mode == "party":
        row, state = await _take_application(unit, org_id, Verb.DISSOLVE, Side.APPROVER, etag)
    else:
        row, state = await _take(unit, org_id, Verb.DISSOLVE, etag)
    if count := await queries.children(unit, row):
        raise Conflict("ORG_HAS_OTHERS_BELOW", params={"count": str(count)})
    last_word = clean(reason=reason)["reason"]
    row = await _write(unit, row, state=state, last_word=last_word, dissolved_at=unit.now)
    unit.audit("orgs.dissolve", row.id)
    _tell(unit, row, events.dissolved(row))
    return row


async def form_group(
    unit: UnitOfWork, name: str, parent_id: str, floor: str, founded_on: str, *, synthetic: bool
) -> Row:
    """A branch forms a floor group; it is active at once. The branch must be."""
    # The lock keeps the branch from being dissolved before the group is there.
    branch = await queries.active(unit, parent_id, lock=True)
    rules.check_parent(Kind.GROUP, Kind(branch.kind))
    day = days.past("founded_on", founded_on, unit.now)
    rules.check_founding(day, branch.founded_on)
    row = await _insert(
        unit,
        tenant_id=unit.tenant_id,
        kind=Kind.GROUP,
        name=clean(name=name)["name"],
        serves="",
        parent_id=branch.id,
        superior_id=branch.superior_id,
        floor=floor,
        enterprise_id=None,
        state=State.ACTIVE,
        applicant_id=None,
        applied_by=None,
        # Whoever decides on the branch sees its groups, and that it cannot be dissolved over them.
        approver_id=branch.approver_id,
        founded_on=day,
        activated_at=unit.now,
        synthetic=synthetic,
    )
    unit.audit("orgs.group", row.id)
    _tell(unit, row, events.activated(row))
    return row


async def correct(unit: UnitOfWork, org_id: str, etag: str, changes: dict[str, str]) -> Row:
    """Correct names, floor and place in the tree; `changes` by the fields of the contract."""
    row, _ = await _take(unit, org_id, Verb.UPDATE, etag)
    if "floor" in changes and row.kind != Kind.GROUP:
        raise _wrong("floor", "ONLY_GROUPS_HAVE_FLOORS")
    values: dict[str, Any] = clean(**{name: changes[name] for name in ("name", "serves") if name in changes})
    if "name" in values:
        values["name_key"] = _key(values["name"])
    if "floor" in changes:
        values["floor"] = changes["floor"]
    if "parent" in changes:
        parent = await queries.get(unit, changes["parent"]) if changes["parent"] else None
        rules.check_parent(Kind(row.kind), Kind(parent.kind) if parent else None)
        rules.check_line(row.id, await queries.line_above(unit, parent))
        values["parent_id"] = parent.id if parent else None
    row = await _write(unit, row, **values)
    unit.audit("orgs.update", row.id, fields=",".join(sorted(changes)))
    _tell(unit, row, events.changed(row))
    return row


async def _take(unit: UnitOfWork, org_id: str, verb: Verb, etag: str) -> tuple[Row, State]:
    """Lock an organisation of the building for a verb; the state it leads to."""
    return _check(await queries.get(unit, org_id, lock=True), verb, Side.BUILDING, etag)


async def _take_application(
    unit: UnitOfWork, org_id: str, verb: Verb, side: Side, etag: str
) -> tuple[Row, State]:
    """Lock an organisation for a verb of those above. What a party may not change it cannot lock, hence the
    look before: it says why."""
    seen = await queries.application(unit, org_id)
    if side not in events.sides(seen, unit.context):
        raise Forbidden("NOT_YOURS_TO_DECIDE")
    _check(seen, verb, side, etag)
    return _check(await queries.application(unit, org_id, lock=True), verb, side, etag)


def _check(row: Row, verb: Verb, side: Side, etag: str) -> tuple[Row, State]:
    if etag and etag != str(row.version):
        raise Stale
    return row, rules.move(Kind(row.kind), State(row.state), verb, side)


def _decided(unit: UnitOfWork) -> dict[str, Any]:
    return {"decided_by": unit.context.caller.person_id or None, "decided_at": unit.now}


async def _insert(unit: UnitOfWork, **values: Any) -> Row:
    statement = insert(orgs).values(
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=unit.context.caller.actor,
        name_key=_key(values["name"]),
        **values,
    )
    try:
        return await unit.one(statement.returning(orgs))
    except UniqueViolationError as error:
        raise Conflict("ORG_EXISTS", params={"name": values["name"]}) from error


async def _write(unit: UnitOfWork, row: Row, **values: Any) -> Row:
    c = orgs.c
    statement = (
        update(orgs)
        .where(c.tenant_id == row.tenant_id, c.id == row.id)
        .values(version=c.version + 1, updated_at=unit.now, **values)
    )
    try:
        return await unit.one(statement.returning(orgs))
    except UniqueViolationError as error:
        raise Conflict("ORG_EXISTS", params={"name": str(values.get("name", row.name))}) from error


def _key(name: str) -> str:
    found = key_of_name(name)
    if not found:
        raise _wrong("name", "ORG_NAME_INVALID")
    return found


def _tell(unit: UnitOfWork, row: Row, event: Message) -> None:
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id)


def _wrong(field: str, reason: str) -> Invalid:
    return Invalid(reason, fields=[FieldError(field, reason)])
