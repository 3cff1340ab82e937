"""Registering, correcting and merging people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.clocks import system_now
from chassis.errors import Conflict, Exhausted, FieldError, Invalid, NotFound, Stale
from chassis.statements import Row
from chassis.units import UnitOfWork
from identity.accounts import commands as accounts
from identity.names import sort_key
from identity.people import queries
from identity.people.rules import CHECKS_PER_HOUR
from identity.people.tables import checks, persons, presences


@dataclass(frozen=True, slots=True)
class Sealed:
    """A number, encrypted, findable and masked."""

    value: bytes | None = None
    index: bytes | None = None
    masked: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A person to register."""

    id: str
    name: str
    id_number: Sealed
    phone: Sealed
    synthetic: bool


async def register(unit: UnitOfWork, draft: Draft, tenant_id: str = "") -> None:
    """Register a person nobody in the district knew. PERSON_KNOWN where someone was quicker."""
    owner = tenant_id or unit.tenant_id
    values = {
        "id": draft.id,
        "registered_by": owner,
        "created_at": unit.now,
        "updated_at": unit.now,
        "created_by": unit.context.caller.actor,
        "synthetic": draft.synthetic,
        "name": draft.name,
        "name_key": sort_key(draft.name),
        "id_number": draft.id_number.value,
        "id_number_index": draft.id_number.index,
        "id_number_masked": draft.id_number.masked,
        "phone": draft.phone.value,
        "phone_index": draft.phone.index,
        "phone_masked": draft.phone.masked,
    }
    # The presence comes first: it is what lets the tenant see the person at all.
    await _meet(unit, owner, draft.id)
    try:
        await unit.execute(insert(persons).values(values))
    except UniqueViolationError as error:
        raise _known() from error
    unit.audit("people.register", draft.id)


async def meet(unit: UnitOfWork, known: Row, name: str) -> None:
    """The tenant gets to know someone whom another tenant registered under the same ID number.

    PERSON_KNOWN where the name is another: one of the two is mistyped, and which one is not ours to say.
    """
    if known.name != name:
        raise _known()
    await _meet(unit, unit.tenant_id, known.id)
    unit.audit("people.meet", known.id)


async def _meet(unit: UnitOfWork, tenant_id: str, person_id: str) -> None:
    values = {"tenant_id": tenant_id, "person_id": person_id, "created_at": unit.now}
    await unit.execute(upsert(presences).values(values).on_conflict_do_nothing())


def _known() -> Conflict:
    return Conflict("PERSON_KNOWN", fields=[FieldError("id_number", "PERSON_KNOWN")])


async def change(
    unit: UnitOfWork, person_id: str, etag: str, *, name: str | None, phone: Sealed | None
) -> Row:
    """Correct a name or a phone number."""
    person = await _locked(unit, person_id)
    if etag and etag != str(person.version):
        raise Stale
    values: dict[str, Any] = {}
    if name is not None:
        values |= {"name": name, "name_key": sort_key(name)}
    if phone is not None:
        values |= {"phone": phone.value, "phone_index": phone.index, "phone_masked": phone.masked}
    await _write(unit, person_id, values)
    unit.audit("people.change", person_id, fields=",".join(sorted(values)))
    return await queries.person(unit, person_id)


async def merge(unit: UnitOfWork, person_id: str, duplicate_id: str) -> Row:
    """Make one person of two that the tenant registered."""
    if person_id == duplicate_id:
        raise Invalid("MERGE_WITH_SELF", fields=[FieldError("duplicate", "MERGE_WITH_SELF")])
    # In the order of their identifiers, so that two merges never wait for each other.
    locked = {found: await _locked(unit, found) for found in sorted((person_id, duplicate_id))}
    gone = locked[duplicate_id]
    # A record with an ID number is a person for the whole district; only one without can be a mistake
    # of this tenant alone.
    if gone.registered_by != unit.tenant_id or gone.id_number_index:
        raise Conflict("MERGE_KEEPS_ID_NUMBER", fields=[FieldError("duplicate", "MERGE_KEEPS_ID_NUMBER")])
    await _write(unit, duplicate_id, {"merged_into": person_id})
    await accounts.move_person(unit, duplicate_id, person_id)
    unit.audit("people.merge", person_id, duplicate=duplicate_id)
    return await queries.person(unit, person_id)


async def _locked(unit: UnitOfWork, person_id: str) -> Row:
    await queries.person(unit, person_id)
    found = await unit.first(
        select(persons).where(persons.c.id == person_id, persons.c.merged_into.is_(None)).with_for_update()
    )
    if found is None:
        raise NotFound("PERSON_NOT_FOUND")
    return found


async def _write(unit: UnitOfWork, person_id: str, values: Mapping[str, Any]) -> None:
    await unit.execute(
        update(persons)
        .where(persons.c.id == person_id)
        .values(version=persons.c.version + 1, updated_at=unit.now, **values)
    )


async def count_check(unit: UnitOfWork) -> None:
    """Count a duplicate check. TOO_MANY_CHECKS beyond the hour's allowance."""
    now = system_now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    statement = upsert(checks).values(
        tenant_id=unit.tenant_id, account_id=unit.context.caller.account_id, hour=hour, count=1
    )
    counted = await unit.scalar(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "account_id", "hour"], set_={"count": checks.c.count + 1}
        ).returning(checks.c.count)
    )
    if counted > CHECKS_PER_HOUR:
        left = (hour + timedelta(hours=1) - now).total_seconds()
        raise Exhausted("TOO_MANY_CHECKS", retry_after_s=left)
    unit.audit("people.check", unit.context.caller.account_id)
