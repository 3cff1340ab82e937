"""What is done with rules and obligations: one function a verb, each in the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update

from chassis import days
from chassis.errors import Conflict, NotFound, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.cadence import events, generation, queries, rules, settlement
from membership.cadence.periods import DAY, seam
from membership.cadence.rules import Evidence, Rule, Scope, Settings, State
from membership.cadence.settings import SETTINGS, works
from membership.cadence.tables import obligations, versions
from membership.cadence.tables import rules as rule_table
from membership.cadres import queries as cadres
from membership.texts import clean


async def set_rule(
    unit: UnitOfWork, code: str, etag: str, wanted: Rule, from_date: str, *, synthetic: bool
) -> Row:
    """Decide a rule, as its first version or the next one. EVIDENCE_DOES_NOT_FIT, DATE_IN_PAST."""
    rules.check_rule(wanted)
    today, asked = days.day_of(unit.now), days.parse("from_date", from_date)
    held = await queries.rule(unit, code)
    check_seen(held, etag)
    from_on = rules.holds_from(asked, today)
    if held is None:
        row = await _open(unit, code, from_on, synthetic=synthetic)
    else:
        from_on = await _seam(unit, held, from_on)
        row = unit.change(rule_table, held, {} if held.next_on else {"next_on": from_on})
        await unit.write()
    version = {
        "tenant_id": unit.tenant_id,
        "rule_id": row.id,
        "number": row.version,
        **asdict(wanted),
        **clean(title_zh=wanted.title_zh, title_en=wanted.title_en),
        "from_on": from_on,
        "created_by": unit.context.caller.actor,
        "created_at": unit.now,
    }
    await unit.execute(insert(versions), version)
    unit.audit("cadence.rule", row.id, code=code, version=row.version)
    events.rule_changed(unit, row, ended=False)
    await generation.generate(unit)
    return row


def check_seen(held: Row | None, etag: str) -> None:
    """Stale where the rule is another one than the caller has seen; 0 stands for none."""
    if etag != (str(held.version) if held else "0"):
        raise Stale


async def _seam(unit: UnitOfWork, held: Row, wanted: date) -> date:
    """The first day from the wanted one on at which no period of the rule runs."""
    if held.next_on is None:
        last = await queries.last_day(unit, held.id)
        return max(wanted, last + DAY) if last else wanted
    await generation.generate(unit)
    known = (await queries.versions_of(unit, [held.id]))[held.id]
    return seam(known, await queries.next_day(unit, held.id), wanted, await works(unit))


async def _open(unit: UnitOfWork, code: str, from_on: date, *, synthetic: bool) -> Row:
    statement = insert(rule_table).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=unit.context.caller.actor,
        synthetic=synthetic,
        code=code,
        next_on=from_on,
    )
    try:
        return await unit.one(statement.returning(rule_table))
    except UniqueViolationError as error:  # somebody else configured it in this very moment
        raise Stale from error


async def end_rule(unit: UnitOfWork, code: str, etag: str) -> Row:
    """End a rule; what has begun goes on. RULE_NOT_CONFIGURED."""
    held = await queries.rule(unit, code)
    if held is None or held.next_on is None:
        raise NotFound("RULE_NOT_CONFIGURED")
    check_seen(held, etag)
    row = unit.change(rule_table, held, {"next_on": None})
    unit.audit("cadence.end", row.id, code=code)
    events.rule_changed(unit, row, ended=True)
    return row


async def attest(
    unit: UnitOfWork, obligation_id: str, happened_date: str, reference: str, activity_id: str
) -> Row:
    """Say that an obligation was fulfilled. EVIDENCE_FROM_RECORDS, OBLIGATION_CLOSED, OUTSIDE_PERIOD,
    NOT_THE_SECRETARY, ACTIVITY_NOT_HELD."""
    row = await queries.obligation(unit, obligation_id, lock=True)
    today = days.day_of(unit.now)
    rules.check_attests(Evidence(row.evidence), State(row.state), row.closes_on, today)
    happened = days.parse("happened_date", happened_date) or today
    if row.scope == Scope.SECRETARY:
        post = await cadres.secretary(unit, row.subject_id)
        rules.check_secretary(unit.context.caller.person_id, str(post.person_id) if post else "")
    if row.evidence == Evidence.LECTURE:
        happened = (await queries.activity_held(unit, activity_id or row.id)).happened_on
    rules.check_happened(happened, row.start_on, row.until_on, today)
    found = {
        "tenant_id": unit.tenant_id,
        "kind": row.evidence,
        "id": activity_id if row.evidence == Evidence.LECTURE else new_id(),
        "subject_id": row.id,
        "activity_kind": "",
        "happened_on": happened,
        "filed_on": today,
        "counts": True,
        "reference": clean(reference=reference)["reference"],
        "filed_by": unit.context.caller.actor,
    }
    await settlement.keep(unit, [found])
    if not await settlement.settle_one(unit, row.id):
        raise Conflict("ACTIVITY_COUNTED")
    unit.audit("cadence.attest", row.id, kind=str(row.evidence))
    return await queries.obligation(unit, row.id)


async def waive(unit: UnitOfWork, obligation_id: str, etag: str, reason: str) -> Row:
    """The superior lets an obligation go. OBLIGATION_SETTLED. What a party may not change it cannot lock,
    hence the look before: it says why."""
    for lock in (False, True):
        row = await queries.one(unit, queries.named(unit), obligation_id, lock=lock)
        if etag != str(row.version):
            raise Stale
        state = rules.waive(State(row.state))
    o = obligations.c
    values = {
        "state": state,
        "reason": clean(reason=reason)["reason"],
        "waived_by": unit.context.caller.person_id or None,
        "version": row.version + 1,
        "updated_at": unit.now,
    }
    changed = update(obligations).where(o.tenant_id == row.tenant_id, o.id == row.id).values(values)
    row = await unit.one(changed.returning(obligations))
    unit.audit("cadence.waive", row.id)
    events.waived(unit, row)
    return row


async def set_figures(unit: UnitOfWork, etag: str, **decided: Any) -> Settings:
    """Decide the settings anew, as the next version. CLIMB_ORDER, DAY_OFF_AND_WORKED."""
    rules.check_settings(Settings(**decided))
    return await SETTINGS.begin(unit, etag, **decided)


async def noted(unit: UnitOfWork, found: Sequence[dict[str, Any]]) -> None:
    """Records say that something took place: obligations of those days are looked at again."""
    if not found:
        return
    rows = [{"tenant_id": unit.tenant_id, "counts": True, "reference": "", **one} for one in found]
    await settlement.keep(unit, rows)
    on = [one["happened_on"] for one in rows]
    kinds = sorted({Evidence(one["kind"]) for one in rows})
    await settlement.settle(unit, min(on), max(on), kinds)


async def doubted(unit: UnitOfWork, kind: Evidence, record_id: str, *, counts: bool) -> None:
    """A record was objected to, removed or kept: what rested on it is looked at again."""
    changed = await settlement.withdraw(unit, kind, record_id, counts=counts)
    if changed is not None:
        await settlement.settle(unit, changed.happened_on, changed.happened_on, [kind])
