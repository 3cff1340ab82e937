"""Departments, their matters and a building's counters on a real database."""

import pytest

from chassis.context import Scope
from chassis.errors import Conflict, Invalid, NotFound, Stale, WrongState
from chassis.ids import new_id
from louyu.window.v1 import counters_pb2, departments_pb2, matters_pb2
from tests.integration.window.conftest import Office, Windows, person


async def applications(windows: Windows) -> list[departments_pb2.Department]:
    request = departments_pb2.ListApplicationsRequest()
    page = await windows.call(windows.district, windows.departments.ListApplications, request, party=True)
    return list(page.departments)


async def test_a_department_joins_by_itself(windows: Windows) -> None:
    office = Office(windows, person(new_id(), Scope("U")), "commerce")
    applied = await office.apply()
    assert (applied.id, applied.state) == (office.id, departments_pb2.DEPARTMENT_STATE_APPLIED)
    assert [(found.id, list(found.verbs)) for found in await applications(windows)] == [
        (office.id, ["approve", "refuse"])
    ]
    test = departments_pb2.TestDepartmentRequest(id=office.id)
    with pytest.raises(WrongState) as refused:
        await office.call(windows.departments.TestDepartment, test)
    assert refused.value.state == "applied"
    approve = departments_pb2.ApproveDepartmentRequest(id=office.id)
    await windows.call(windows.district, windows.departments.ApproveDepartment, approve, party=True)
    report = await office.call(windows.departments.TestDepartment, test)
    assert not report.passed
    assert [(found.reason, found.message) for found in report.findings] == [
        ("CATALOGUE_EMPTY", "还没有发布任何事项。")
    ]
    office.matter = await office.publish()
    assert (await office.call(windows.departments.TestDepartment, test)).passed
    opened = await office.call(
        windows.departments.OpenDepartment, departments_pb2.OpenDepartmentRequest(id=office.id)
    )
    assert opened.state == departments_pb2.DEPARTMENT_STATE_LIVE
    ((tenant, _, seq, event),) = await windows.told("DepartmentLive")
    assert (tenant, seq, event.department_id, event.code) == (office.id, 1, office.id, "commerce")


async def test_a_department_cannot_approve_itself(windows: Windows) -> None:
    office = Office(windows, person(new_id(), Scope("U")), "commerce")
    request = departments_pb2.CreateDepartmentRequest(
        approver_id=office.id, code="commerce", name_zh="工商", name_en="Commerce"
    )
    with pytest.raises(Invalid) as refused:
        await office.call(windows.departments.CreateDepartment, request)
    assert refused.value.reason == "APPROVER_UNKNOWN"
    await office.apply()
    approve = departments_pb2.ApproveDepartmentRequest(id=office.id)
    with pytest.raises(NotFound):
        await office.call(windows.departments.ApproveDepartment, approve, party=True)
    with pytest.raises(Conflict):
        await office.apply()


async def test_who_names_no_district_applies_to_the_only_one(windows: Windows) -> None:
    office = Office(windows, person(new_id(), Scope("U")), "commerce")
    request = departments_pb2.CreateDepartmentRequest(code="commerce", name_zh="工商", name_en="Commerce")
    applied = await office.call(windows.departments.CreateDepartment, request)
    assert applied.approver_id == windows.district.tenant


async def test_the_district_refuses_with_a_reason_and_the_department_applies_again(windows: Windows) -> None:
    office = Office(windows, person(new_id(), Scope("U")), "commerce")
    await office.apply()
    refuse = departments_pb2.RefuseDepartmentRequest(id=office.id, reason="材料不全")
    await windows.call(windows.district, windows.departments.RefuseDepartment, refuse, party=True)
    get = departments_pb2.GetDepartmentRequest(id=office.id)
    assert (await office.call(windows.departments.GetDepartment, get)).last_word == "材料不全"
    again = await office.apply()
    assert (again.state, again.last_word) == (departments_pb2.DEPARTMENT_STATE_APPLIED, "")


async def test_only_live_departments_are_known_to_others(windows: Windows) -> None:
    live = await windows.live_department("commerce")
    await Office(windows, person(new_id(), Scope("U")), "tax").apply()
    building = person(new_id(), Scope("B"))
    request = departments_pb2.ListDepartmentsRequest()
    page = await windows.call(building, windows.departments.ListDepartments, request)
    assert [(found.id, list(found.verbs)) for found in page.departments] == [(live.id, [])]
    for words, hits in (("市场监督", 1), ("工商所", 1), ("税务", 0)):
        found = await windows.call(
            building,
            windows.departments.ListDepartments,
            departments_pb2.ListDepartmentsRequest(q=words),
        )
        assert len(found.departments) == hits


async def test_a_published_version_stays_while_the_next_is_written(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    edit = matters_pb2.UpdateMatterRequest(id=office.matter.id, etag=office.matter.etag, name_zh="新名")
    edited = await office.call(windows.matters.UpdateMatter, edit)
    assert (edited.draft_changed, edited.version) == (True, 1)
    offer = counters_pb2.GetBuildingMatterRequest(id=building.offers[office.id].id)
    before = await windows.call(building.manager, windows.counters.GetBuildingMatter, offer)
    assert (before.matter.name_zh, before.matter.version) == ("企业设立登记", 1)
    publish = matters_pb2.PublishMatterRequest(id=edited.id, etag=edited.etag)
    published = await office.call(windows.matters.PublishMatter, publish)
    after = await windows.call(building.manager, windows.counters.GetBuildingMatter, offer)
    assert (after.matter.name_zh, after.matter.version) == ("新名", 2)
    with pytest.raises(Stale):
        await office.call(windows.matters.PublishMatter, publish)
    again = matters_pb2.PublishMatterRequest(id=edited.id, etag=published.etag)
    with pytest.raises(Conflict) as unchanged:
        await office.call(windows.matters.PublishMatter, again)
    assert unchanged.value.reason == "MATTER_UNCHANGED"
    retire = matters_pb2.RetireMatterRequest(id=edited.id, etag=published.etag)
    await office.call(windows.matters.RetireMatter, retire)
    retired = await windows.call(building.manager, windows.counters.GetBuildingMatter, offer)
    assert not retired.open


async def test_drafts_are_nobody_elses(windows: Windows) -> None:
    office, other = await windows.live_department("commerce"), await windows.live_department("tax")
    with pytest.raises(NotFound):
        await other.call(windows.matters.GetMatter, matters_pb2.GetMatterRequest(id=office.matter.id))
    page = await other.call(windows.matters.ListMatters, matters_pb2.ListMattersRequest())
    assert [matter.id for matter in page.matters] == [other.matter.id]
    published = await other.call(
        windows.matters.ListPublishedMatters, matters_pb2.ListPublishedMattersRequest(page_size=1)
    )
    rest = await other.call(
        windows.matters.ListPublishedMatters,
        matters_pb2.ListPublishedMattersRequest(page_size=1, page_token=published.next_page_token),
    )
    seen = {matter.department_id for matter in (*published.matters, *rest.matters)}
    assert seen == {office.id, other.id}


@pytest.mark.row("1-20/WIN", partial=True)
async def test_a_building_enables_what_departments_publish(windows: Windows) -> None:
    office, other = await windows.live_department("commerce"), await windows.live_department("tax")
    building = await windows.building(office)
    (counter,) = (
        await windows.call(
            building.manager, windows.counters.ListCounters, counters_pb2.ListCountersRequest()
        )
    ).counters
    assert (counter.matters, counter.opens, counter.closes) == (1, "09:00", "17:00")
    wrong = counters_pb2.EnableMatterRequest(id=counter.id, matter_id=other.matter.id)
    with pytest.raises(Invalid) as refused:
        await windows.call(building.manager, windows.counters.EnableMatter, wrong)
    assert refused.value.reason == "MATTER_NOT_PUBLISHED"
    disable = counters_pb2.DisableMatterRequest(id=counter.id, matter_id=office.matter.id)
    assert not (await windows.call(building.manager, windows.counters.DisableMatter, disable)).open
    listing = counters_pb2.ListBuildingMattersRequest()
    listed = await windows.call(building.worker, windows.counters.ListBuildingMatters, listing)
    assert list(listed.matters) == []
    enable = counters_pb2.EnableMatterRequest(id=counter.id, matter_id=office.matter.id)
    again = await windows.call(building.manager, windows.counters.EnableMatter, enable)
    assert (again.id, again.open) == (building.offers[office.id].id, True)
    for words, hits in (("设立", 1), ("市场监督", 1), ("护照", 0)):
        found = await windows.call(
            building.worker,
            windows.counters.ListBuildingMatters,
            counters_pb2.ListBuildingMattersRequest(q=words),
        )
        assert len(found.matters) == hits
    elsewhere = person(new_id(), Scope("B"))
    with pytest.raises(NotFound):
        await windows.call(
            elsewhere, windows.counters.GetCounter, counters_pb2.GetCounterRequest(id=counter.id)
        )


async def test_a_mobile_counter_comes_on_its_weekdays(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building()
    setup = counters_pb2.CreateCounterRequest(
        name_zh="流动窗口",
        name_en="Mobile",
        department_id=office.id,
        kind=counters_pb2.COUNTER_KIND_MOBILE,
        weekdays=[counters_pb2.WEEKDAY_FRIDAY, counters_pb2.WEEKDAY_TUESDAY],
    )
    counter = await windows.call(building.manager, windows.counters.CreateCounter, setup)
    assert list(counter.weekdays) == [counters_pb2.WEEKDAY_TUESDAY, counters_pb2.WEEKDAY_FRIDAY]
    change = counters_pb2.UpdateCounterRequest(
        id=counter.id, etag=counter.etag, kind=counters_pb2.COUNTER_KIND_STANDING
    )
    standing = await windows.call(building.manager, windows.counters.UpdateCounter, change)
    assert list(standing.weekdays) == []
    close = counters_pb2.CloseCounterRequest(id=counter.id, etag=standing.etag)
    closed = await windows.call(building.manager, windows.counters.CloseCounter, close)
    assert closed.state == counters_pb2.COUNTER_STATE_CLOSED
    enable = counters_pb2.EnableMatterRequest(id=counter.id, matter_id=office.matter.id)
    with pytest.raises(Conflict):
        await windows.call(building.manager, windows.counters.EnableMatter, enable)


async def test_a_suspended_department_takes_no_new_cases(windows: Windows) -> None:
    office = await windows.live_department("commerce")
    building = await windows.building(office)
    draft = await building.begin(office)
    suspend = departments_pb2.SuspendDepartmentRequest(id=office.id, reason="系统升级")
    await windows.call(windows.district, windows.departments.SuspendDepartment, suspend, party=True)
    for attempt in (building.begin(office), building.act("SubmitCase", draft)):
        with pytest.raises(Conflict) as refused:
            await attempt
        assert refused.value.reason == "MATTER_NOT_OPEN"
    resume = departments_pb2.ResumeDepartmentRequest(id=office.id)
    await windows.call(windows.district, windows.departments.ResumeDepartment, resume, party=True)
    await building.act("SubmitCase", draft)
    told = [(tenant, kind) for tenant, kind, _, _ in await windows.told() if kind.startswith("Department")]
    assert told == [
        (office.id, "DepartmentLive"),
        (office.id, "DepartmentSuspended"),
        (office.id, "DepartmentLive"),
    ]
