"""What an applicant does with a case: one function a verb, each in the caller's unit of work.

Every verb locks the case, asks the rules, changes the row, writes the step and tells the other
services. The edge commits. What departments do is in `deciding.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from google.protobuf.message import Message
from sqlalchemy import insert, select, update

from chassis.days import numbered, series
from chassis.errors import Conflict, FieldError, Forbidden, Invalid, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from window.cases import access, events, queries, rules
from window.cases.rules import FiledFor, Paper, Side, State, Supply, Verb
from window.cases.tables import cases, steps
from window.counters import queries as counters
from window.departments import queries as departments


@dataclass(frozen=True, slots=True)
class Application:
    """A case as somebody begins it."""

    building_matter_id: str
    filed_for: FiledFor
    enterprise_id: str
    summary: str
    supplies: Sequence[Supply]
    correlation_id: str
    synthetic: bool


async def begin(unit: UnitOfWork, application: Application) -> Row:
    """Begin a case as a draft, under the matter's version now in force.

    MATTER_NOT_FOUND, MATTER_NOT_OPEN, MATERIAL_UNKNOWN, NOT_THIS_ENTERPRISE.
    """
    offer = await counters.offer(unit, application.building_matter_id)
    if not offer.open:
        raise Conflict("MATTER_NOT_OPEN")
    papers = rules.supply(
        [Paper(**_asked(material)) for material in offer.version.materials], application.supplies
    )
    case_id = new_id()
    statement = (
        insert(cases)
        .values(
            tenant_id=unit.tenant_id,
            id=case_id,
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            synthetic=application.synthetic,
            number="",
            building_matter_id=offer.row.id,
            matter_id=offer.version.matter_id,
            matter_version=offer.version.version,
            matter_name_zh=offer.version.name_zh,
            matter_name_en=offer.version.name_en,
            department_id=offer.department.id,
            department_name_zh=offer.department.name_zh,
            department_name_en=offer.department.name_en,
            counter_id=offer.counter.id,
            promised_days=offer.version.promised_days,
            state=State.DRAFT,
            filed_for=application.filed_for,
            enterprise_id=_enterprise(unit, application) or None,
            applicant=unit.context.caller.account_id,
            summary=application.summary,
            materials=[asdict(paper) for paper in papers],
            correlation_id=application.correlation_id or case_id,
        )
        .returning(cases)
    )
    case: Row = await unit.one(statement)
    await note(unit, case, "begun", "")
    return case


def _asked(material: dict[str, Any]) -> dict[str, Any]:
    return {name: material[name] for name in ("code", "name_zh", "name_en", "required")}


def _enterprise(unit: UnitOfWork, application: Application) -> str:
    if application.filed_for is FiledFor.PERSON:
        if application.enterprise_id:
            wrong = FieldError("enterprise_id", "ENTERPRISE_NOT_EXPECTED")
            raise Invalid("ENTERPRISE_NOT_EXPECTED", fields=[wrong])
        return ""
    firms = unit.context.ids("E")
    firm = application.enterprise_id or (firms[0] if len(firms) == 1 else "")
    if firm not in firms:
        raise Forbidden("NOT_THIS_ENTERPRISE")
    return firm


async def change(
    unit: UnitOfWork, case_id: str, etag: str, summary: str | None, supplies: Iterable[Supply]
) -> Row:
    """Change a draft. A prechecked case is a draft again."""
    case, state = await take(unit, case_id, Verb.UPDATE, etag)
    papers = rules.supply(papers_of(case), supplies)
    return await write(
        unit,
        case,
        state=state,
        summary=case.summary if summary is None else summary,
        materials=[asdict(paper) for paper in papers],
    )


async def precheck(unit: UnitOfWork, case_id: str, etag: str) -> Row:
    """Check that every required material is there. MATERIALS_MISSING with each that is not."""
    case, state = await take(unit, case_id, Verb.PRECHECK, etag)
    rules.precheck(papers_of(case))
    if case.state == state:
        return case
    return await move(unit, case, state, "prechecked", "")


async def submit(unit: UnitOfWork, case_id: str, etag: str) -> Row:
    """Hand the case to its department, or queue it while the department's system is away."""
    case, _ = await take(unit, case_id, Verb.SUBMIT, etag)
    rules.precheck(papers_of(case))
    if not (await counters.offer(unit, case.building_matter_id)).open:
        raise Conflict("MATTER_NOT_OPEN")
    of_day = series("B", unit.now)
    number = numbered(of_day, await unit.number(of_day))
    case = await _hand_in(unit, case, "submitted", "", number=number)
    tell(unit, case, events.handed_in(case, corrected=False))
    return case


async def correct(unit: UnitOfWork, case_id: str, etag: str, supplies: Sequence[Supply], words: str) -> Row:
    """Supply what was itemised, all of it, and hand the case in again. CORRECTIONS_MISSING."""
    case, _ = await take(unit, case_id, Verb.CORRECT, etag)
    papers = rules.supply(papers_of(case), supplies)
    rules.check_corrected(papers, case.wanted, (one.code for one in supplies))
    rules.precheck(papers)
    materials = [asdict(paper) for paper in papers]
    case = await _hand_in(unit, case, "corrected", words, materials=materials)
    tell(unit, case, events.handed_in(case, corrected=True))
    return case


async def withdraw(unit: UnitOfWork, case_id: str, etag: str, reason: str) -> Row:
    """The applicant takes the case back. A draft that nobody has seen tells nobody."""
    case, state = await take(unit, case_id, Verb.WITHDRAW, etag)
    was_filed = bool(case.number)
    case = await move(unit, case, state, "withdrawn", reason)
    if was_filed:
        tell(unit, case, events.withdrawn(case))
    return case


async def rate(unit: UnitOfWork, case_id: str, etag: str, grade: int, remark: str) -> Row:
    """The applicant rates. The lowest two grades open a call-back."""
    case, state = await take(unit, case_id, Verb.RATE, etag)
    case = await move(
        unit, case, state, "rated", remark, grade=grade, remark=remark, callback_open=rules.is_bad(grade)
    )
    tell(unit, case, events.rated(case))
    return case


async def relay(unit: UnitOfWork, case_id: str) -> bool:
    """Hand a queued case to its department, which is back; False if somebody just did something."""
    own = (cases.c.tenant_id == unit.tenant_id) & (cases.c.id == case_id)
    case = await unit.first(select(cases).where(own).with_for_update(skip_locked=True))
    if case is None or case.state != State.PENDING_RELAY:
        return False
    corrected = case.submitted_at is not None
    case = await move(unit, case, State.SUBMITTED, "relayed", "", submitted_at=case.submitted_at or unit.now)
    tell(unit, case, events.handed_in(case, corrected=corrected))
    return True


async def _hand_in(unit: UnitOfWork, case: Row, kind: str, words: str, **values: Any) -> Row:
    department = (await departments.listed(unit, [case.department_id])).get(case.department_id)
    if department is None or not department.online:
        return await move(unit, case, State.PENDING_RELAY, "queued", words, **values)
    submitted_at = case.submitted_at or unit.now
    return await move(unit, case, State.SUBMITTED, kind, words, submitted_at=submitted_at, **values)


def papers_of(case: Row) -> list[Paper]:
    """The materials of a stored case."""
    return [Paper(**{**paper, "files": tuple(paper["files"])}) for paper in case.materials]


async def take(unit: UnitOfWork, case_id: str, verb: Verb, etag: str) -> tuple[Row, State]:
    """Lock a case for a verb of the caller's side; the state it leads to."""
    is_party = unit.context.mode == "party"
    find = queries.received_case if is_party else queries.case
    case = await find(unit, case_id, lock=True)
    if etag and etag != str(case.version):
        raise Stale
    return case, rules.move(case, verb, access.actor(unit.context))


async def move(unit: UnitOfWork, case: Row, state: State, kind: str, words: str, **values: Any) -> Row:
    """Bring a case into a state, with the step that says so."""
    moved = await write(unit, case, state=state, **values)
    await note(unit, moved, kind, words)
    return moved


async def write(unit: UnitOfWork, case: Row, **values: Any) -> Row:
    """Change columns of a case; in party mode the database allows the department's columns only."""
    c = cases.c
    return await unit.one(
        update(cases)
        .where(c.tenant_id == case.tenant_id, c.id == case.id, c.department_id == case.department_id)
        .values(version=c.version + 1, updated_at=unit.now, **values)
        .returning(cases)
    )


async def note(unit: UnitOfWork, case: Row, kind: str, words: str) -> None:
    """Write down a step of a case."""
    sides = {"party": Side.DEPARTMENT, "job": Side.SYSTEM}
    await unit.execute(
        insert(steps).values(
            tenant_id=case.tenant_id,
            case_id=case.id,
            id=new_id(),
            department_id=case.department_id,
            kind=kind,
            side=sides.get(unit.context.mode, Side.APPLICANT),
            actor=unit.context.caller.account_id or None,
            text=words,
            state=case.state,
            created_at=unit.now,
        )
    )


def tell(unit: UnitOfWork, case: Row, event: Message) -> None:
    """Tell the other services; the event is the building's, whoever acts."""
    unit.emit(
        event,
        aggregate_id=case.id,
        tenant_id=case.tenant_id,
        audience=[account for account in (case.applicant, case.handler) if account],
        correlation_id=case.correlation_id,
    )
