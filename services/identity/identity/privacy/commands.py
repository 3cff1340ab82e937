"""Asking for copies and erasures, holds, and carrying them on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.clocks import system_now
from chassis.errors import Forbidden, NotFound, WrongState
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.versions import begin_version
from identity.accounts import commands as accounts
from identity.organisations import Kind as TenantKind
from identity.privacy import queries, rules
from identity.privacy.rules import Kind, State
from identity.privacy.tables import holds, requests, settings, tasks
from identity.tenants import queries as tenants


async def ask(unit: UnitOfWork, kind: Kind, services: Iterable[str]) -> Row:
    """A wish of the caller's person; the one that is under way where there is one already."""
    district = await tenants.district(unit)
    if district is None:
        raise NotFound("TENANT_NOT_FOUND")
    caller = unit.context.caller
    periods = await queries.current_settings(unit)
    grace = timedelta(days=periods.grace_days if kind is Kind.ERASURE else 0)
    request_id = new_id()
    wish = upsert(requests).values(
        tenant_id=district,
        id=request_id,
        created_at=unit.now,
        updated_at=unit.now,
        created_by=caller.actor,
        kind=kind,
        state=State.WAITING,
        person_id=caller.person_id,
        account_id=caller.account_id,
        ids=await queries.ids(unit, caller.person_id),
        due_at=unit.now + grace,
        held=False,
        file={},
        files=[],
        blockers={},
    )
    if await unit.execute(wish.on_conflict_do_nothing()):
        if kind is Kind.COPY:
            await _give_tasks(unit, district, request_id, services, timedelta())
        unit.audit(f"privacy.{kind}", request_id)
    return (await queries.of_person(unit, caller.person_id, kind))[0]


async def undo(unit: UnitOfWork) -> Row:
    """The caller's person stays. ERASURE_BEGUN where it is too late."""
    found = await queries.of_person(unit, unit.context.caller.person_id, Kind.ERASURE)
    if not found:
        raise NotFound("ERASURE_NOT_FOUND")
    last = found[0]
    if last.state != State.UNDONE:
        rules.check_undo(last.state)
        if not await _move(unit, last, State.WAITING, State.UNDONE):
            raise WrongState("ERASURE_BEGUN", state=State.RUNNING, allowed=[])
        unit.audit("privacy.undo", last.id)
    return (await queries.of_person(unit, last.person_id, Kind.ERASURE))[0]


async def blocked(unit: UnitOfWork, request: Row, blockers: Mapping[str, int]) -> None:
    """Note what a due erasure still waits for."""
    await _write(unit, request, {"blockers": dict(blockers), "looked_at": system_now()})


async def begin(unit: UnitOfWork, request: Row, services: Iterable[str]) -> bool:
    """Close the person's accounts and give the services their tasks; False where it was undone meanwhile."""
    await _alone_with(unit, request.person_id)
    ids = await queries.ids(unit, request.person_id)
    held = await queries.is_held(unit, request.person_id)
    values = {"ids": ids, "held": held, "begun_at": system_now(), "blockers": {}}
    if not await _move(unit, request, State.WAITING, State.RUNNING, values):
        return False
    await accounts.leave(unit, ids)
    # Nothing is copied any more while it is being erased.
    unmade = (requests.c.person_id == request.person_id) & (requests.c.kind == Kind.COPY)
    await unit.execute(
        update(requests).where(unmade, requests.c.state == State.WAITING).values(state=State.UNDONE)
    )
    await _give_tasks(unit, request.tenant_id, request.id, services, rules.SETTLE)
    unit.audit("privacy.begin", request.id)
    return True


async def give_back(unit: UnitOfWork, request: Row) -> bool:
    """The last hold is lifted: the services delete what they stored apart."""
    if not await _move(unit, request, State.HELD, State.RELEASING):
        return False
    again = {"done": False, "rows": 0, "attempts": 0, "error": "", "next_at": system_now()}
    await unit.execute(update(tasks).where(tasks.c.request_id == request.id).values(again))
    unit.audit("privacy.releasing", request.id)
    return True


async def task_done(unit: UnitOfWork, request: Row, service: str, rows: int, answer: Sequence[Any]) -> None:
    """A service has done its part."""
    await _write_task(
        unit, request, service, {"done": True, "rows": rows, "answer": list(answer), "error": ""}
    )


async def task_failed(unit: UnitOfWork, request: Row, service: str, attempts: int, error: str) -> None:
    """A service did not; it is asked again."""
    values = {
        "attempts": attempts + 1,
        "error": error,
        "next_at": system_now() + rules.after_attempt(attempts + 1),
    }
    await _write_task(unit, request, service, values)


async def note_files(unit: UnitOfWork, request: Row, keys: Sequence[str]) -> None:
    """Which stored files an erasure removes, or removes once no hold is on them."""
    await _write(unit, request, {"files": list(keys)})


async def packed(unit: UnitOfWork, request: Row, file: Mapping[str, Any]) -> None:
    """The copy can be fetched; the pieces it was made of go."""
    periods = await queries.current_settings(unit)
    until = unit.now + timedelta(days=periods.copy_days)
    await _write(unit, request, {"file": dict(file), "expires_at": until})
    await unit.execute(update(tasks).where(tasks.c.request_id == request.id).values(answer=[]))


async def finish(unit: UnitOfWork, request: Row) -> None:
    """Every service is done."""
    state = rules.finished(Kind(request.kind), State(request.state), held=request.held)
    await _write(unit, request, {"state": state, "done_at": unit.now})
    unit.audit("privacy.finish", request.id, state=state)


async def expire(unit: UnitOfWork, request: Row) -> None:
    """The copy is gone."""
    await _write(unit, request, {"state": State.EXPIRED, "file": {}})


async def place_hold(unit: UnitOfWork, person_id: str, ground: str, reason: str) -> Row:
    """Put a legal hold on a person."""
    await _in_district(unit)
    if person_id == unit.context.caller.person_id:
        raise Forbidden("HOLD_ON_SELF")
    await _alone_with(unit, person_id)
    last = next(iter(await queries.of_person(unit, person_id, Kind.ERASURE)), None)
    if last is not None:
        rules.check_hold(last.state)
    hold_id = new_id()
    await unit.execute(
        insert(holds).values(
            tenant_id=unit.tenant_id,
            id=hold_id,
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            person_id=person_id,
            ground=ground,
            reason=reason,
            lift_reason="",
        )
    )
    unit.audit("privacy.hold", hold_id, person=person_id)
    return await queries.hold(unit, hold_id)


async def lift_hold(unit: UnitOfWork, hold_id: str, reason: str) -> Row:
    """Lift a hold; nothing happens to one lifted before."""
    await _in_district(unit)
    before = await queries.hold(unit, hold_id)
    if before.person_id == unit.context.caller.person_id:
        raise Forbidden("HOLD_ON_SELF")
    own = (holds.c.tenant_id == unit.tenant_id) & (holds.c.id == hold_id)
    lifted = {"lifted_at": unit.now, "lift_reason": reason, "updated_at": unit.now}
    if await unit.execute(update(holds).where(own, holds.c.lifted_at.is_(None)).values(lifted)):
        unit.audit("privacy.lift", hold_id, person=before.person_id)
    return await queries.hold(unit, hold_id)


async def change_settings(unit: UnitOfWork, etag: str, grace_days: int, copy_days: int) -> None:
    """Begin a new version of the periods."""
    await _in_district(unit)
    present = await queries.current_settings(unit)
    await begin_version(unit, settings, present, etag, grace_days=grace_days, copy_days=copy_days)
    unit.audit("privacy.settings", unit.tenant_id, grace_days=grace_days, copy_days=copy_days)


async def _alone_with(unit: UnitOfWork, person_id: str) -> None:
    # A hold comes either before an erasure begins or too late, never half-way.
    await unit.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"privacy|{person_id}", 2))))


async def _in_district(unit: UnitOfWork) -> None:
    if await tenants.kind_of(unit, unit.tenant_id) is not TenantKind.DISTRICT:
        raise Forbidden("DISTRICT_ONLY")


async def _give_tasks(
    unit: UnitOfWork, tenant_id: str, request_id: str, services: Iterable[str], wait: timedelta
) -> None:
    start = system_now() + wait
    rows = [
        {"tenant_id": tenant_id, "request_id": request_id, "service": service, "next_at": start}
        for service in services
    ]
    await unit.execute_many(insert(tasks), rows)


async def _move(
    unit: UnitOfWork, request: Row, before: State, after: State, values: Mapping[str, Any] | None = None
) -> int:
    own = (requests.c.tenant_id == request.tenant_id) & (requests.c.id == request.id)
    return await unit.execute(
        update(requests)
        .where(own, requests.c.state == before)
        .values(state=after, version=requests.c.version + 1, updated_at=unit.now, **(values or {}))
    )


async def _write(unit: UnitOfWork, request: Row, values: Mapping[str, Any]) -> None:
    own = (requests.c.tenant_id == request.tenant_id) & (requests.c.id == request.id)
    await unit.execute(
        update(requests).where(own).values(version=requests.c.version + 1, updated_at=unit.now, **values)
    )


async def _write_task(unit: UnitOfWork, request: Row, service: str, values: Mapping[str, Any]) -> None:
    t = tasks.c
    own = (t.tenant_id == request.tenant_id) & (t.request_id == request.id) & (t.service == service)
    await unit.execute(update(tasks).where(own).values(**values))
