"""Cases in the contract's words."""

from collections.abc import Iterable

from chassis.context import Context
from chassis.statements import Row
from louyu.window.v1 import cases_pb2 as pb
from window.cases import access, rules
from window.cases.commands import papers_of
from window.cases.events import DECISION, DELIVERY, FILED_FOR, STATE
from window.cases.papers import Papers


def full(row: Row, steps: Iterable[Row], context: Context, papers: Papers) -> pb.Case:
    """A case with its materials, results and steps."""
    case = brief(row, context)
    case.materials.extend(
        pb.CaseMaterial(
            code=paper.code,
            name_zh=paper.name_zh,
            name_en=paper.name_en,
            required=paper.required,
            files=papers.shown(paper.files),
            on_paper=paper.on_paper,
            correction=row.wanted.get(paper.code, ""),
        )
        for paper in papers_of(row)
    )
    case.results.extend(papers.shown(row.results))
    case.steps.extend(
        pb.CaseStep(
            kind=step.kind,
            side=step.side,
            text=step.text,
            state=STATE.number(step.state),
            create_time=step.created_at,
        )
        for step in steps
    )
    return case


def brief(row: Row, context: Context) -> pb.Case:
    """A case as lists show it."""
    is_delivered = row.delivered_at is not None
    return pb.Case(
        id=row.id,
        etag=str(row.version),
        tenant=row.tenant_id,
        number=row.number,
        building_matter_id=row.building_matter_id,
        matter_id=row.matter_id,
        matter_version=row.matter_version,
        matter_name_zh=row.matter_name_zh,
        matter_name_en=row.matter_name_en,
        department_id=row.department_id,
        department_name_zh=row.department_name_zh,
        department_name_en=row.department_name_en,
        counter_id=row.counter_id,
        state=STATE.number(row.state),
        filed_for=FILED_FOR.number(row.filed_for),
        enterprise_id=row.enterprise_id,
        applicant=row.applicant,
        summary=row.summary,
        handler=row.handler,
        last_word=row.last_word,
        decision=DECISION.number(row.decision),
        delivery=DELIVERY.number(row.delivery),
        trips=row.trips,
        corrections=row.corrections,
        once_done=is_delivered and rules.is_once_done(row.corrections, row.trips),
        grade=row.grade,
        remark=row.remark,
        callback_open=row.callback_open,
        callback_note=row.callback_note,
        verbs=rules.allowed(row, access.actor(context)),
        correlation_id=row.correlation_id,
        synthetic=row.synthetic,
        due_time=row.due_at,
        create_time=row.created_at,
        submit_time=row.submitted_at,
        accept_time=row.accepted_at,
        decide_time=row.decided_at,
        deliver_time=row.delivered_at,
        update_time=row.updated_at,
    )
