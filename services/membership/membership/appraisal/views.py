"""Appraisals in the contract's words."""

from collections.abc import Mapping, Sequence
from datetime import date

from chassis import days
from chassis.clocks import timestamp
from chassis.context import Context
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import appraisal_pb2 as pb
from membership.appraisal import months, queries, rubrics, rules, scoring
from membership.appraisal.events import CHANNEL, MONTH_STATE, OUTCOME, STATE
from membership.appraisal.queries import ONESELF
from membership.appraisal.rubrics import Item, Rubric
from membership.appraisal.rules import TOLD, Actor, Side, State
from membership.appraisal.scoring import Mark, Standing
from membership.appraisal.settings import version
from membership.orgs import queries as orgs
from membership.zones import queries as zones


def actor(context: Context) -> Actor:
    """On which sides of other people's appraisals the caller stands, by what the caller came to do."""
    if context.mode == "party":
        sides = {Side.SUPERIOR}
    elif context.permission != ONESELF and context.has("B"):
        sides = {Side.ASSESSOR, Side.BRANCH}
    else:
        sides = set()
    return Actor(context.caller.person_id, frozenset(sides))


async def shown(reader: Reader, rows: Sequence[Row]) -> list[pb.Appraisal]:
    """Appraisals as the building and the member see them, month by month."""
    ids = [row.id for row in rows]
    recorded = await queries.marks_of(reader, ids)
    confirmed = await queries.confirmed(reader, rows)
    names = await orgs.names(reader, (row.org_id for row in rows))
    held = await zones.held_by(reader, {row.person_id for row in rows})
    under = {number: await version(reader, number) for number in {row.rubric_version for row in rows}}
    today = days.day_of(reader.now)
    found = []
    for row in rows:
        rubric = under[row.rubric_version]
        one = _appraisal(reader, row)
        one.org_name = names.get(row.org_id, "")
        one.zones.extend(zone.location_name for zone in held.get(row.person_id, ()))
        stands = _standings(row, rubric, recorded.get(row.id, ()), today)
        said = confirmed.get(row.id, {}) if _sees_result(reader, row) else {}
        one.targets.extend(
            _target(item, stands[item.code], said.get(item.code)) for item in rubrics.items_of(rubric)
        )
        one.months_missing = scoring.months_missing(stands)
        found.append(one)
    return found


async def above(reader: Reader, rows: Sequence[Row]) -> list[pb.Appraisal]:
    """Appraisals as the superior sees them: what was confirmed, and no month."""
    confirmed = await queries.confirmed(reader, rows)
    places = {tenant: await orgs.tenant(reader, tenant) for tenant in {row.tenant_id for row in rows}}
    found = []
    for row in rows:
        one = _appraisal(reader, row)
        place = places[row.tenant_id]
        one.place_name = place.name_zh if place else ""
        one.targets.extend(_confirmed(said) for said in confirmed.get(row.id, {}).values())
        found.append(one)
    return found


def _sees_result(reader: Reader, row: Row) -> bool:
    """The member is shown what was confirmed when the branch shows it, and not before."""
    return reader.context.permission != ONESELF or row.state in TOLD


def _appraisal(reader: Reader, row: Row) -> pb.Appraisal:
    result = _sees_result(reader, row)
    return pb.Appraisal(
        id=row.id,
        etag=str(row.version),
        period_id=row.period_id,
        org_id=row.org_id,
        person_id=row.person_id,
        display=row.display,
        state=STATE.number(row.state),
        from_month=months.written(row.from_on),
        until_month=months.written(row.until_on),
        rubric_version=row.rubric_version,
        score=row.score if result else None,
        proposed_stars=row.proposed_stars if result else None,
        stars=row.stars,
        appeal_until=days.written(row.appeal_until),
        appeal=row.appeal,
        appeal_targets=row.appeal_targets,
        answer=row.answer,
        corrected=row.corrected,
        verbs=[str(verb) for verb in rules.allowed(State(row.state), row.person_id, actor(reader.context))],
        final_time=row.final_at,
        synthetic=row.synthetic,
    )


def _standings(row: Row, rubric: Rubric, recorded: Sequence[Mark], today: date) -> Mapping[str, Standing]:
    return {
        item.code: scoring.standing(item, recorded, row.from_on, row.until_on, rubric, today)
        for item in rubrics.items_of(rubric)
    }


def _target(item: Item, stands: Standing, said: Row | None) -> pb.AppraisalTarget:
    return pb.AppraisalTarget(
        item=_item(item),
        months=[
            pb.AppraisalMonth(
                month=months.written(cell.month),
                state=MONTH_STATE.number(cell.state),
                score=cell.score,
                due_date=days.written(cell.due),
            )
            for cell in stands.cells
        ],
        missing_channels=[CHANNEL.number(channel) for channel in stands.missing_channels],
        months_due=stands.due,
        months_assessed=stands.assessed,
        score=stands.score,
        assessable=stands.assessable,
        outcome=OUTCOME.number(said.outcome if said else ""),
    )


def _confirmed(said: Row) -> pb.AppraisalTarget:
    return pb.AppraisalTarget(
        item=pb.AppraisalItem(
            code=said.target, title_zh=said.title_zh, title_en=said.title_en, weight=said.weight
        ),
        months_due=said.months_due,
        months_assessed=said.months_assessed,
        score=said.score,
        assessable=said.score is not None,
        outcome=OUTCOME.number(said.outcome),
    )


def _item(item: Item) -> pb.AppraisalItem:
    return pb.AppraisalItem(
        code=item.code,
        title_zh=item.title_zh,
        title_en=item.title_en,
        weight=item.weight,
        channels=[CHANNEL.number(channel) for channel in item.channels],
        source=item.source,
    )


def mark(row: Row) -> pb.AppraisalMark:
    """A mark; who made it is in the log."""
    return pb.AppraisalMark(
        id=row.id,
        target=row.target,
        channel=CHANNEL.number(row.channel),
        month=months.written(row.month_on),
        score=row.score,
        reference=row.reference,
        late=row.late,
        counts=row.counts,
        create_time=row.created_at,
    )


async def periods(reader: Reader, rows: Sequence[Row]) -> list[pb.AppraisalPeriod]:
    """Periods with what was done of their months."""
    ids = [row.id for row in rows]
    names = await orgs.names(reader, (row.org_id for row in rows))
    members = await queries.of_periods(reader, ids)
    assessed = await queries.months_assessed(reader, ids)
    under = {number: await version(reader, number) for number in {row.rubric_version for row in rows}}
    today = days.day_of(reader.now)
    found = []
    for row in rows:
        rubric = under[row.rubric_version]
        whole = sum(item.by_month for item in rubrics.items_of(rubric))
        due = done = 0
        for one in members.get(row.id, ()):
            for month in months.between(one.from_on, one.until_on):
                complete = assessed.get((one.id, month), 0) >= whole
                done += complete
                due += complete or today > scoring.due_day(month, rubric)
        found.append(
            pb.AppraisalPeriod(
                id=row.id,
                org_id=row.org_id,
                org_name=names.get(row.org_id, ""),
                from_month=months.written(row.from_on),
                until_month=months.written(row.until_on),
                rubric_version=row.rubric_version,
                members=len(members.get(row.id, ())),
                finished=sum(one.state == State.FINAL for one in members.get(row.id, ())),
                months_due=due,
                months_assessed=done,
                synthetic=row.synthetic,
            )
        )
    return found


def rubric(held: Rubric) -> pb.AppraisalRubric:
    """A version of the rubric, and whether anybody decided it."""
    return pb.AppraisalRubric(
        etag=str(held.version),
        items=[_item(item) for item in rubrics.items_of(held)],
        star_steps=held.star_steps,
        months_percent=held.months_percent,
        due_days=held.due_days,
        late_days=held.late_days,
        appeal_days=held.appeal_days,
        source="tenant" if held.version else "proposal",
        set_time=timestamp(held.created_at) if held.created_at else None,
    )
