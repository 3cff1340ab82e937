"""The registry on a real database."""

import asyncio
from dataclasses import replace

import pytest

from chassis.context import Scope
from chassis.errors import Conflict, Invalid, NotFound, Stale, WrongState
from chassis.ids import new_id
from louyu.membership.v1 import enterprises_pb2 as pb
from membership.enterprises import rules
from tests.integration.membership.conftest import Building

CODE = "91350100M000100Y43"


@pytest.mark.row("1-02/MEM")
async def test_an_enterprise_is_registered_surveyed_and_counted(building: Building) -> None:
    made = await building.register("新华保险集团", "29", industry=pb.INDUSTRY_INSURANCE)
    assert (made.survey_completeness, made.HasField("survey_time")) == (14, False)
    survey = pb.RecordSurveyRequest(
        id=made.id,
        branch=pb.BRANCH_STATUS_OWN,
        headcount=pb.HEADCOUNT_BAND_51_TO_100,
        owner_support=pb.OWNER_SUPPORT_SUPPORTIVE,
        room="2901",
        contact_display="王小明 13800001111",
        credit_code=CODE,
    )
    surveyed = await building.call(building.enterprises.RecordSurvey, survey)
    assert surveyed.survey_completeness == 100
    assert surveyed.HasField("survey_time")
    assert surveyed.contact_display == "王**"
    await building.register("睿凡教育", "9", industry=pb.INDUSTRY_EDUCATION, branch=pb.BRANCH_STATUS_OWN)
    summary = await building.call(building.enterprises.SummariseEnterprises, pb.SummariseEnterprisesRequest())
    assert (summary.total, summary.surveyed, summary.with_branch) == (2, 1, 2)
    assert [(floor.floor, floor.count) for floor in summary.floors] == [("9", 1), ("29", 1)]
    assert len(await building.told("EnterpriseRegistered")) == 2
    (event,) = await building.told("EnterpriseSurveyed")
    assert (event.enterprise_id, event.completeness) == (made.id, 100)


async def test_no_phone_reaches_the_database(building: Building) -> None:
    await building.register("甲公司", "3", contact_display="李雷 13912345678")
    with pytest.raises(Invalid):
        await building.register("乙公司", "3", room="找李雷13912345678")
    rows = await building.stored("SELECT e::text AS row FROM enterprises_enterprises e")
    assert not any("13912345678" in row["row"] for row in rows)


async def test_lists_are_in_pinyin_or_floor_order_and_found_by_any_part(building: Building) -> None:
    for name, floor in (("张江科技", "B1"), ("阿里云", "12"), ("李宁商贸", "3"), ("阳光保险集团", "12")):
        await building.register(name, floor)
    assert [e.name for e in await building.listed()] == ["阿里云", "李宁商贸", "阳光保险集团", "张江科技"]
    by_floor = await building.listed(order_by=pb.ENTERPRISE_ORDER_FLOOR)
    assert [e.floor for e in by_floor] == ["B1", "3", "12", "12"]
    assert [e.name for e in await building.listed(q="保险")] == ["阳光保险集团"]
    assert [e.name for e in await building.listed(q="光保 集团")] == ["阳光保险集团"]
    assert await building.listed(q="险保") == []
    assert await building.listed(q="！！") == []
    assert {e.name for e in await building.listed(floor="12")} == {"阿里云", "阳光保险集团"}
    assert await building.listed(surveyed=True) == []


async def test_renaming_keeps_the_old_name_findable(building: Building) -> None:
    made = await building.register("达成律师事务所", "8")
    request = pb.UpdateEnterpriseRequest(id=made.id, etag=made.etag, name="达成律所集团")
    renamed = await building.call(building.enterprises.UpdateEnterprise, request)
    assert [former.name for former in renamed.former_names] == ["达成律师事务所"]
    assert [e.id for e in await building.listed(q="律师")] == [made.id]
    with pytest.raises(Stale):
        await building.call(building.enterprises.UpdateEnterprise, request)


async def test_a_firm_that_left_makes_room_for_its_name(building: Building) -> None:
    made = await building.register("流动公司", "5", credit_code=CODE)
    with pytest.raises(Conflict) as twin:
        await building.register("流动 公司", "5")
    assert twin.value.reason == "ENTERPRISE_EXISTS"
    with pytest.raises(Conflict):
        await building.register("别的名字", "6", credit_code=CODE)
    move = pb.MoveOutEnterpriseRequest(id=made.id, etag=made.etag)
    gone = await building.call(building.enterprises.MoveOutEnterprise, move)
    assert gone.state == pb.ENTERPRISE_STATE_MOVED_OUT
    with pytest.raises(WrongState):
        await building.call(building.enterprises.RecordSurvey, pb.RecordSurveyRequest(id=made.id, room="1"))
    assert (await building.register("流动公司", "5", credit_code=CODE)).id != made.id
    assert len(await building.told("EnterpriseMovedOut")) == 1


async def test_twenty_clerks_register_one_firm_once(building: Building) -> None:
    tried = await asyncio.gather(
        *(building.register("抢注公司", "7") for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(one, pb.Enterprise) for one in tried) == 1
    assert all(isinstance(one, pb.Enterprise | Conflict) for one in tried)
    assert len(await building.told("EnterpriseRegistered")) == 1


async def test_of_fifty_corrections_one_wins(building: Building) -> None:
    made = await building.register("竞争公司", "7")
    # No more at once than there are connections: who waits for one is refused after five seconds.
    turns = asyncio.Semaphore(building.units.database.size)

    async def correct(room: str) -> pb.Enterprise:
        request = pb.UpdateEnterpriseRequest(id=made.id, etag=made.etag, room=room)
        async with turns:
            found: pb.Enterprise = await building.call(building.enterprises.UpdateEnterprise, request)
        return found

    tried = await asyncio.gather(*(correct(str(n)) for n in range(50)), return_exceptions=True)
    assert sum(isinstance(one, pb.Enterprise) for one in tried) == 1
    assert sum(isinstance(one, Stale) for one in tried) == 49


async def test_scopes_show_the_own_firm_or_floor_only(building: Building) -> None:
    mine = await building.register("我的公司", "4")
    await building.register("楼上公司", "5")
    firm, floor = building.context(Scope("E", mine.id)), building.context(Scope("F", "5"))
    assert [e.name for e in await building.listed(firm)] == ["我的公司"]
    assert [e.name for e in await building.listed(floor)] == ["楼上公司"]
    assert await building.listed(building.context(Scope("O"))) == []
    with pytest.raises(NotFound):
        await building.call(building.enterprises.GetEnterprise, pb.GetEnterpriseRequest(id=mine.id), floor)


async def test_another_building_sees_nothing(building: Building) -> None:
    made = await building.register("本楼公司", "4")
    elsewhere = replace(building.context(), tenant_id=new_id())
    assert await building.listed(elsewhere) == []
    for method, request in (
        (building.enterprises.GetEnterprise, pb.GetEnterpriseRequest(id=made.id)),
        (building.enterprises.UpdateEnterprise, pb.UpdateEnterpriseRequest(id=made.id, etag="1", room="9")),
        (building.enterprises.MoveOutEnterprise, pb.MoveOutEnterpriseRequest(id=made.id, etag="1")),
    ):
        with pytest.raises(NotFound):
            await building.call(method, request, elsewhere)
    assert (await building.listed())[0].etag == "1"


async def test_the_credit_code_is_checked_to_its_last_character(building: Building) -> None:
    body = "9" * 17
    await building.register("编码公司", "1", credit_code=body + rules.check_character(body))
    with pytest.raises(Invalid) as refused:
        await building.register("错码公司", "1", credit_code="91350100M000100Y40")
    assert [wrong.field for wrong in refused.value.fields] == ["credit_code"]
