"""Zones, teams and duties on a real database."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from chassis import days
from chassis.context import Caller, Context
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale, WrongState
from chassis.ids import new_id
from louyu.membership.v1 import teams_pb2 as tpb
from louyu.membership.v1 import zones_pb2 as pb
from louyu.ticket.v1 import safety_pb2
from tests.integration.membership.network_of import Network, person
from tests.integration.membership.zones_of import Grid


@pytest.fixture
def grid(network: Network) -> Grid:
    return Grid(network)


async def test_a_zone_is_declared_returned_declared_again_and_approved(grid: Grid) -> None:
    place = await grid.place("东侧通道", floor="3")
    member = grid.member()
    declared = await grid.zone("DeclareZone", member, location_id=place.id, shown_as="李师傅")
    assert (declared.state, declared.display, list(declared.verbs)) == (
        pb.ZONE_STATE_DECLARED,
        "李**",
        ["withdraw"],
    )
    with pytest.raises(WrongState):
        await grid.zone("DeclareZone", member, location_id=place.id, shown_as="李师傅")
    returned = await grid.zone("ReturnZone", id=declared.id, etag=declared.etag, reason="请先参加安全培训")
    assert (await grid.zone("ListMyZones", member)).zones[0].reason == "请先参加安全培训"
    with pytest.raises(Stale):
        await grid.zone("ApproveZone", id=declared.id, etag=declared.etag)
    with pytest.raises(WrongState):
        await grid.zone("ApproveZone", id=declared.id, etag=returned.etag)
    again = await grid.zone("DeclareZone", member, location_id=place.id, shown_as="老李")
    assert (again.id, again.reason) == (declared.id, "")
    held = await grid.zone("ApproveZone", id=again.id, etag=again.etag)
    assert (held.state, held.shown_as) == (pb.ZONE_STATE_APPROVED, "老李")
    with pytest.raises(Conflict) as mine:
        await grid.zone("DeclareZone", member, location_id=place.id, shown_as="老李")
    assert mine.value.reason == "ZONE_IS_YOURS"
    assert [one.state for one in await grid.network.told("ZoneClaimed")] == [pb.ZONE_STATE_DECLARED] * 2
    assert len(await grid.network.told("ZoneReturned")) == len(await grid.network.told("ZoneApproved")) == 1


async def test_nobody_decides_on_their_own_zone_under_whatever_account(grid: Grid) -> None:
    place = await grid.place("门厅")
    # Every call of a person comes from another account of theirs.
    declared = await grid.zone("DeclareZone", grid.branch, location_id=place.id, shown_as="书记")
    with pytest.raises(Forbidden):
        await grid.zone("ApproveZone", id=declared.id, etag=declared.etag)
    with pytest.raises(Forbidden):
        await grid.zone("ReturnZone", id=declared.id, etag=declared.etag, reason="再想想")
    other = grid.member("B")
    await grid.zone("ApproveZone", other, id=declared.id, etag=declared.etag)
    with pytest.raises(asyncpg.CheckViolationError):
        await grid.network.stored("UPDATE zones_zones SET decider = person_id")


async def test_no_place_has_two_holders_and_none_is_left_out_unseen(grid: Grid) -> None:
    place, other = await grid.place("一车间"), await grid.place("二车间")
    declared = [
        await grid.zone("DeclareZone", grid.member(), location_id=place.id, shown_as=f"申报人{n}")
        for n in range(3)
    ]
    made = await asyncio.gather(
        *(grid.zone("ApproveZone", id=one.id, etag=one.etag) for one in declared), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in made) == ["Conflict", "Conflict", "Zone"]
    again = "UPDATE zones_zones SET state = 'plaqued' WHERE state = 'declared'"
    with pytest.raises(asyncpg.UniqueViolationError):
        await grid.network.stored(again)
    found = await grid.zone("GetZoneMap")
    assert (found.total, found.covered, found.holders, found.holding) == (2, 1, 3, 1)
    assert len(found.without) == 2
    assert len((await grid.at(place)).claims) == 2
    assert not (await grid.at(other)).HasField("zone")
    with pytest.raises(Conflict) as held:
        await grid.zone("CloseZoneLocation", id=place.id)
    assert held.value.reason == "LOCATION_HAS_ZONE"


async def test_the_branch_proposes_and_the_member_declares_or_does_not(grid: Grid) -> None:
    place = await grid.place("配电室")
    member, other = grid.member(), grid.member()
    proposed = await grid.zone("ProposeZone", location_id=place.id, person_id=member.id)
    assert proposed.state == pb.ZONE_STATE_PROPOSED
    with pytest.raises(WrongState):
        await grid.zone("ApproveZone", id=proposed.id, etag=proposed.etag)
    with pytest.raises(Conflict):
        await grid.zone("ProposeZone", location_id=place.id, person_id=member.id)
    with pytest.raises(NotFound):
        await grid.zone("WithdrawZone", other, id=proposed.id)
    declined = await grid.zone("WithdrawZone", member, id=proposed.id)
    assert declined.state == pb.ZONE_STATE_WITHDRAWN
    await grid.zone("ProposeZone", location_id=place.id, person_id=other.id)
    assert [one.state for one in (await grid.at(place, other)).claims] == [pb.ZONE_STATE_PROPOSED]
    assert not (await grid.at(place, member)).claims
    closed = await grid.zone("CloseZoneLocation", id=place.id)
    assert closed.closed
    assert (await grid.zone("ListMyZones", other)).zones[0].state == pb.ZONE_STATE_WITHDRAWN
    unknown = person(grid.tenant, "O")
    with pytest.raises(Invalid):
        await grid.zone("ProposeZone", location_id=place.id, person_id=unknown.id)


async def test_a_plaque_follows_whoever_answers_for_the_place(grid: Grid) -> None:
    place = await grid.place("水泵房", floor="1")
    member, next_one = grid.member(), grid.member()
    assert (await grid.scan(place.code)).shown_as == ""
    held = await grid.held(place, member, "李师傅")
    settings = await grid.zone("GetZoneSettings")
    assert (settings.source, settings.relay_phone, settings.team_minimum) == ("default", "", 2)
    with pytest.raises(Invalid):
        await grid.zone("UpdateZoneSettings", etag=settings.etag, relay_phone="13800138000")
    await grid.zone("UpdateZoneSettings", etag=settings.etag, relay_phone="0351-555 转 8")
    with pytest.raises(Stale):
        await grid.zone("UpdateZoneSettings", etag=settings.etag, team_minimum=3)
    seen = await grid.scan(place.code)
    assert (seen.shown_as, seen.relay_phone, seen.number) == ("李师傅", "0351-555 转 8", place.plaque_number)
    page = await grid.zone("ExportPlaques", origin="https://louyu.example")
    assert page.content_type == "application/pdf"
    assert page.data.startswith(b"%PDF")

    hung = await grid.zone("HangPlaque", id=held.id)
    assert hung.state == pb.ZONE_STATE_PLAQUED
    assert not (await grid.at(place)).plaque_outdated
    await grid.zone("EndZone", id=held.id, ending=pb.ZONE_ENDING_REASSIGNED)
    assert (await grid.scan(place.code)).shown_as == ""
    after = await grid.held(place, next_one, "王师傅")
    found = await grid.at(place)
    assert (found.plaque_outdated, found.code) == (True, place.code)
    assert (await grid.scan(place.code)).shown_as == "王师傅"
    await grid.zone("HangPlaque", id=after.id)
    assert not (await grid.at(place)).plaque_outdated
    with pytest.raises(NotFound):
        await grid.scan(new_id())


async def test_the_public_reads_what_a_plaque_says_and_nothing_else(grid: Grid) -> None:
    await grid.held(await grid.place("锅炉房"), grid.member())
    context = Context(mode="public", caller=Caller())

    async def read(sql: str) -> Any:
        async with grid.network.units.database.transaction(context) as connection:
            return await connection.fetch(sql)

    assert len(await read("SELECT shown_as FROM zones_zones")) == 1
    refused = (
        "SELECT person_id FROM zones_zones",
        "SELECT display FROM zones_holders",
        "SELECT hung_for FROM zones_locations",
        "UPDATE zones_zones SET shown_as = 'x'",
    )
    for sql in refused:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await read(sql)


async def test_an_accident_begins_the_days_of_its_site_anew_and_a_near_miss_does_not(grid: Grid) -> None:
    site, now = new_id(), grid.network.units.clock.now()
    place, plain = await grid.place("采掘面", site_id=site), await grid.place("会议室")
    held = await grid.held(place, grid.member())
    await grid.network.stored("UPDATE zones_locations SET created_at = created_at - interval '40 days'")
    await grid.network.stored("UPDATE zones_zones SET from_on = from_on - 20")
    assert (await grid.at(place)).accident_free_days == 40
    assert not (await grid.at(plain)).HasField("accident_free_days")
    at = Timestamp()
    at.FromDatetime(now - timedelta(days=5))
    await grid.incident(site, at, safety_pb2.INCIDENT_KIND_NEAR_MISS)
    assert (await grid.at(place)).accident_free_days == 40
    await grid.incident(site, at, safety_pb2.INCIDENT_KIND_ACCIDENT)
    found = await grid.at(place)
    assert (found.accident_free_days, found.zone.accident_free_days) == (5, 5)
    assert (await grid.scan(place.code)).accident_free_days == 5
    assert found.zone.id == held.id
    assert len(await grid.network.stored("SELECT FROM zones_accidents")) == 1


async def test_who_sees_what(grid: Grid) -> None:
    first, second = await grid.place("一层", floor="1"), await grid.place("二层", floor="2")
    member = grid.member()
    await grid.held(first, member, "李师傅")
    await grid.zone("DeclareZone", grid.member(), location_id=second.id, shown_as="张师傅")
    own = await grid.zone("GetZoneMap", member)
    assert [one.zone.person_id for one in own.locations] == ["", member.id]
    assert [len(one.claims) for one in own.locations] == [0, 0]
    assert [one.code for one in own.locations] == ["", ""]
    stranger = await grid.zone("GetZoneMap", grid.member())
    assert [one.zone.person_id for one in stranger.locations] == ["", ""]
    leader = person(grid.tenant, "F", "2")
    assert [one.name for one in (await grid.zone("GetZoneMap", leader)).locations] == ["二层"]
    assert not (await grid.zone("GetZoneMap", grid.network.neighbour)).locations


async def test_the_roll_says_who_is_to_have_a_zone(grid: Grid) -> None:
    place = await grid.place("走廊")
    people = [grid.member() for _ in range(3)]
    await grid.zone("EnrolZoneHolders", person_ids=[one.id for one in people])
    await grid.zone("EnrolZoneHolders", person_ids=[people[0].id])
    await grid.held(place, people[0])
    page = await grid.zone("ListZoneHolders", page_size=2)
    rest = await grid.zone("ListZoneHolders", page_size=2, page_token=page.next_page_token)
    roll = [*page.holders, *rest.holders]
    assert [(one.person_id, list(one.zones)) for one in roll] == [
        (people[0].id, ["走廊"]),
        (people[1].id, []),
        (people[2].id, []),
    ]
    with pytest.raises(Conflict):
        await grid.zone("StrikeZoneHolder", id=roll[0].id)
    await grid.zone("StrikeZoneHolder", id=roll[1].id)
    found = await grid.zone("GetZoneMap")
    assert [one.person_id for one in found.without] == [people[2].id]


async def test_a_team_with_one_member_is_flagged_until_it_has_two(grid: Grid) -> None:
    first, second = grid.member(), grid.member()
    team = await grid.team("FormTeam", name="采掘一班", person_ids=[first.id])
    assert (team.below_minimum, team.minimum, team.members[0].leads) == (True, 2, True)
    with pytest.raises(Conflict):
        await grid.team("FormTeam", name="采掘一班")
    team = await grid.team("JoinTeam", id=team.id, person_id=second.id, leads=True)
    assert not team.below_minimum
    assert [(one.person_id, one.leads) for one in team.members] == [(second.id, True), (first.id, False)]
    with pytest.raises(Conflict):
        await grid.team("JoinTeam", id=team.id, person_id=second.id)
    team = await grid.team("LeaveTeam", id=team.id, person_id=first.id)
    assert team.below_minimum
    with pytest.raises(NotFound):
        await grid.team("LeaveTeam", id=team.id, person_id=first.id)
    assert [one.below_minimum for one in await grid.network.told("WorkTeamChanged")] == [True, False, True]
    await grid.team("DissolveTeam", id=team.id)
    assert not (await grid.team("ListTeams")).teams
    with pytest.raises(Conflict):
        await grid.team("JoinTeam", id=team.id, person_id=first.id)


async def duty(grid: Grid, executor: str, supervisor: str, **more: Any) -> tpb.JobDuty:
    today = days.day_of(grid.network.units.clock.now())
    wanted = {"title": "巡检皮带机", "lead": executor, "due_date": today.isoformat(), **more}
    found: tpb.JobDuty = await grid.team("AssignDuty", executor=executor, supervisor=supervisor, **wanted)
    return found


async def test_a_duty_is_done_by_one_and_confirmed_by_another(grid: Grid) -> None:
    executor, supervisor = grid.member(), grid.member()
    with pytest.raises(Invalid):
        await duty(grid, executor.id, executor.id)
    team = await grid.team("FormTeam", name="运行班", person_ids=[executor.id, supervisor.id])
    await grid.held(await grid.place("皮带机"), executor)
    made = await duty(grid, executor.id, supervisor.id, team_id=team.id)
    with pytest.raises(Forbidden):
        await grid.team("FinishDuty", supervisor, id=made.id)
    with pytest.raises(NotFound):
        await grid.team("FinishDuty", grid.member(), id=made.id)
    done = await grid.team("FinishDuty", executor, id=made.id)
    assert (done.state, list(done.verbs)) == (tpb.DUTY_STATE_DONE, [])
    with pytest.raises(Forbidden):
        await grid.team("ConfirmDuty", executor, id=made.id)
    returned = await grid.team("ReturnDuty", supervisor, id=made.id, reason="没有填写记录")
    assert (returned.state, returned.reason) == (tpb.DUTY_STATE_RETURNED, "没有填写记录")
    await grid.team("FinishDuty", executor, id=made.id)
    mine = (await grid.team("ListMyDuties", supervisor)).duties
    assert [list(one.verbs) for one in mine] == [["confirm", "return"]]
    assert [list(one.own_parts) for one in mine] == [["supervisor"]]
    confirmed = await grid.team("ConfirmDuty", supervisor, id=made.id)
    assert confirmed.state == tpb.DUTY_STATE_CONFIRMED
    with pytest.raises(asyncpg.CheckViolationError):
        await grid.network.stored("UPDATE teams_duties SET supervisor_id = executor_id")

    late = await duty(grid, executor.id, supervisor.id, team_id=team.id, due_date="2020-01-01")
    assert late.overdue
    await grid.team("CancelDuty", id=late.id)
    (board,) = (await grid.team("ListTeams")).teams
    figures = board.figures
    assert (figures.zones, figures.due, figures.confirmed, figures.in_time) == (1, 1, 1, 1)
    listed = await grid.team("ListDuties", state=tpb.DUTY_STATE_CANCELLED)
    assert [one.id for one in listed.duties] == [late.id]
