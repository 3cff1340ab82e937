"""What is done with applications: one function a verb, each in the caller's unit of work.

The superior acts as the party that the record names; the record, and every event about it, stays the
building's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from asyncpg import UniqueViolationError
from sqlalchemy import insert

from chassis import days
from chassis.errors import Conflict, NotFound, Stale
from chassis.events import Event
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.development import course, events, plans, queries, rules
from membership.development.course import Named, Said
from membership.development.plans import NEVER, Standing
from membership.development.rules import Ending, Outcome, State, Verb
from membership.development.settings import SETTINGS, plan_of
from membership.development.tables import applications, reviews
from membership.members import commands as roster
from membership.members import queries as members
from membership.members.commands import Place
from membership.orgs import queries as orgs
from membership.texts import clean

_OFF_THE_ROSTER: Final = ("", Ending.CANCELLED, Ending.REFUSED)
"""Endings after which a probationary member is none any more: withdrawn, cancelled, not approved."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody's application, as the person or the branch says it."""

    person_id: str
    account: str
    display: str
    org_id: str
    applied_on: str
    document_no: str
    synthetic: bool


async def apply(unit: UnitOfWork, wish: Wish) -> Row:
    """The person applies: the first step is done. APPLICATION_EXISTS, APPLICANT_IS_MEMBER, NO_SUPERIOR."""
    row = await _insert(unit, wish, State.OPEN, confirmed_at=unit.now)
    return await _open(unit, row)


async def record(unit: UnitOfWork, wish: Wish) -> Row:
    """The branch records what was handed in on paper; the person is asked. Nobody records their own."""
    rules.check_not_oneself(unit.context.caller.person_id, wish.person_id)
    row = await _insert(unit, wish, State.RECORDED, confirmed_at=None)
    unit.audit("development.record", row.id)
    events.recorded(unit, row)
    return row


async def confirm(unit: UnitOfWork, application_id: str) -> Row:
    """The person confirms: from now on it is an application of theirs."""
    row = await queries.one(unit, queries.own(unit), application_id, lock=True)
    rules.check(Verb.CONFIRM, queries.point(row))
    account = unit.context.caller.account_id or None
    row = await course.write(unit, row, state=State.OPEN, confirmed_at=unit.now, account=account)
    return await _open(unit, row)


async def deny(unit: UnitOfWork, application_id: str) -> Row:
    """The person says that it is not so."""
    row = await queries.one(unit, queries.own(unit), application_id, lock=True)
    rules.check(Verb.DENY, queries.point(row))
    row = await course.close(unit, row, State.DENIED)
    unit.audit("development.deny", row.id)
    events.denied(unit, row)
    return row


async def withdraw(unit: UnitOfWork, application_id: str) -> Row:
    """The person takes it back."""
    row = await queries.one(unit, queries.own(unit), application_id, lock=True)
    rules.check(Verb.WITHDRAW, queries.point(row))
    return await _end(unit, row, State.WITHDRAWN, "")


async def submit(unit: UnitOfWork, application_id: str, said: Said) -> Row:
    """The person does a step of their own."""
    row = await queries.one(unit, queries.own(unit), application_id, lock=True)
    return await course.do(unit, row, Verb.SUBMIT, said)


async def complete(unit: UnitOfWork, application_id: str, etag: str, said: Said) -> Row:
    """The branch does its step. Nobody does steps of their own application for the branch."""
    row = await _locked(unit, application_id, etag)
    return await course.do(unit, row, Verb.COMPLETE, said)


async def approve(unit: UnitOfWork, application_id: str, etag: str, said: Said) -> Row:
    """The superior does its step. RECORDED_BY_YOU for whoever recorded anything of it for the branch."""
    row = await _taken(unit, application_id, etag, Verb.APPROVE)
    return await course.do(unit, row, Verb.APPROVE, said)


async def reject(unit: UnitOfWork, application_id: str, etag: str) -> Row:
    """The superior does not approve."""
    row = await _taken(unit, application_id, etag, Verb.REJECT)
    return await _end(unit, row, State.ENDED, Ending.REFUSED)


async def end(unit: UnitOfWork, application_id: str, etag: str, ending: str) -> Row:
    """The branch ends it."""
    row = await _locked(unit, application_id, etag)
    rules.check(Verb.END, queries.point(row))
    rules.check_ending(Ending(ending), Standing(row.standing))
    return await _end(unit, row, State.ENDED, Ending(ending))


async def review(unit: UnitOfWork, application_id: str, etag: str, held_on: str, outcome: str) -> Row:
    """The branch records a review; the next one is due from its day on."""
    row = await _locked(unit, application_id, etag)
    at = queries.point(row)
    rules.check(Verb.REVIEW, at)
    day = days.past("held_on", held_on, unit.now)
    last = await queries.last_review(unit, row) or row.since_on
    rules.check_review(day, max(last, row.since_on))
    await unit.execute(
        insert(reviews).values(
            **course.part(row),
            id=new_id(),
            step=at.step.code if at.step else "",
            held_on=day,
            outcome=Outcome(outcome),
            recorded_by=unit.context.caller.person_id,
            recorded_at=unit.now,
        )
    )
    due = plans.review_due(at.step, day) if at.step else None
    row = await course.write(
        unit, row, reviews=row.reviews + 1, review_on=due, **course.deadline(row.due_on, due)
    )
    unit.audit("development.review", row.id, outcome=outcome)
    events.reviewed(unit, row, outcome)
    return row


async def name_mentors(unit: UnitOfWork, application_id: str, etag: str, people: Sequence[Named]) -> Row:
    """Name the mentors anew; whoever is not named any more ceases to be one today."""
    row = await _locked(unit, application_id, etag)
    rules.check(Verb.MENTORS, queries.point(row))
    step = queries.mentor_step(row)
    if step is None:  # no mentors are named before that step
        raise LookupError(application_id)
    rules.check_people(step, [one.person_id for one in people])
    await course.name(unit, row, step, people, days.day_of(unit.now))
    row = await course.write(unit, row)
    unit.audit("development.mentors", row.id)
    return row


async def extend(unit: UnitOfWork, application_id: str, etag: str, months: int, document_no: str) -> Row:
    """The branch extends the probation, once; the resolution's number is kept in the audit log."""
    row = await _locked(unit, application_id, etag)
    at = queries.point(row)
    rules.check(Verb.EXTEND, at)
    if at.step is not None:
        rules.check_extension(at.step, months)
    coming = course.coming(row, await course.days_done(unit, row), months)
    row = await course.write(unit, row, extended_months=months, **coming)
    number = clean(document_no=document_no)["document_no"]
    unit.audit("development.extend", row.id, months=months, document_no=number)
    events.extended(unit, row)
    return row


async def set_figures(
    unit: UnitOfWork, etag: str, figures: Mapping[str, Mapping[str, int]], **reminders: int
) -> None:
    """Set figures anew, as the next version."""
    held = await SETTINGS.current(unit)
    plan = plans.changed(plan_of(held), figures)
    kept = {"remind_days": held.remind_days, "superior_days": held.superior_days, **reminders}
    await SETTINGS.begin(unit, etag, steps=plans.written(plan), **kept)


async def follow(unit: UnitOfWork, told: Sequence[Event]) -> None:
    """The roster follows: on it as the superior approved, full as approved again, off it when cancelled."""
    for application_id, reached in events.reached(told):
        row = await queries.one(unit, queries.here(unit), application_id)
        held = await members.open_party(unit, row.person_id)
        if reached is Standing.FULL and held is not None:
            await roster.promote(unit, held.id)
        elif reached is Standing.PROBATIONARY and held is None:
            await roster.admit_probationary(unit, row, Place(row.org_id, "", ""))
    for application_id in events.lost(told, _OFF_THE_ROSTER):
        row = await queries.one(unit, queries.here(unit), application_id)
        held = await members.open_party(unit, row.person_id)
        # Whoever came onto the roster by another way stays there.
        if held is not None and held.stage == Standing.PROBATIONARY:
            locked = await members.get(unit, held.id, lock=True)
            await roster.dismiss(unit, locked, "removed", row.ended_on or days.day_of(unit.now))


async def _insert(unit: UnitOfWork, wish: Wish, state: State, *, confirmed_at: Any) -> Row:
    await roster.check_party_place(unit, Place(wish.org_id, "", ""))
    if await members.open_party(unit, wish.person_id):
        raise Conflict("APPLICANT_IS_MEMBER")
    place = await orgs.tenant(unit, unit.tenant_id)
    superior = (place.superior_id or place.region_id) if place else None
    if superior is None:
        raise Conflict("NO_SUPERIOR")
    held = await SETTINGS.current(unit)
    plan = plan_of(held)
    applied = days.past("applied_on", wish.applied_on, unit.now)
    statement = insert(applications).values(
        **unit.fresh(synthetic=wish.synthetic),
        person_id=wish.person_id,
        account=wish.account or None,
        display=wish.display,
        org_id=wish.org_id,
        superior_id=superior,
        state=state,
        ending="",
        applied_on=applied,
        document_no=clean(document_no=wish.document_no)["document_no"],
        confirmed_at=confirmed_at,
        plan=plans.written(plan),
        plan_version=held.version,
        done_steps=0,
        stage=plan[0].stage,
        standing=Standing.APPLICANT,
        next_by=plan[0].by,
        since_on=applied,
        reviews=0,
        deadline=NEVER,
        level=0,
        extended_months=0,
    )
    try:
        return await unit.one(statement.returning(applications))
    except UniqueViolationError as error:
        raise Conflict("APPLICATION_EXISTS") from error


async def _open(unit: UnitOfWork, row: Row) -> Row:
    """The application itself is the first step."""
    unit.audit("development.apply", row.id)
    events.opened(unit, row)
    first = Said(row.plan[0]["code"], days.written(row.applied_on), row.document_no)
    return await course.do(unit, row, Verb.SUBMIT, first)


async def _locked(unit: UnitOfWork, application_id: str, etag: str) -> Row:
    """One of the building's, for a verb of the branch; never on one's own."""
    row = await queries.one(unit, queries.here(unit), application_id, lock=True)
    if etag != str(row.version):
        raise Stale
    rules.check_not_oneself(unit.context.caller.person_id, row.person_id)
    return row


async def _taken(unit: UnitOfWork, application_id: str, etag: str, verb: Verb) -> Row:
    """One of those below, for a verb of the superior. What a party may not change it cannot lock, hence the
    look before: it says why."""
    seen = await queries.one(unit, queries.below(unit), application_id)
    if etag != str(seen.version):
        raise Stale
    rules.check(verb, queries.point(seen))
    try:
        row = await queries.one(unit, queries.below(unit), application_id, lock=True)
    except NotFound as gone:  # somebody else did the superior's step in this very moment
        raise Stale from gone
    if etag != str(row.version):
        raise Stale
    rules.check_approver(unit.context.caller.person_id, row.person_id, await queries.recorders(unit, row))
    return row


async def _end(unit: UnitOfWork, row: Row, state: State, ending: str) -> Row:
    row = await course.close(unit, row, state, ending=ending)
    unit.audit("development.end", row.id, ending=ending)
    events.ended(unit, row)
    return row
