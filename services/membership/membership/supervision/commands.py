"""What is done with supervisions and their findings: one function a verb, each in the caller's unit of work.

The record, and every event about it, is the building's; its superior acts as the party that it names.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, update

from chassis import days
from chassis.errors import FieldError, Invalid, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.orgs import queries as orgs
from membership.supervision import events, queries, rules
from membership.supervision.rules import Finding, Item, NewFinding, State, Verb
from membership.supervision.settings import CHECKLIST, Checklist
from membership.supervision.tables import findings, supervisions
from membership.texts import clean, prose


async def set_checklist(unit: UnitOfWork, etag: str, items: Sequence[Item]) -> Checklist:
    """Set the checklist anew, as the next version. ITEM_TWICE."""
    rules.check_items(items)
    written = [asdict(item) | prose(title_zh=item.title_zh, source=item.source) for item in items]
    held = await CHECKLIST.current(unit)
    return await CHECKLIST.begin(unit, etag or str(held.version), items=written)


async def hold(
    unit: UnitOfWork,
    place_id: str,
    answers: Sequence[tuple[str, bool]],
    found: Sequence[NewFinding],
    *,
    synthetic: bool,
) -> Row:
    """Hold a supervision of a tenant below, today. PLACE_NOT_BELOW, and as the rules say."""
    await _check_below(unit, place_id)
    today, checklist = days.day_of(unit.now), await CHECKLIST.current(unit)
    items = {item.code: item for item in checklist.asked()}
    rules.check_answers(list(items.values()), answers, found, today)
    await queries.lock_applications(unit, place_id)
    caller = unit.context.caller
    row = await unit.one(
        insert(supervisions)
        .values(
            **_new(unit, place_id, synthetic=synthetic),
            superior_id=unit.tenant_id,
            holder=caller.person_id or None,
            held_on=today,
            checklist=checklist.version,
            answers=[{"item": asdict(items[code]), "met": met} for code, met in answers],
            state=rules.state_of([Finding.OPEN] * len(found)),
            found=len(found),
            unverified=len(found),
        )
        .returning(supervisions)
    )
    for one in found:
        await _issue(unit, row, items[one.code], one)
    unit.audit("supervision.hold", row.id, place=place_id, findings=len(found))
    events.held(unit, row)
    return row


async def _check_below(unit: UnitOfWork, place_id: str) -> None:
    """Whoever stands next above a tenant supervises it: its superior, else its region."""
    place = await orgs.tenant(unit, place_id)
    if place is None or (place.superior_id or place.region_id) != unit.tenant_id:
        raise Invalid("PLACE_NOT_BELOW", fields=[FieldError("place", "PLACE_NOT_BELOW")])


def _new(unit: UnitOfWork, place_id: str, *, synthetic: bool) -> dict[str, Any]:
    return {
        "tenant_id": place_id,
        "id": new_id(),
        "created_at": unit.now,
        "updated_at": unit.now,
        "created_by": unit.context.caller.actor,
        "synthetic": synthetic,
    }


async def _issue(unit: UnitOfWork, row: Row, item: Item, found: NewFinding) -> None:
    finding = {
        **_new(unit, row.tenant_id, synthetic=row.synthetic),
        "supervision_id": row.id,
        "superior_id": row.superior_id,
        "code": item.code,
        "item": asdict(item),
        **prose(text=found.text),
        "due_on": found.due_on,
        "state": Finding.OPEN,
        "owner_display": "",
        "measure": "",
        "reference": "",
        "reason": "",
    }
    await unit.execute(insert(findings), finding)


async def assign(unit: UnitOfWork, finding_id: str, etag: str, owner_id: str, display: str) -> Row:
    """The branch names who puts a finding right."""
    return await _move(unit, finding_id, etag, Verb.ASSIGN, owner_id=owner_id, owner_display=display)


async def submit(unit: UnitOfWork, finding_id: str, etag: str, measure: str, reference: str) -> Row:
    """The branch says how a finding was put right, and what shows it."""
    said = prose(measure=measure) | clean(reference=reference)
    by = {"rectifier": unit.context.caller.person_id, "submitted_at": unit.now, "verifier": None}
    return await _move(unit, finding_id, etag, Verb.SUBMIT, **said, **by)


async def verify(unit: UnitOfWork, finding_id: str, etag: str) -> Row:
    """The superior verifies it. FINDING_IS_OWN."""
    by = {"verifier": unit.context.caller.person_id, "verified_at": unit.now, "reason": ""}
    return await _move(unit, finding_id, etag, Verb.VERIFY, **by)


async def give_back(unit: UnitOfWork, finding_id: str, etag: str, reason: str) -> Row:
    """The superior returns it with a reason. FINDING_IS_OWN."""
    by = {"verifier": unit.context.caller.person_id}
    return await _move(unit, finding_id, etag, Verb.RETURN, **prose(reason=reason), **by)


async def _move(unit: UnitOfWork, finding_id: str, etag: str, verb: Verb, **values: Any) -> Row:
    """Move a finding, and its supervision with it. What a party may not change it cannot lock, hence the look
    before: it says why. The supervision is locked first, so that of two findings the last one closes it."""
    seen = await _checked(unit, finding_id, etag, verb, lock=False)
    supervision = await queries.supervision(unit, seen.supervision_id, lock=True)
    row = await _checked(unit, finding_id, etag, verb, lock=True)
    state = rules.move(Finding(row.state), verb)
    f = findings.c
    row = await unit.one(
        update(findings)
        .where(f.tenant_id == row.tenant_id, f.id == row.id)
        .values(version=f.version + 1, updated_at=unit.now, state=state, **values)
        .returning(findings)
    )
    unverified = await _settle(unit, supervision)
    unit.audit(f"supervision.{verb}", row.id)
    events.changed(unit, row, unverified)
    return row


async def _checked(unit: UnitOfWork, finding_id: str, etag: str, verb: Verb, *, lock: bool) -> Row:
    row = await queries.finding(unit, finding_id, lock=lock)
    if etag != str(row.version):
        raise Stale
    rules.move(Finding(row.state), verb)
    if rules.FINDINGS[verb][0] is rules.Side.SUPERIOR:
        rules.check_verifies(row.rectifier, unit.context.caller.person_id)
    return row


async def _settle(unit: UnitOfWork, supervision: Row) -> int:
    """Bring a supervision to where its findings are; how many of them are not verified."""
    known = [Finding(row.state) for row in await queries.findings_of(unit, supervision)]
    unverified = sum(one is not Finding.VERIFIED for one in known)
    state: State = rules.state_of(known)
    s = supervisions.c
    await unit.execute(
        update(supervisions)
        .where(s.tenant_id == supervision.tenant_id, s.id == supervision.id)
        .values(version=s.version + 1, updated_at=unit.now, state=state, unverified=unverified)
    )
    return unverified
