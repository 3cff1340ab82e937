"""The door of an activity: a code for any phone, a pass for the desk."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from demo.client import People
from deploy.local.stack import Stack
from tests.browser.visits import accessible, enter, enter_here
from tests.fixtures.browser import NewPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUILDING = "华融国际大厦"
GUESTS = ("worker", "worker2")


async def begins_soon(people: People, tenant: str) -> str:
    """An activity whose doors are open, made by the planner, with two guests."""
    now = datetime.now(UTC)
    calendar = f"/v1/tenants/{tenant}/calendar"
    body = {
        "title": "门口签到演练",
        "kind": "CIRCLE",
        "affairs": "SOCIAL",
        "station": "PARTY_MASS",
        "hosts": ["CLUB"],
        "audience": ["WORKERS"],
        "place": "六层茶室",
        "start_time": (now + timedelta(minutes=30)).isoformat(),
        "end_time": (now + timedelta(hours=2)).isoformat(),
        "capacity": 10,
        "synthetic": True,
    }
    made = await people.post("planner", calendar, body)
    await people.post("planner", f"{calendar}/{made['id']}:publish", etag=made["etag"])
    for guest in GUESTS:
        await people.post(guest, f"{calendar}/{made['id']}:enrol")
    return str(made["id"])


async def test_the_door_and_the_desk_check_people_in(
    district: Stack, new_page: NewPage, people: People, places: dict[str, str]
) -> None:
    activity = await begins_soon(people, places[BUILDING])
    desk = await new_page()
    await enter(desk, district.url, "planner", face="/console/", staff=True)
    await desk.goto(f"{district.url}/console/calendar/{activity}")
    async with desk.expect_response(re.compile("door-code")) as answered:
        await desk.get_by_role("button", name="显示门口签到码").click()
    code = (await (await answered.value).json())["token"]
    door = desk.get_by_role("img", name="门口签到码")
    await expect(door).to_be_visible()
    assert await door.locator("path").get_attribute("d"), "the picture at the door is empty"

    # The camera of a phone opens the link; sign-in lies in between and leads on.
    phone = await new_page(width=390, height=844)
    await phone.goto(f"{district.url}/activities/{activity}/check-in?at={places[BUILDING]}&code={code}")
    await enter_here(phone, "worker")
    await expect(phone.get_by_role("heading", name="签到成功")).to_be_visible()
    await accessible(phone)
    await expect(desk.get_by_role("row", name=re.compile("演示白领01"))).to_contain_text("已签到")

    # Another guest shows the pass; the desk reads it.
    shown = f"/v1/tenants/{places[BUILDING]}/calendar/{activity}/pass"
    scanned = desk.get_by_label("扫码签到")
    await scanned.fill("半个码")
    await scanned.press("Enter")
    await expect(desk.get_by_text("没有读到完整的活动码")).to_be_visible()
    await scanned.fill((await people.get("worker2", shown))["token"])
    await scanned.press("Enter")
    await expect(desk.get_by_text("演示白领02 已签到")).to_be_visible()
    await expect(desk.get_by_role("heading", name="已到 2 / 2")).to_be_visible()

    # Who has no place is told so, and where to get one.
    await phone.context.clear_cookies()
    await phone.goto(f"{district.url}/activities/{activity}/check-in?at={places[BUILDING]}&code={code}")
    await enter_here(phone, "worker3")
    await phone.get_by_role("link", name="查看活动并报名").click()
    await expect(phone.get_by_role("button", name="我要报名")).to_be_visible()
