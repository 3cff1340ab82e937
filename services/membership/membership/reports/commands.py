"""What is done with reports: one function a verb, each in the caller's unit of work.

The report, and every event about it, stays the building's, also where the tenant above decides.
"""

from collections.abc import Sequence
from typing import Any, Final

from asyncpg import UniqueViolationError
from sqlalchemy import ColumnElement, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import days
from chassis.errors import Conflict, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.cadence import queries as cadence
from membership.orgs import queries as orgs
from membership.reports import events, queries, rules
from membership.reports.figures import counted
from membership.reports.rules import Outcome, State, Verb
from membership.reports.settings import SETTINGS
from membership.reports.tables import facts, reports, versions
from membership.texts import paragraphs, prose

_KEPT: Final = upsert(facts).on_conflict_do_nothing(index_elements=["tenant_id", "kind", "id"])


async def begin(unit: UnitOfWork, obligation_id: str) -> Row:
    """Begin the report of an obligation. REPORT_NOT_OWED, REPORT_EXISTS, REPORT_WITHOUT_RECEIVER."""
    owed = await cadence.to_report(unit, obligation_id)
    if owed is None:
        raise Conflict("REPORT_NOT_OWED")
    caller = unit.context.caller
    rules.check_begins(caller.person_id)
    org = await orgs.active(unit, owed.subject_id)
    to_org_id, superior_id, receiver_name = await queries.receiver(unit, org)
    statement = insert(reports).values(
        tenant_id=unit.tenant_id,
        id=new_id(),
        created_at=unit.now,
        updated_at=unit.now,
        created_by=caller.actor,
        synthetic=owed.synthetic,
        obligation_id=owed.id,
        title_zh=owed.title_zh,
        title_en=owed.title_en,
        scope=owed.scope,
        org_id=org.id,
        org_name=org.name,
        floor=org.floor,
        to_org_id=to_org_id,
        superior_id=superior_id,
        receiver_name=receiver_name,
        start_on=owed.start_on,
        until_on=owed.until_on,
        due_on=owed.due_on,
        state=State.DRAFT,
        number=1,
        author=caller.person_id,
        author_account=caller.account_id or None,
        writers=[caller.person_id],
        sentence="",
    )
    try:
        row = await unit.one(statement.returning(reports))
    except UniqueViolationError as error:
        raise Conflict("REPORT_EXISTS") from error
    await _begin_version(unit, row, 1, done="", problems="", plans="")
    unit.audit("reports.begin", row.id)
    events.drafted(unit, row)
    return row


async def edit(unit: UnitOfWork, report_id: str, etag: str, **said: str) -> Row:
    """The author changes some of the words."""
    row = await _written(unit, report_id, etag, Verb.EDIT)
    row = await _next_version(unit, row)
    await _write_version(unit, row, **paragraphs(**said), figures=await counted(unit, row))
    unit.audit("reports.edit", row.id)
    return await _set(unit, row, State(row.state))


async def submit(unit: UnitOfWork, report_id: str, etag: str, receiver: str) -> Row:
    """The author submits it; `receiver` is the account of whoever is to hear of it. REPORT_EMPTY,
    REPORT_TOO_EARLY."""
    row = await _written(unit, report_id, etag, Verb.SUBMIT)
    rules.check_timely(row.until_on, days.day_of(unit.now), await SETTINGS.current(unit))
    row = await _next_version(unit, row)
    rules.check_said((await queries.version(unit, row)).done)
    by = {"submitted_by": row.author, "submitted_at": unit.now}
    await _write_version(unit, row, figures=await counted(unit, row), **by)
    account = unit.context.caller.account_id or None
    state = rules.move(State(row.state), Verb.SUBMIT)
    row = await _set(unit, row, state, submitted_at=unit.now, author_account=account)
    unit.audit("reports.submit", row.id, number=row.number)
    events.submitted(unit, row, receiver)
    return row


async def take(unit: UnitOfWork, report_id: str, etag: str) -> Row:
    """Somebody else who may write it becomes its author. REPORT_IS_YOURS."""
    row = await _seen(unit, queries.here(unit), report_id, etag, lock=True)
    state = rules.move(State(row.state), Verb.TAKE)
    caller = unit.context.caller
    rules.check_takes(row.author, caller.person_id)
    writers = list(dict.fromkeys((*row.writers, caller.person_id)))
    # Whoever returned it may become its author: then somebody else decides next.
    row = await _set(
        unit,
        row,
        state,
        author=caller.person_id,
        author_account=caller.account_id or None,
        writers=writers,
        decider=None,
    )
    unit.audit("reports.take", row.id)
    events.drafted(unit, row)
    return row


async def accept(unit: UnitOfWork, report_id: str, etag: str) -> Row:
    """Whoever it was submitted to accepts it. REPORT_IS_OWN."""
    row = await _decide(unit, report_id, etag, Verb.ACCEPT, Outcome.ACCEPTED)
    events.accepted(unit, row)
    return row


async def give_back(unit: UnitOfWork, report_id: str, etag: str, sentence: str) -> Row:
    """Whoever it was submitted to returns it with a sentence. REPORT_IS_OWN."""
    said = prose(sentence=sentence)["sentence"]
    row = await _decide(unit, report_id, etag, Verb.RETURN, Outcome.RETURNED, said)
    events.returned(unit, row)
    return row


async def _decide(
    unit: UnitOfWork, report_id: str, etag: str, verb: Verb, outcome: Outcome, sentence: str = ""
) -> Row:
    row = await _received(unit, report_id, etag, verb)
    decided = {"decider": unit.context.caller.person_id, "decided_at": unit.now, "sentence": sentence}
    await _write_version(unit, row, outcome=outcome, **decided)
    row = await _set(unit, row, rules.move(State(row.state), verb), **decided)
    unit.audit(f"reports.{verb}", row.id, number=row.number)
    return row


async def _received(unit: UnitOfWork, report_id: str, etag: str, verb: Verb) -> Row:
    """What was submitted to the caller, locked. What a party may not change it cannot lock, hence the look
    before: it says why."""
    party = unit.context.mode == "party"
    where = queries.named(unit) if party else queries.here(unit)
    for lock in (False, True):
        row = await _seen(unit, where, report_id, etag, lock=lock)
        rules.move(State(row.state), verb)
        if not party and row.superior_id:
            raise Conflict("REPORT_GOES_ABOVE", params={"name": row.receiver_name})
        rules.check_receives(row.writers, unit.context.caller.person_id)
    return row


async def _written(unit: UnitOfWork, report_id: str, etag: str, verb: Verb) -> Row:
    """What the caller is the author of, locked."""
    row = await _seen(unit, queries.here(unit), report_id, etag, lock=True)
    rules.move(State(row.state), verb)
    rules.check_author(row.author, unit.context.caller.person_id)
    return row


async def _seen(
    unit: UnitOfWork, where: ColumnElement[bool], report_id: str, etag: str, *, lock: bool
) -> Row:
    row = await queries.one(unit, where, report_id, lock=lock)
    if etag != str(row.version):
        raise Stale
    return row


async def _next_version(unit: UnitOfWork, row: Row) -> Row:
    """The report at a version that can be written: what was returned stays, and is gone on from."""
    held = await queries.version(unit, row)
    if not held.outcome:
        return row
    said = {name: getattr(held, name) for name in ("done", "problems", "plans")}
    await _begin_version(unit, row, row.number + 1, **said)
    return await unit.one(
        update(reports)
        .where(reports.c.tenant_id == row.tenant_id, reports.c.id == row.id)
        .values(number=row.number + 1)
        .returning(reports)
    )


async def _begin_version(unit: UnitOfWork, row: Row, number: int, **said: str) -> None:
    version = {
        "tenant_id": row.tenant_id,
        "report_id": row.id,
        "number": number,
        "superior_id": row.superior_id,
        "figures": await counted(unit, row),
        "outcome": "",
        "sentence": "",
        **said,
    }
    await unit.execute(insert(versions), version)


async def _write_version(unit: UnitOfWork, row: Row, **values: Any) -> None:
    v = versions.c
    own = (v.tenant_id == row.tenant_id, v.report_id == row.id, v.number == row.number)
    await unit.execute(update(versions).where(*own).values(**values))


async def _set(unit: UnitOfWork, row: Row, state: State, **values: Any) -> Row:
    r = reports.c
    statement = (
        update(reports)
        .where(r.tenant_id == row.tenant_id, r.id == row.id)
        .values(version=r.version + 1, updated_at=unit.now, state=state, **values)
    )
    return await unit.one(statement.returning(reports))


async def set_days(unit: UnitOfWork, etag: str, early_days: int) -> rules.Settings:
    """Set how early a report can be submitted anew, as the next version."""
    return await SETTINGS.begin(unit, etag, early_days=early_days)


async def note(unit: UnitOfWork, found: Sequence[dict[str, Any]]) -> None:
    """Keep what other services told of; what comes twice is kept once."""
    await unit.execute_many(_KEPT, [{"tenant_id": unit.tenant_id, **one} for one in found])
