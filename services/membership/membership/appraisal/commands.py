"""What is done with an appraisal: one function a verb, each in the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import ColumnElement, insert
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import days
from chassis.errors import Conflict, NotFound, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.appraisal import events, months, queries, rubrics, rules, scoring
from membership.appraisal.rubrics import Channel, Item, Rubric
from membership.appraisal.rules import State, Verb
from membership.appraisal.scoring import Confirmed, Outcome
from membership.appraisal.settings import RUBRICS, version
from membership.appraisal.tables import appraisals, confirmations, marks, periods
from membership.members import queries as members
from membership.orgs import queries as orgs
from membership.texts import clean, prose


async def set_rubric(unit: UnitOfWork, etag: str, items: Sequence[Item], **figures: Any) -> Rubric:
    """Decide the rubric anew, as the next version; periods that are open keep theirs."""
    tidy = [_tidy(item) for item in items]
    rubrics.check_rubric(tidy, figures["star_steps"], figures["due_days"], figures["late_days"])
    return await RUBRICS.begin(unit, etag, items=rubrics.kept(tidy), **figures)


def _tidy(item: Item) -> Item:
    words = prose(title_zh=item.title_zh, title_en=item.title_en, source=item.source)
    return Item(code=item.code, weight=item.weight, channels=item.channels, **words)


async def open_period(
    unit: UnitOfWork, org_id: str, from_month: str, until_month: str, *, synthetic: bool
) -> Row:
    """Open a period under the rubric that holds, with an appraisal for each on the roster.
    RUBRIC_NOT_DECIDED, PERIODS_OVERLAP, NOBODY_ON_ROSTER."""
    first, last = months.parse("from_month", from_month), months.parse("until_month", until_month)
    months.check_period(first, last, days.day_of(unit.now))
    rubric = await RUBRICS.current(unit)
    rubrics.check_decided(rubric)
    org = await orgs.active(unit, org_id, lock=True)
    if other := await queries.overlapping(unit, org.id, first, last):
        taken = {"from": months.written(other.from_on), "until": months.written(other.until_on)}
        raise Conflict("PERIODS_OVERLAP", params=taken)
    roster = await members.party_roster(unit, org.id)
    if not roster:
        raise Conflict("NOBODY_ON_ROSTER")
    period = await unit.one(
        insert(periods)
        .values(
            **_new(unit, synthetic=synthetic),
            org_id=org.id,
            rubric_version=rubric.version,
            from_on=first,
            until_on=last,
        )
        .returning(periods)
    )
    superior = await _superior(unit)
    rows = [_appraisal(unit, period, member, superior, first) for member in roster]
    await unit.execute_many(insert(appraisals), rows)
    unit.audit("appraisal.open", period.id, rubric=rubric.version)
    events.period_opened(unit, period, len(rows))
    return period


async def add(unit: UnitOfWork, period_id: str, person_id: str) -> Row:
    """Appraise somebody who came later, from this month on. NOT_ON_ROSTER, APPRAISED_ALREADY,
    PERIOD_IS_OVER."""
    period = await queries.period(unit, period_id)
    roster = await members.party_roster(unit, period.org_id)
    member = next((one for one in roster if one.person_id == person_id), None)
    if member is None:
        raise Conflict("NOT_ON_ROSTER")
    first = rules.first_month(period.from_on, days.day_of(unit.now))
    if first > period.until_on:
        raise Conflict("PERIOD_IS_OVER")
    values = _appraisal(unit, period, member, await _superior(unit), first)
    try:
        row = await unit.one(insert(appraisals).values(values).returning(appraisals))
    except UniqueViolationError as error:
        raise Conflict("APPRAISED_ALREADY") from error
    unit.audit("appraisal.add", row.id)
    return row


async def _superior(unit: UnitOfWork) -> str | None:
    place = await orgs.tenant(unit, unit.tenant_id)
    return (place.superior_id or place.region_id) if place else None


def _new(unit: UnitOfWork, *, synthetic: bool) -> dict[str, Any]:
    return {
        "tenant_id": unit.tenant_id,
        "id": new_id(),
        "created_at": unit.now,
        "updated_at": unit.now,
        "created_by": unit.context.caller.actor,
        "synthetic": synthetic,
    }


def _appraisal(
    unit: UnitOfWork, period: Row, member: Row, superior: str | None, first: date
) -> dict[str, Any]:
    return {
        **_new(unit, synthetic=period.synthetic),
        "period_id": period.id,
        "org_id": period.org_id,
        "rubric_version": period.rubric_version,
        "person_id": member.person_id,
        "account": member.account,
        "display": member.display,
        "superior_id": superior,
        "from_on": first,
        "until_on": period.until_on,
        "state": State.OPEN,
        "appeal": "",
        "appeal_targets": [],
        "answer": "",
        "corrected": False,
    }


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw of a member in a month by one way of looking."""

    month: str
    channel: Channel
    marks: Sequence[tuple[str, int]]
    """Targets, each with its score."""
    reference: str


async def record(unit: UnitOfWork, appraisal_id: str, seen: Seen) -> Row:
    """Record marks; they are never changed, a later one corrects an earlier. APPRAISAL_IS_OWN, MONTH_CLOSED,
    TARGET_CONFIRMED, CHANNEL_DOES_NOT_FIT."""
    row, state = await _take(unit, queries.here(unit), appraisal_id, Verb.RECORD)
    rubric = await version(unit, row.rubric_version)
    month = months.parse("month", seen.month)
    late = rules.check_month(month, row.from_on, row.until_on, rubric, days.day_of(unit.now))
    targets = [target for target, _ in seen.marks]
    rules.check_marks(rubrics.items_of(rubric), targets, seen.channel, seen.reference)
    rules.check_unconfirmed((await queries.confirmed(unit, [row])).get(row.id, {}), targets)
    said = {
        "tenant_id": unit.tenant_id,
        "appraisal_id": row.id,
        "person_id": row.person_id,
        "channel": seen.channel,
        "month_on": month,
        "reference": clean(reference=seen.reference)["reference"],
        "late": late,
        "assessor": unit.context.caller.person_id,
        "created_at": unit.now,
    }
    rows = [{**said, "id": new_id(), "target": code, "score": score} for code, score in seen.marks]
    await unit.execute_many(insert(marks), rows)
    row = unit.change(appraisals, row, {"state": state})
    unit.audit("appraisal.record", row.id, channel=str(seen.channel), month=seen.month)
    events.recorded(unit, row, seen.channel, month, len(rows), late=late)
    return row


async def confirm(unit: UnitOfWork, appraisal_id: str, etag: str, target: str, outcome: Outcome) -> Row:
    """Confirm a target; with the last one the score follows. NOT_YEAR_END, TARGET_NOT_ASSESSABLE,
    TARGET_ASSESSABLE, APPRAISAL_IS_OWN."""
    row, state = await _take(unit, queries.here(unit), appraisal_id, Verb.CONFIRM, etag)
    today = days.day_of(unit.now)
    rules.check_year_end(row.until_on, today)
    rubric = await version(unit, row.rubric_version)
    items = rubrics.items_of(rubric)
    item = rubrics.find(items, target)
    recorded = (await queries.marks_of(unit, [row.id])).get(row.id, ())
    stands = scoring.standing(item, recorded, row.from_on, row.until_on, rubric, today, ends=True)
    rules.check_outcome(outcome, assessable=stands.assessable)
    said = {
        "title_zh": item.title_zh,
        "title_en": item.title_en,
        "weight": item.weight,
        "outcome": outcome,
        "score": stands.score if stands.assessable else None,
        "months_due": stands.due,
        "months_assessed": stands.assessed,
        "confirmer": unit.context.caller.person_id,
        "confirmed_at": unit.now,
    }
    named = {"tenant_id": unit.tenant_id, "appraisal_id": row.id, "target": item.code}
    written = upsert(confirmations).values(
        **named, **said, person_id=row.person_id, superior_id=row.superior_id
    )
    await unit.execute(written.on_conflict_do_update(index_elements=list(named), set_=said))
    unit.audit("appraisal.confirm", row.id, target=item.code, outcome=str(outcome))
    return await _score(unit, row, state, rubric, items)


async def _score(unit: UnitOfWork, row: Row, state: State, rubric: Rubric, items: Sequence[Item]) -> Row:
    """The appraisal with the score that follows, once every target is confirmed."""
    found = (await queries.confirmed(unit, [row])).get(row.id, {})
    if len(found) < len(items):
        return unit.change(appraisals, row, {"state": state})
    score = scoring.whole(
        [
            Confirmed(item.weight, Outcome(found[item.code].outcome), found[item.code].score or 0)
            for item in items
        ]
    )
    proposed = scoring.stars(score, rubric.star_steps)
    row = unit.change(appraisals, row, {"state": State.SCORED, "score": score, "proposed_stars": proposed})
    if state is not State.SCORED:
        events.scored(unit, row)
    return row


async def show(unit: UnitOfWork, appraisal_id: str, etag: str) -> Row:
    """Show it to the member, who may appeal from now on. APPRAISAL_IS_OWN."""
    row, state = await _take(unit, queries.here(unit), appraisal_id, Verb.SHOW, etag)
    rubric = await version(unit, row.rubric_version)
    row = unit.change(
        appraisals,
        row,
        {
            "state": state,
            "shown_by": unit.context.caller.person_id,
            "shown_at": unit.now,
            "appeal_until": rules.appeal_until(days.day_of(unit.now), rubric),
        },
    )
    unit.audit("appraisal.show", row.id)
    events.shown(unit, row)
    return row


async def end(unit: UnitOfWork, appraisal_id: str, etag: str) -> Row:
    """End it without a result. STILL_ON_ROSTER."""
    row, state = await _take(unit, queries.here(unit), appraisal_id, Verb.END, etag)
    rules.check_left(on_roster=await members.on_party_roster(unit, row.person_id))
    row = unit.change(appraisals, row, {"state": state})
    unit.audit("appraisal.end", row.id)
    events.ended(unit, row)
    return row


async def accept(unit: UnitOfWork, appraisal_id: str, etag: str) -> Row:
    """The member accepts what was shown: final."""
    row, state = await _take(unit, queries.own(unit), appraisal_id, Verb.ACCEPT, etag)
    return await _finalise(unit, row, state, row.proposed_stars, "appraisal.accept")


async def appeal(unit: UnitOfWork, appraisal_id: str, etag: str, targets: Sequence[str], reason: str) -> Row:
    """The member appeals. APPEAL_TOO_LATE, NOBODY_TO_ANSWER."""
    row, state = await _take(unit, queries.own(unit), appraisal_id, Verb.APPEAL, etag)
    items = rubrics.items_of(await version(unit, row.rubric_version))
    rules.check_appeal(items, targets, row.appeal_until, days.day_of(unit.now))
    if row.superior_id is None:
        raise Conflict("NOBODY_TO_ANSWER")
    said = {"appeal": prose(reason=reason)["reason"], "appeal_targets": list(targets)}
    row = unit.change(appraisals, row, {"state": state, **said})
    unit.audit("appraisal.appeal", row.id)
    events.appealed(unit, row)
    return row


async def answer(unit: UnitOfWork, appraisal_id: str, etag: str, stars: int | None, reason: str) -> Row:
    """The superior answers: final. CONFIRMED_BY_YOU, APPRAISAL_IS_OWN, STARS_ARE_THE_SAME."""
    row, state = await _take(unit, queries.below(unit), appraisal_id, Verb.ANSWER, etag)
    found = (await queries.confirmed(unit, [row])).get(row.id, {})
    rules.check_answers({one.confirmer for one in found.values()}, unit.context.caller.person_id)
    corrected = rules.check_correction(stars, row.proposed_stars)
    said = {
        "answer": prose(reason=reason)["reason"],
        "corrected": corrected,
        "answered_by": unit.context.caller.person_id,
        "answered_at": unit.now,
    }
    return await _finalise(
        unit, row, state, stars if corrected else row.proposed_stars, "appraisal.answer", **said
    )


async def lapse(unit: UnitOfWork, appraisal_id: str) -> int:
    """Its days for an appeal are over: final; 1 where it is, 0 where somebody was faster."""
    try:
        row = await queries.one(unit, queries.here(unit), appraisal_id, lock=True)
    except NotFound:  # sealed meanwhile: what is final cannot be locked
        return 0
    if row.state != State.SHOWN or not rules.is_over(row.appeal_until, days.day_of(unit.now)):
        return 0
    state = rules.move(State.SHOWN, Verb.LAPSE)
    await _finalise(unit, row, state, row.proposed_stars, "appraisal.lapse")
    return 1


async def _finalise(
    unit: UnitOfWork, row: Row, state: State, stars: int | None, action: str, **values: Any
) -> Row:
    found = (await queries.confirmed(unit, [row])).get(row.id, {})
    row = unit.change(appraisals, row, {"state": state, "stars": stars, "final_at": unit.now, **values})
    unit.audit(action, row.id)
    events.finalised(
        unit,
        row,
        sum(one.months_due for one in found.values()),
        sum(one.months_assessed for one in found.values()),
    )
    return row


async def _take(
    unit: UnitOfWork, where: ColumnElement[bool], appraisal_id: str, verb: Verb, etag: str | None = None
) -> tuple[Row, State]:
    """Lock one for a verb; the state it leads to. What is sealed, and what a party may not change, cannot be
    locked, hence the look before: it says why."""
    own = rules.TRANSITIONS[verb][0] is rules.Side.MEMBER
    for lock in (False, True):
        row = await queries.one(unit, where, appraisal_id, lock=lock)
        if not own:
            rules.check_other(row.person_id, unit.context.caller.person_id)
        state = rules.move(State(row.state), verb)
        if etag is not None and etag != str(row.version):
            raise Stale
    return row, state
