"""Applications in the contract's words."""

from collections.abc import Mapping, Sequence

from chassis import days
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import development_pb2 as pb
from membership.development import plans, queries, rules
from membership.development.events import BY, ENDING, OUTCOME, STAGE, STANDING, STATE, UNIT
from membership.development.plans import Stage, Step
from membership.development.rules import Settings, Side, State
from membership.development.settings import plan_of
from membership.members.queries import ONESELF
from membership.orgs import queries as orgs


def sides(reader: Reader, row: Row) -> frozenset[Side]:
    """On which sides the caller stands, by what the caller came to do; of the own application on no other."""
    context = reader.context
    own = row.person_id == context.caller.person_id
    if context.mode == "party":
        return frozenset({Side.SUPERIOR} if not own and row.superior_id == context.tenant_id else ())
    if context.permission == ONESELF:
        return frozenset({Side.PERSON} if own else ())
    return frozenset({Side.OFFICE, Side.SECRETARY} if context.has("B") and not own else ())


async def shown(
    reader: Reader, rows: Sequence[Row], *, whole: bool = False
) -> list[pb.DevelopmentApplication]:
    """Applications with the names of what they name; `whole` with their steps and reviews."""
    in_building = reader.context.mode != "party"
    names = await orgs.names(reader, (row.org_id for row in rows)) if in_building else {}
    tenants = await orgs.named(
        reader, (tenant for row in rows for tenant in (row.tenant_id, row.superior_id))
    )
    mentors = await queries.mentors_of(reader, rows)
    found = [_application(reader, row, names, tenants, mentors[row.id]) for row in rows]
    if whole:
        done = await queries.done_of(reader, rows)
        for one, row in zip(found, rows, strict=True):
            one.steps.extend(_steps(row, done[row.id]))
            if reader.context.permission != ONESELF:
                one.reviews.extend(_review(each) for each in await queries.reviewed(reader, row))
    return found


def _application(
    reader: Reader, row: Row, names: Mapping[str, str], tenants: Mapping[str, Row], mentors: Sequence[Row]
) -> pb.DevelopmentApplication:
    state, next_step = State(row.state), queries.next_step(row)
    building, superior = tenants.get(row.tenant_id), tenants.get(row.superior_id)
    in_branch = reader.context.mode != "party" and reader.context.permission != ONESELF
    return pb.DevelopmentApplication(
        id=row.id,
        etag=str(row.version),
        state=STATE.number(state),
        stage=STAGE.number(row.stage),
        standing=STANDING.number(row.standing),
        person_id=row.person_id,
        display=row.display,
        org_id=row.org_id,
        org_name=names.get(row.org_id, ""),
        building_zh=building.name_zh if building else "",
        building_en=building.name_en if building else "",
        superior_zh=superior.name_zh if superior else "",
        superior_en=superior.name_en if superior else "",
        next=step(next_step, row.done_steps + 1) if next_step else None,
        done_steps=row.done_steps,
        total_steps=len(row.plan),
        earliest_on=days.written(row.earliest_on),
        due_on=days.written(row.due_on),
        review_on=days.written(row.review_on),
        reviews_held=row.reviews,
        overdue=rules.is_overdue(state, row.deadline, days.day_of(reader.now)),
        applied_on=days.written(row.applied_on),
        joined_on=days.written(row.joined_on),
        extended_months=row.extended_months,
        ending=ENDING.number(row.ending),
        ended_on=days.written(row.ended_on),
        mentors=[_mentor(each, with_person=in_branch) for each in mentors],
        verbs=[str(verb) for verb in rules.allowed(queries.point(row), sides(reader, row))],
        plan_version=row.plan_version,
        mine=row.person_id == reader.context.caller.person_id,
        synthetic=row.synthetic,
        confirm_time=row.confirmed_at,
        create_time=row.created_at,
        update_time=row.updated_at,
    )


def _mentor(row: Row, *, with_person: bool) -> pb.DevelopmentMentor:
    return pb.DevelopmentMentor(
        person_id=row.person_id if with_person else "",
        display=row.display,
        step=row.step,
        from_on=days.written(row.from_on),
    )


def _review(row: Row) -> pb.DevelopmentReview:
    return pb.DevelopmentReview(
        held_on=days.written(row.held_on), step=row.step, outcome=OUTCOME.number(row.outcome)
    )


def _steps(row: Row, done: Sequence[Row]) -> list[pb.DevelopmentStep]:
    found = [step(plans.read(each), number) for number, each in enumerate(row.plan, 1)]
    for one, each in zip(found, done, strict=False):
        one.done_on = days.written(each.done_on)
        one.document_no = each.document_no
        one.entered_on = days.written(days.day_of(each.recorded_at))
    return found


def step(said: Step, number: int) -> pb.DevelopmentStep:
    """A step of a plan."""
    return pb.DevelopmentStep(
        number=number,
        code=said.code,
        stage=STAGE.number(said.stage),
        by=BY.number(said.by),
        title_zh=said.title_zh,
        title_en=said.title_en,
        within=said.within,
        within_unit=UNIT.number(said.within_unit if said.within else ""),
        wait=said.wait,
        wait_unit=UNIT.number(said.wait_unit if said.wait else ""),
        since=said.since,
        review_months=said.review_months,
        reviews=said.reviews,
        people_least=said.people_least,
        people_most=said.people_most,
        hours=said.hours,
        extend_least=said.extend_least,
        extend_most=said.extend_most,
        reaches=STANDING.number(said.reaches or ""),
        source=said.source,
        designed=said.designed,
        unconfirmed=said.unconfirmed,
    )


async def mentees(reader: Reader) -> pb.ListMyMenteesResponse:
    """Those whose mentor the caller is."""
    today = days.day_of(reader.now)
    found = []
    for row in await queries.mentored(reader):
        next_step = queries.next_step(row)
        found.append(
            pb.DevelopmentMentee(
                display=row.display,
                standing=STANDING.number(row.standing),
                next=step(next_step, row.done_steps + 1) if next_step else None,
                review_on=days.written(row.review_on),
                overdue=row.review_on is not None and row.review_on < today,
                from_on=days.written(row.from_on),
            )
        )
    return pb.ListMyMenteesResponse(mentees=found)


async def board(reader: Reader) -> pb.DevelopmentBoard:
    """Open applications by stage."""
    rows = await queries.counted(reader)
    by_stage = {row.stage: row for row in rows if row.state == State.OPEN}
    counts = []
    for stage in Stage:
        row = by_stage.get(stage)
        counted = {"open": row.open, "overdue": row.overdue, "at_superior": row.at_superior} if row else {}
        counts.append(pb.DevelopmentStageCount(stage=STAGE.number(stage), **counted))
    return pb.DevelopmentBoard(
        stages=counts, recorded=sum(row.open for row in rows if row.state == State.RECORDED)
    )


def figures(held: Settings) -> pb.DevelopmentSettings:
    """The steps and figures that hold, and where they come from."""
    reply = pb.DevelopmentSettings(
        etag=str(held.version),
        steps=[step(each, number) for number, each in enumerate(plan_of(held), 1)],
        remind_days=held.remind_days,
        superior_days=held.superior_days,
        source="tenant" if held.version else "default",
    )
    if held.created_at is not None:
        reply.set_time.FromDatetime(held.created_at)
    return reply
