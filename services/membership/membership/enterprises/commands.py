"""What can be done with the enterprise registry: one function per verb."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from asyncpg import UniqueViolationError
from sqlalchemy import Text, cast, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.errors import Conflict, FieldError, Stale
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.enterprises import events, queries, rules
from membership.enterprises.pinyin import sort_key
from membership.enterprises.tables import enterprises, terms
from membership.texts import floor_order, key_of_name

Outcome = Literal["created", "updated", "unchanged"]


async def register_enterprise(
    unit: UnitOfWork,
    facts: rules.Facts,
    *,
    synthetic: bool = False,
    surveyed_at: datetime | None = None,
) -> Row:
    """Register an enterprise. Conflict when an active one has its code, or its name and floor."""
    facts = rules.named(rules.tidy(facts))
    await _refuse_twins(unit, facts)
    return await _register(unit, facts, synthetic=synthetic, surveyed_at=surveyed_at)


async def _register(
    unit: UnitOfWork, facts: rules.Facts, *, synthetic: bool, surveyed_at: datetime | None
) -> Row:
    values = {
        **unit.fresh(synthetic=synthetic),
        "state": "active",
        "former_names": [],
        "surveyed_at": surveyed_at,
        **_columns(facts),
    }
    row = await _write(unit, insert(enterprises).values(values).returning(enterprises))
    await _index(unit, row, again=False)
    unit.audit("enterprises.register", row.id)
    unit.emit(events.registered(row), aggregate_id=row.id)
    if surveyed_at is not None:
        unit.emit(events.surveyed(row), aggregate_id=row.id)
    return row


async def update_enterprise(
    unit: UnitOfWork, enterprise_id: str, changes: Mapping[str, str], *, etag: str
) -> Row:
    """Correct the record. Stale when someone else changed it since the caller looked."""
    row = await queries.get(unit, enterprise_id, lock=True)
    if str(row.version) != etag:
        raise Stale
    rules.require(row.state, "update")
    known = facts_of(row)
    corrected = rules.named(rules.tidy(replace(known, **changes)))
    if corrected == known:
        return row
    changed = await _change(unit, row, corrected, {})
    unit.audit("enterprises.update", row.id, fields=",".join(sorted(changes)))
    unit.emit(events.changed(changed), aggregate_id=changed.id)
    return changed


async def record_survey(
    unit: UnitOfWork, enterprise_id: str, answers: Mapping[str, str], *, etag: str = ""
) -> Row:
    """Write down what a survey found. Answers that are empty leave what was known."""
    row = await queries.get(unit, enterprise_id, lock=True)
    if etag and str(row.version) != etag:
        raise Stale
    rules.require(row.state, "survey")
    given = {question: answer for question, answer in answers.items() if answer}
    found = rules.tidy(replace(facts_of(row), **given))
    surveyed = await _change(unit, row, found, {"surveyed_at": unit.now})
    unit.audit("enterprises.survey", row.id)
    unit.emit(events.surveyed(surveyed), aggregate_id=surveyed.id)
    return surveyed


async def move_out(unit: UnitOfWork, enterprise_id: str, *, etag: str) -> Row:
    """The enterprise has left the building; its record stays."""
    row = await queries.get(unit, enterprise_id, lock=True)
    if str(row.version) != etag:
        raise Stale
    rules.require(row.state, "moveout")
    gone = await _write(unit, _update(row, unit, {"state": "moved_out", "moved_out_at": unit.now}))
    unit.audit("enterprises.moveout", row.id)
    unit.emit(events.moved_out(gone), aggregate_id=gone.id)
    return gone


async def take_from_ledger(
    unit: UnitOfWork, said: Mapping[str, str], *, surveyed_at: datetime | None, synthetic: bool
) -> tuple[Outcome, str]:
    """Register the enterprise of a ledger row, or bring the known one up to date. `said` names facts by
    the fields of `rules.Facts`; what it leaves out keeps what was known. Doing it again changes
    nothing: this is what makes an import repeatable."""
    facts = _said(said)
    found = {row.id: row for row in await queries.twins(unit, facts)}
    known = rules.the_one((_known(row) for row in found.values()), facts)
    if known is None:
        facts = rules.named(rules.tidy(facts))
        row = await _register(unit, facts, synthetic=synthetic, surveyed_at=surveyed_at)
        return "created", row.id
    merged, newer = rules.merge(known, facts, surveyed_at)
    if merged == known.facts and not newer:
        return "unchanged", known.id
    more = {"surveyed_at": surveyed_at} if newer else {}
    row = await _change(unit, found[known.id], merged, more)
    unit.emit(events.changed(row), aggregate_id=row.id)
    if newer:
        unit.emit(events.surveyed(row), aggregate_id=row.id)
    return "updated", row.id


async def expect_from_ledger(
    unit: UnitOfWork, entries: Iterable[tuple[Mapping[str, str], datetime | None]]
) -> list[rules.Expectation]:
    """What `take_from_ledger` would do with each row of a ledger, without doing it."""
    ledger = rules.Ledger(_known(row) for row in await queries.active(unit))
    return [ledger.expect(_said(said), surveyed_at) for said, surveyed_at in entries]


def _said(said: Mapping[str, str]) -> rules.Facts:
    return rules.Facts(**{"name": "", "floor": "", **said})


def _known(row: Row) -> rules.Known:
    return rules.Known(row.id, facts_of(row), row.surveyed_at)


def facts_of(row: Row) -> rules.Facts:
    """The facts of a stored enterprise."""
    return rules.Facts(
        name=row.name,
        floor=row.floor,
        short_name=row.short_name,
        credit_code=row.credit_code,
        industry=row.industry,
        room=row.room,
        branch=row.branch,
        headcount=row.headcount,
        owner_support=row.owner_support,
        contact_account=row.contact_account or "",
        contact_display=row.contact_display,
    )


def _columns(facts: rules.Facts) -> dict[str, Any]:
    return {
        **facts.values(),
        "contact_account": facts.contact_account or None,
        "name_key": key_of_name(facts.name),
        "sort_key": sort_key(facts.name),
        "floor_order": floor_order(facts.floor),
        "completeness": rules.completeness(facts),
    }


async def _change(unit: UnitOfWork, row: Row, facts: rules.Facts, more: Mapping[str, Any]) -> Row:
    await _refuse_twins(unit, facts, but=row.id)
    history = rules.former_names(row.former_names, row.name, facts.name, unit.now)
    values = {**_columns(facts), "former_names": history, **more}
    changed = await _write(unit, _update(row, unit, values))
    await _index(unit, changed, again=True)
    return changed


def _update(row: Row, unit: UnitOfWork, values: Mapping[str, Any]) -> Any:
    c = enterprises.c
    return (
        update(enterprises)
        .where(c.tenant_id == unit.tenant_id, c.id == row.id)
        .values(version=c.version + 1, updated_at=unit.now, **values)
        .returning(enterprises)
    )


async def _refuse_twins(unit: UnitOfWork, facts: rules.Facts, *, but: str = "") -> None:
    if found := await queries.twins(unit, facts, but=but):
        same_code = facts.credit_code and found[0].credit_code == facts.credit_code
        field = "credit_code" if same_code else "name"
        wrong = FieldError(field, "ENTERPRISE_EXISTS", {"name": found[0].name, "floor": found[0].floor})
        raise Conflict("ENTERPRISE_EXISTS", fields=[wrong], params=wrong.params)


async def _write(unit: UnitOfWork, statement: Any) -> Row:
    try:
        return await unit.one(statement)
    except UniqueViolationError as error:  # another transaction registered the twin at the same moment
        raise Conflict("ENTERPRISE_EXISTS") from error


async def _index(unit: UnitOfWork, row: Row, *, again: bool) -> None:
    wanted = rules.bigrams(
        row.name, row.short_name, row.credit_code, row.room, *(old["name"] for old in row.former_names)
    )
    c = terms.c
    of_row = (c.tenant_id == unit.tenant_id, c.enterprise_id == row.id)
    kept = {found.term for found in await unit.fetch(select(c.term).where(*of_row))} if again else set()
    if gone := kept - wanted:
        await unit.execute(delete(terms).where(*of_row, c.term.in_(gone)))
    if new := wanted - kept:
        # One array instead of a row of values each: the statement is the same for every name.
        each = func.unnest(cast(sorted(new), ARRAY(Text)))
        values = select(
            literal(unit.tenant_id, c.tenant_id.type), each, literal(row.id, c.enterprise_id.type)
        )
        await unit.execute(insert(terms).from_select(["tenant_id", "term", "enterprise_id"], values))
