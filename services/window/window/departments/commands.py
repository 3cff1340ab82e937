"""What departments and their district do with an application. The district acts as the party that the
record names; the record, and every event about it, stays the department's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from chassis.errors import Conflict, FieldError, Invalid, Stale
from chassis.statements import Row
from chassis.units import UnitOfWork
from window.departments import events, queries, rules
from window.departments.rules import Finding, State, Verb
from window.departments.tables import departments
from window.matters import queries as matters

_SAID_AGAIN: Final = (
    "updated_at",
    "approver_id",
    "code",
    "name_zh",
    "name_en",
    "modern_name_zh",
    "modern_name_en",
    "aliases",
    "state",
    "last_word",
)


@dataclass(frozen=True, slots=True)
class Application:
    """A department as it applies."""

    approver_id: str
    code: str
    name_zh: str
    name_en: str
    modern_name_zh: str
    modern_name_en: str
    aliases: Sequence[str]
    synthetic: bool


async def apply(unit: UnitOfWork, application: Application) -> Row:
    """Apply to a district, once; again only after a refusal. Who names none applies to the only one there is.
    APPROVER_UNKNOWN unless it is a district or sub-district other than the applicant."""
    approver = application.approver_id or await queries.only_district(unit)
    kind = await queries.kind_of_tenant(unit, approver) if approver else None
    if approver == unit.tenant_id or kind not in rules.APPROVERS:
        raise Invalid("APPROVER_UNKNOWN", fields=[FieldError("approver_id", "APPROVER_UNKNOWN")])
    statement = insert(departments).values(
        tenant_id=unit.tenant_id,
        id=unit.tenant_id,
        created_at=unit.now,
        updated_at=unit.now,
        created_by=unit.context.caller.actor,
        synthetic=application.synthetic,
        approver_id=approver,
        code=application.code,
        name_zh=application.name_zh,
        name_en=application.name_en,
        modern_name_zh=application.modern_name_zh or application.name_zh,
        modern_name_en=application.modern_name_en or application.name_en,
        aliases=list(application.aliases),
        state=State.APPLIED,
        online=True,
        last_word="",
    )
    again = {name: statement.excluded[name] for name in _SAID_AGAIN}
    row = await unit.first(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "id"],
            set_={**again, "version": departments.c.version + 1},
            where=departments.c.state == State.REFUSED,
        ).returning(departments)
    )
    if row is None:
        raise Conflict("DEPARTMENT_EXISTS")
    unit.audit("departments.apply", row.id)
    return row


async def correct(unit: UnitOfWork, department_id: str, etag: str, values: Mapping[str, Any]) -> Row:
    """Correct names and aliases."""
    row = await queries.own(unit, department_id, lock=True)
    if etag != str(row.version):
        raise Stale
    unit.audit("departments.update", row.id, fields=",".join(sorted(values)))
    row = await _write(unit, row, **values)
    if row.state == State.LIVE:
        _tell(unit, row, events.live(row))
    return row


async def test(unit: UnitOfWork, department_id: str) -> tuple[list[Finding], Row]:
    """Run the contract test over what is published; the department moves on when nothing is found."""
    row = await queries.own(unit, department_id, lock=True)
    after = rules.move(State(row.state), Verb.TEST)
    findings = rules.examine(await matters.published_by(unit, row.id))
    unit.audit("departments.test", row.id, findings=len(findings))
    if not findings and row.state != after:
        row = await _write(unit, row, state=after)
    return findings, row


async def open_department(unit: UnitOfWork, department_id: str, etag: str) -> Row:
    """Go live."""
    row = await queries.own(unit, department_id, lock=True)
    row = await _move(unit, row, Verb.OPEN, etag, live_at=unit.now)
    _tell(unit, row, events.live(row))
    return row


async def set_availability(unit: UnitOfWork, department_id: str, online: bool) -> Row:
    """Say whether the department's own system can be reached."""
    row = await queries.own(unit, department_id, lock=True)
    if row.online == online:
        return row
    row = await _write(unit, row, online=online)
    unit.audit("departments.availability", row.id, online=online)
    _tell(unit, row, events.availability(row))
    return row


async def approve(unit: UnitOfWork, department_id: str, etag: str) -> Row:
    """The district approves."""
    return await _move(unit, await queries.application(unit, department_id), Verb.APPROVE, etag)


async def refuse(unit: UnitOfWork, department_id: str, etag: str, reason: str) -> Row:
    """The district refuses, with a reason."""
    row = await queries.application(unit, department_id)
    return await _move(unit, row, Verb.REFUSE, etag, last_word=reason)


async def suspend(unit: UnitOfWork, department_id: str, etag: str, reason: str) -> Row:
    """The district suspends a live department."""
    row = await queries.application(unit, department_id)
    row = await _move(unit, row, Verb.SUSPEND, etag, last_word=reason)
    _tell(unit, row, events.suspended(row))
    return row


async def resume(unit: UnitOfWork, department_id: str, etag: str) -> Row:
    """The district lets it go on."""
    row = await queries.application(unit, department_id)
    row = await _move(unit, row, Verb.RESUME, etag, last_word="")
    _tell(unit, row, events.live(row))
    return row


async def _move(unit: UnitOfWork, row: Row, verb: Verb, etag: str, **values: Any) -> Row:
    if etag and etag != str(row.version):
        raise Stale
    after = rules.move(State(row.state), verb)
    unit.audit(f"departments.{verb.value}", row.id)
    return await _write(unit, row, state=after, **values)


async def _write(unit: UnitOfWork, row: Row, **values: Any) -> Row:
    c = departments.c
    return await unit.one(
        update(departments)
        .where(c.tenant_id == row.tenant_id, c.id == row.id)
        .values(version=c.version + 1, updated_at=unit.now, **values)
        .returning(departments)
    )


def _tell(unit: UnitOfWork, row: Row, event: Message) -> None:
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id)
