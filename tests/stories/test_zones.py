"""Responsibility zones, plaques, teams and duties through HTTP: T4 steps 1 to 3."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

MINE, TOWER = "矿业服务公司", "华融国际大厦"
ORIGIN = "https://louyu.example"

Json = dict[str, Any]


async def reason_of(call: Callable[[], Awaitable[Any]]) -> str:
    """Why a call is refused."""
    with pytest.raises(Refused) as refused:
        await call()
    return refused.value.reason


async def place(people: People, root: str, name: str, **more: str) -> Json:
    """A place of this test's own."""
    return await people.post(
        "secretary4", f"{root}/zone-locations", {"name": name, "synthetic": True, **more}
    )


async def on_map(people: People, root: str, location: str) -> Json:
    """A place as the branch sees it now."""
    found = await people.get("secretary4", f"{root}/zones:map")
    return next(one for one in found["locations"] if one["id"] == location)


async def declared(people: People, root: str, who: str, location: str, key: str = "") -> Json:
    """Somebody declares a place."""
    body = {"location_id": location, "shown_as": f"演示责任人{who[-2:]}", "synthetic": True}
    return await people.post(who, f"{root}/zones:declare", body, key=key)


async def end(people: People, root: str, zone: str, location: str) -> None:
    """Leave the grid as it was."""
    await people.post("clerk4", f"{root}/zones/{zone}:end", {"ending": "TERM_OVER"})
    await people.post("clerk4", f"{root}/zone-locations/{location}:close")


@pytest.mark.row("3-11/MEM")
async def test_every_member_and_every_place_is_covered_without_gap_or_overlap(
    people: People, places: dict[str, str]
) -> None:
    root = f"/v1/tenants/{places[MINE]}"
    grid = await people.get("secretary4", f"{root}/zones:map")
    assert (grid["holders"], grid["holding"], grid.get("without", [])) == (12, 12, [])
    own = [one for one in grid["locations"] if one.get("zone")]
    assert len({one["id"] for one in own}) == len({one["zone"]["person_id"] for one in own}) == 12

    extra = await place(people, root, "临时堆场")
    grid = await people.get("secretary4", f"{root}/zones:map")
    assert grid["total"] - grid["covered"] >= 1
    assert not (await on_map(people, root, extra["id"])).get("zone")
    first = await declared(people, root, "member401", extra["id"])
    second = await declared(people, root, "member402", extra["id"])
    approve = [
        people.post("secretary4", f"{root}/zones/{one['id']}:approve", etag=one["etag"])
        for one in (first, second)
    ]
    done = await asyncio.gather(*approve, return_exceptions=True)
    refused = [one for one in done if isinstance(one, Refused)]
    assert [one.reason for one in refused] == ["ZONE_OVERLAPS"]
    (held,) = (one for one in done if isinstance(one, dict))
    await end(people, root, held["id"], extra["id"])

    tower = await people.get("secretary", f"/v1/tenants/{places[TOWER]}/zones:map")
    assert tower["covered"] < tower["total"]
    assert tower["without"]


@pytest.mark.row("3-12/MEM")
async def test_the_member_declares_and_the_branch_decides(people: People, places: dict[str, str]) -> None:
    root = f"/v1/tenants/{places[MINE]}"
    yard = (await place(people, root, "停车场"))["id"]
    zone = await declared(people, root, "member403", yard)
    approve = f"{root}/zones/{zone['id']}:approve"
    by_member, by_clerk = await asyncio.gather(
        reason_of(lambda: people.post("member403", approve, etag=zone["etag"])),
        reason_of(lambda: people.post("clerk4", approve, etag=zone["etag"])),
    )
    assert by_member == by_clerk == "PERMISSION_DENIED"
    returned = f"{root}/zones/{zone['id']}:return"
    await people.post("secretary4", returned, {"reason": "请与班组核对范围"}, etag=zone["etag"])
    mine = (await people.get("member403", f"{root}/zones:mine"))["zones"]
    assert (mine[0]["state"], mine[0]["reason"]) == ("RETURNED", "请与班组核对范围")
    zone = await declared(people, root, "member403", yard, key="again")
    held = await people.post("secretary4", approve, etag=zone["etag"], key="second")
    assert held["state"] == "APPROVED"
    await end(people, root, held["id"], yard)

    # The secretary is a member, too, and is decided upon by somebody else.
    gate = (await place(people, root, "北门"))["id"]
    own = await declared(people, root, "secretary4", gate)
    path = f"{root}/zones/{own['id']}:approve"
    assert await reason_of(lambda: people.post("secretary4", path, etag=own["etag"])) == "ZONE_IS_OWN"
    await people.post("secretary4", f"{root}/zones/{own['id']}:withdraw")
    await people.post("clerk4", f"{root}/zone-locations/{gate}:close")


@pytest.mark.row("3-13/MEM")
async def test_a_plaque_is_printed_and_follows_a_reassignment(people: People, places: dict[str, str]) -> None:
    root = f"/v1/tenants/{places[MINE]}"
    shed = await place(people, root, "工具间", floor="1")
    zone = await declared(people, root, "member404", shed["id"])
    zone = await people.post("secretary4", f"{root}/zones/{zone['id']}:approve", etag=zone["etag"])
    pdf = await people.download("clerk4", f"{root}/zones:plaques", origin=ORIGIN, location_ids=[shed["id"]])
    assert pdf.startswith(b"%PDF-")

    async def scan() -> Json:
        return await people.look(f"{root}/plaques/{shed['code']}")

    seen = await scan()
    assert (seen["shown_as"], seen["relay_phone"]) == ("演示责任人04", "0000-5550100 转 4")
    assert not {"person_id", "display", "account"} & set(seen)
    await people.post("clerk4", f"{root}/zones/{zone['id']}:hang")
    await people.post("clerk4", f"{root}/zones/{zone['id']}:end", {"ending": "REASSIGNED"})
    assert (await scan()).get("shown_as", "") == ""
    after = await declared(people, root, "member405", shed["id"])
    after = await people.post("secretary4", f"{root}/zones/{after['id']}:approve", etag=after["etag"])
    assert (await scan())["shown_as"] == "演示责任人05"
    assert (await on_map(people, root, shed["id"]))["plaque_outdated"]
    await people.post("clerk4", f"{root}/zones/{after['id']}:hang")
    assert not (await on_map(people, root, shed["id"])).get("plaque_outdated")
    await end(people, root, after["id"], shed["id"])
    assert await reason_of(scan) == "PLAQUE_NOT_FOUND"


async def test_an_accident_begins_the_days_of_the_zones_at_its_site_anew(
    people: People, places: dict[str, str]
) -> None:
    root = f"/v1/tenants/{places[MINE]}"
    sites = await people.get("clerk4", f"{root}/safety-figures")
    accident = next(one for one in sites["sites"] if one.get("last_accident_time"))

    async def begun_anew() -> bool:
        grid = await people.get("secretary4", f"{root}/zones:map")
        days = {one["site_id"]: one["accident_free_days"] for one in grid["locations"] if one.get("site_id")}
        here = days[accident["site_id"]]
        # Safety counts whole days since the moment, the plaque counts by the calendar.
        return bool(here < max(days.values()) and 0 <= here - accident["accident_free_days"] <= 1)

    await eventually(begun_anew)


@pytest.mark.row("3-10/MEM")
async def test_a_team_below_two_is_flagged_and_teams_stand_beside_each_other(
    people: People, places: dict[str, str]
) -> None:
    root = f"/v1/tenants/{places[MINE]}"
    grid = await people.get("secretary4", f"{root}/zones:map")
    held = [one["zone"]["person_id"] for one in grid["locations"] if one.get("zone")]
    formed = {"name": "演示新班组", "person_ids": held[:1], "synthetic": True}
    team = await people.post("secretary4", f"{root}/work-teams", formed)
    assert (team["below_minimum"], team["minimum"]) == (True, 2)
    joined = await people.post("secretary4", f"{root}/work-teams/{team['id']}:join", {"person_id": held[1]})
    assert not joined.get("below_minimum")
    board = {one["name"]: one for one in (await people.get("member401", f"{root}/work-teams"))["teams"]}
    assert {"采掘一班", "采掘二班", "机修班", "后勤班", "公寓管理班", "仓储班"} <= set(board)
    assert not any(one.get("below_minimum") for one in board.values())
    best = board["采掘一班"]["figures"]
    assert (best["zones"], best["due"], best["confirmed"]) == (2, 1, 1)
    await people.post("secretary4", f"{root}/work-teams/{team['id']}:dissolve")


@pytest.mark.row("3-20/MEM")
async def test_whoever_supervises_a_duty_is_somebody_else_than_whoever_does_it(
    people: People, places: dict[str, str]
) -> None:
    root = f"/v1/tenants/{places[MINE]}"
    teams = (await people.get("secretary4", f"{root}/work-teams"))["teams"]
    team = next(one for one in teams if one["name"] == "机修班")
    first, second = (one["person_id"] for one in team["members"])
    due = (datetime.now(UTC).date() + timedelta(days=3)).isoformat()
    duty = {"title": "检查砂轮防护罩", "team_id": team["id"], "lead": second, "due_date": due}
    alone = {**duty, "executor": second, "supervisor": second}
    assert (
        await reason_of(lambda: people.post("clerk4", f"{root}/job-duties", alone))
        == "SUPERVISOR_IS_EXECUTOR"
    )
    made = await people.post(
        "clerk4", f"{root}/job-duties", {**duty, "executor": second, "supervisor": first, "synthetic": True}
    )
    path = f"{root}/job-duties/{made['id']}"
    await people.post("member406", f"{path}:finish")
    own = await reason_of(lambda: people.post("member406", f"{path}:confirm"))
    assert own == "NOT_YOUR_PART"
    assert await reason_of(lambda: people.post("member401", f"{path}:confirm")) == "DUTY_NOT_FOUND"
    confirmed = await people.post("member405", f"{path}:confirm")
    assert confirmed["state"] == "CONFIRMED"
    assert confirmed["lead"]["person_id"] == confirmed["executor"]["person_id"]


async def test_the_member_hears_of_the_decision(people: People, places: dict[str, str]) -> None:
    async def told() -> bool:
        found = await people.get("member401", "/v1/me/messages", page_size=100)
        return {"您的责任区已审定", "您的责任区申报被退回"} <= {one["title"] for one in found["messages"]}

    await eventually(told)
