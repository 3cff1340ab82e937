"""Cases on a real database: filed in buildings, decided by departments."""

import asyncio
from typing import Any

import pytest
from asyncpg import PostgresError
from sqlalchemy import text, update

from chassis.context import Scope
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale, WrongState
from chassis.ids import new_id
from louyu.window.v1 import cases_pb2 as pb
from louyu.window.v1 import departments_pb2
from tests.integration.window.conftest import Building, Office, Windows, person
from window.cases.tables import cases


async def delivered(windows: Windows, office: Office, building: Building, trips: int = 1) -> pb.Case:
    case = await building.submit(office)
    await office.act("AcceptCase", case)
    await office.act("StartCase", case)
    result = windows.upload(office.clerk, "准予.pdf")
    await office.act("DecideCase", case, decision=pb.DECISION_GRANTED, text="准予登记", results=[result])
    return await office.act("DeliverCase", case, delivery=pb.DELIVERY_METHOD_COUNTER, trips=trips)


@pytest.mark.row("1-20/WIN")
async def test_a_case_goes_from_draft_to_rated(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    done = await delivered(windows, office, building)
    assert (done.state, done.once_done) == (pb.CASE_STATE_DELIVERED, True)
    rated = await building.act("RateCase", done, grade=pb.GRADE_VERY_GOOD, remark="很快")
    assert (rated.state, rated.callback_open, list(rated.verbs)) == (pb.CASE_STATE_RATED, False, [])
    assert [(step.kind, step.side) for step in rated.steps] == [
        ("begun", "applicant"),
        ("submitted", "applicant"),
        ("accepted", "department"),
        ("started", "department"),
        ("decided", "department"),
        ("delivered", "department"),
        ("rated", "applicant"),
    ]
    assert [file.name for file in rated.results] == ["准予.pdf"]
    assert rated.number.startswith("B20")
    told = [(tenant, kind, seq) for tenant, kind, seq, _ in await windows.told() if kind.startswith("Case")]
    assert told == [
        (building.tenant, kind, seq)
        for seq, kind in enumerate(
            ("CaseSubmitted", "CaseAccepted", "CaseStarted", "CaseDecided", "CaseDelivered", "CaseRated"), 1
        )
    ]
    ((_, _, _, event),) = await windows.told("CaseDelivered")
    assert (event.once_done, event.in_time, event.trips, event.corrections) == (True, True, 1, 0)


SIX = {
    "industry": ("工商", "市场监督管理局"),
    "tax": ("税务", "税务局"),
    "labour": ("劳动", "人力资源和社会保障局"),
    "health": ("卫生", "卫生健康委员会"),
    "family": ("计生", "卫生健康委员会"),
    "commerce": ("商务局", "商务局"),
}
"""The departments of document 1 and what they are called today."""


@pytest.mark.row("1-21/WIN")
async def test_six_departments_each_see_their_own_cases_across_buildings(windows: Windows) -> None:
    offices = [await windows.live_department(code, *names) for code, names in SIX.items()]
    buildings = [await windows.building(*offices) for _ in range(2)]
    filed = {office.id: [(await building.submit(office)).id for building in buildings] for office in offices}
    for office in offices:
        assert [case.id for case in await office.queue()] == filed[office.id]
        for other in offices:
            if other is not office:
                with pytest.raises(NotFound):
                    await office.see(filed[other.id][0])
    request = departments_pb2.ListDepartmentsRequest(q="市场监督")
    page = await windows.call(buildings[0].worker, windows.departments.ListDepartments, request)
    assert [(found.name_zh, found.modern_name_zh) for found in page.departments] == [SIX["industry"]]


async def test_one_department_over_two_buildings_sees_its_own_cases_only(windows: Windows) -> None:
    commerce, tax = await windows.live_department("commerce"), await windows.live_department("tax")
    one, two = await windows.building(commerce, tax), await windows.building(commerce)
    first, second = await one.submit(commerce), await two.submit(commerce)
    taxed = await one.submit(tax)
    draft = await one.begin(commerce)
    assert [case.id for case in await commerce.queue()] == [first.id, second.id]
    assert [case.id for case in await commerce.queue(building=two.tenant)] == [second.id]
    assert [case.id for case in await tax.queue()] == [taxed.id]
    for case_id in (first.id, second.id):
        with pytest.raises(NotFound):
            await tax.see(case_id)
        request = pb.AcceptCaseRequest(id=case_id, etag="2")
        with pytest.raises(NotFound):
            await tax.call(windows.cases.AcceptCase, request, party=True)
    with pytest.raises(NotFound):
        await commerce.see(draft.id)
    assert (await one.see(first)).state == pb.CASE_STATE_SUBMITTED
    counts = await commerce.call(windows.cases.CountReceivedCases, pb.CountReceivedCasesRequest(), party=True)
    assert [(found.state, found.count) for found in counts.counts] == [(pb.CASE_STATE_SUBMITTED, 2)]


async def test_the_database_itself_holds_a_department_to_its_columns(windows: Windows) -> None:
    commerce, tax = await windows.live_department("commerce"), await windows.live_department("tax")
    building = await windows.building(commerce, tax)
    case = await building.submit(commerce)
    draft = await building.begin(commerce)
    context = commerce.clerk.context("party")

    async def attempt(statement: Any, who: Any = context) -> int:
        return await windows.units.run(who, lambda unit: unit.execute(statement))

    this = cases.c.id == case.id
    for column, value in (("summary", "改写"), ("applicant", new_id()), ("tenant_id", commerce.id)):
        with pytest.raises(PostgresError, match="permission denied"):
            await attempt(update(cases).where(this).values({column: value}))
    with pytest.raises(PostgresError, match="permission denied"):
        await attempt(update(cases).where(this).values(department_id=tax.id))
    assert await attempt(update(cases).where(this).values(last_word="可以")) == 1
    assert await attempt(update(cases).where(cases.c.id == draft.id).values(last_word="不可以")) == 0
    assert await attempt(update(cases).values(last_word="别人的"), tax.clerk.context("party")) == 0
    step = (
        "INSERT INTO cases_steps (tenant_id, case_id, id, department_id, kind, side, text, state, created_at)"
        f" VALUES ('{building.tenant}', '{case.id}', '{new_id()}', '{tax.id}', 'x', 'x', '', 'x', now())"
    )
    with pytest.raises(PostgresError, match=r"foreign key|row-level security"):
        await attempt(text(step), tax.clerk.context("party"))
    stored = await windows.stored("SELECT summary, last_word FROM cases_cases WHERE id = $1", case.id)
    assert [(row["summary"], row["last_word"]) for row in stored] == [("新公司设立登记", "可以")]


async def test_missing_materials_are_named_before_anything_is_filed(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    draft = await building.begin(office, complete=False)
    for verb in ("PrecheckCase", "SubmitCase"):
        with pytest.raises(Invalid) as refused:
            await building.act(verb, draft)
        assert [(w.field, w.reason) for w in refused.value.fields] == [
            ("materials.licence", "MATERIAL_MISSING")
        ]
    on_paper = pb.MaterialInput(code="licence", on_paper=True)
    await building.act("UpdateCase", draft, materials=[on_paper])
    assert (await building.act("PrecheckCase", draft)).state == pb.CASE_STATE_PRECHECKED
    assert (await building.act("SubmitCase", draft)).state == pb.CASE_STATE_SUBMITTED
    with pytest.raises(WrongState) as again:
        await building.act("SubmitCase", draft)
    assert again.value.allowed == ("withdraw",)


@pytest.mark.row("1-19/WIN")
async def test_corrections_are_itemised_once_and_counted(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    case = await building.submit(office)
    items = [pb.CorrectionItem(material="licence", reason="扫描件不清楚")]
    await office.act("RequestCorrection", case, items=items)
    seen = await building.see(case)
    assert seen.state == pb.CASE_STATE_NEEDS_CORRECTION
    assert [paper.correction for paper in seen.materials] == ["扫描件不清楚", ""]
    lease = pb.MaterialInput(code="lease", on_paper=True)
    with pytest.raises(Invalid) as refused:
        await building.act("CorrectCase", case, materials=[lease])
    assert [wrong.field for wrong in refused.value.fields] == ["materials.licence"]
    licence = pb.MaterialInput(code="licence", files=[windows.upload(building.contact)])
    corrected = await building.act("CorrectCase", case, materials=[licence])
    assert (corrected.state, corrected.corrections) == (pb.CASE_STATE_SUBMITTED, 1)
    with pytest.raises(Conflict) as once:
        await office.act("RequestCorrection", case, items=items)
    assert once.value.reason == "CORRECTION_ALREADY_ASKED"
    assert "correction" not in (await office.see(case.id)).verbs
    await office.act("AcceptCase", case)
    await office.act("DecideCase", case, decision=pb.DECISION_GRANTED, text="准予")
    done = await office.act("DeliverCase", case, delivery=pb.DELIVERY_METHOD_ELECTRONIC, trips=0)
    assert not done.once_done
    submitted = [event.corrected for _, _, _, event in await windows.told("CaseSubmitted")]
    assert submitted == [False, True]


async def test_a_department_that_is_away_gets_its_cases_when_it_is_back(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    await office.is_online(False)
    case = await building.submit(office)
    assert case.state == pb.CASE_STATE_PENDING_RELAY
    assert case.number
    assert await office.queue() == []
    with pytest.raises(NotFound):
        await office.see(case.id)
    assert await windows.relay() == 0
    await office.is_online(True)
    assert await windows.relay() == 1
    assert await windows.relay() == 0
    relayed = await building.see(case)
    assert (relayed.state, relayed.number) == (pb.CASE_STATE_SUBMITTED, case.number)
    assert [(step.kind, step.side) for step in relayed.steps][-2:] == [
        ("queued", "applicant"),
        ("relayed", "system"),
    ]
    assert [case.id for case in await office.queue()] == [case.id]
    kinds = [(kind, seq) for _, kind, seq, _ in await windows.told() if kind.startswith("Case")]
    assert kinds == [("CaseQueued", 1), ("CaseSubmitted", 2)]


@pytest.mark.row("1-19/WIN")
async def test_a_bad_grade_opens_a_call_back_that_the_department_closes(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    done = await delivered(windows, office, building, trips=3)
    assert not done.once_done
    rated = await building.act("RateCase", done, grade=pb.GRADE_POOR, remark="跑了三趟")
    assert rated.callback_open
    assert [case.id for case in await office.queue(callback_open=True)] == [done.id]
    closed = await office.act("CloseCallback", done, note="已致歉，流程已改")
    assert (closed.callback_open, closed.callback_note) == (False, "已致歉，流程已改")
    with pytest.raises(WrongState):
        await office.act("CloseCallback", done, note="再来一次")
    assert len(await windows.told("CaseCallbackClosed")) == 1


async def test_a_firms_case_is_the_firms_and_a_persons_is_the_persons(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    colleague = person(building.tenant, Scope("E", building.firm))
    rival = person(building.tenant, Scope("E", new_id()))
    firms = await building.submit(office)
    personal = await building.submit(office, building.worker)
    assert await building.cases(colleague) == [firms.id]
    assert await building.cases(building.worker) == [personal.id]
    assert await building.cases(rival) == []
    assert await building.cases(building.manager) == []
    assert await building.cases(person(building.tenant, Scope("A"))) == []
    for who, case in ((rival, firms), (colleague, personal), (building.manager, firms)):
        with pytest.raises(NotFound):
            await building.see(case, who)
    counts = await windows.call(building.manager, windows.cases.CountCases, pb.CountCasesRequest())
    assert [(found.department_id, found.count) for found in counts.counts] == [(office.id, 2)]
    request = pb.CreateCaseRequest(
        building_matter_id=building.offers[office.id].id,
        filed_for=pb.CASE_FILED_FOR_ENTERPRISE,
        enterprise_id=building.firm,
    )
    with pytest.raises(Forbidden):
        await windows.call(rival, windows.cases.CreateCase, request)


async def test_another_building_sees_nothing(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    one, two = await windows.building(office), await windows.building(office)
    case = await one.submit(office)
    intruder = person(two.tenant, Scope("E", one.firm), Scope("O"))
    for verb in ("GetCase", "SubmitCase", "WithdrawCase"):
        with pytest.raises(NotFound):
            await two.act(verb, case, intruder)
    request = pb.CreateCaseRequest(building_matter_id=one.offers[office.id].id)
    with pytest.raises(NotFound):
        await windows.call(two.worker, windows.cases.CreateCase, request)
    assert await two.cases(intruder) == []
    assert (await one.see(case)).etag == case.etag


async def test_of_many_clerks_one_accepts(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    case = await building.submit(office)
    etag = (await office.see(case.id)).etag
    clerks = [person(office.id, Scope("U")) for _ in range(20)]
    tried = await asyncio.gather(
        *(
            windows.call(
                clerk, windows.cases.AcceptCase, pb.AcceptCaseRequest(id=case.id, etag=etag), party=True
            )
            for clerk in clerks
        ),
        return_exceptions=True,
    )
    accepted = [one for one in tried if isinstance(one, pb.Case)]
    assert len(accepted) == 1
    assert sum(isinstance(one, Stale) for one in tried) == 19
    assert accepted[0].handler in {clerk.account for clerk in clerks}
    assert len(await windows.told("CaseAccepted")) == 1


async def test_numbers_are_unique_under_load(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    # No more at once than there are connections: who waits for one is refused after five seconds.
    room = asyncio.Semaphore(windows.units.database.size)

    async def file() -> pb.Case:
        async with room:
            return await building.submit(office)

    filed = await asyncio.gather(*(file() for _ in range(40)))
    assert len({case.number for case in filed}) == 40


async def test_a_shown_paper_can_be_handed_in_again_by_its_reader_only(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    first = await building.submit(office)
    shown = (await building.see(first)).materials[0].files[0].id
    again = await building.begin(office, complete=False)
    reused = await building.act(
        "UpdateCase", again, materials=[pb.MaterialInput(code="licence", files=[shown])]
    )
    assert [file.name for file in reused.materials[0].files] == ["执照.pdf"]
    request = pb.CreateCaseRequest(building_matter_id=building.offers[office.id].id)
    request.materials.add(code="licence", files=[shown])
    with pytest.raises(Invalid) as refused:
        await windows.call(building.worker, windows.cases.CreateCase, request)
    assert [wrong.field for wrong in refused.value.fields] == ["materials[0].files[0]"]


async def test_a_withdrawn_draft_tells_nobody(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    draft = await building.begin(office)
    await building.act("WithdrawCase", draft)
    filed = await building.submit(office)
    await building.act("WithdrawCase", filed, reason="不办了")
    withdrawn = await windows.told("CaseWithdrawn")
    assert [event.case_id for _, _, _, event in withdrawn] == [filed.id]
    assert [case.id for case in await office.queue()] == [filed.id]
