"""T2, steps 7 and 8; T1's visits and symposium; T4's patrols; and services for which somebody comes: whoever
is to be visited is visited, what they need becomes a ticket, and what was left out is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

TOWER, CATERING, MINE, CENTRE = "华融国际大厦", "餐饮中心", "矿业服务公司", "新多集团党群服务中心"
DISTRICT_HOURS = timedelta(hours=8)


class Building:
    """An organisation as the story's people use it."""

    def __init__(self, people: People, tenant: str) -> None:
        self.people = people
        self.root = f"/v1/tenants/{tenant}"

    async def get(self, who: str, path: str, **query: Any) -> dict[str, Any]:
        return await self.people.get(who, f"{self.root}/{path}", **query)

    async def post(self, who: str, path: str, body: dict[str, Any], **how: str) -> dict[str, Any]:
        return await self.people.post(who, f"{self.root}/{path}", {**body, "synthetic": True}, **how)

    async def do(self, who: str, ticket: str, verb: str, **body: Any) -> dict[str, Any]:
        return await self.people.post(who, f"{self.root}/requests/{ticket}:{verb}", body)

    async def assign(self, who: str, ticket: str, handler: str) -> None:
        await self.people.sign_in(handler)
        seen = await self.get(who, f"requests/{ticket}")
        body = {"assignee": self.people.accounts[handler]}
        await self.people.post(who, f"{self.root}/requests/{ticket}:assign", body, etag=seen["etag"])

    async def plan(self, who: str, title: str, target: str, **more: Any) -> dict[str, Any]:
        today = (datetime.now(UTC) + DISTRICT_HOURS).date()
        days = {"start_date": today.isoformat(), "due_date": (today + timedelta(days=6)).isoformat()}
        return await self.post(who, "visit-plans", {"title": title, "target": target, **days, **more})

    async def unvisited(self, who: str, plan: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            query = {"page_size": 100, **({"page_token": token} if token else {})}
            page = await self.get(who, f"visit-plans/{plan['id']}/unvisited", **query)
            found += page["unvisited"]
            token = page["next_page_token"]
            if not token:
                return found

    async def item(self, who: str, code: str) -> str:
        page = await self.get(who, "catalogue", page_size=100)
        return next(str(one["id"]) for one in page["service_items"] if one["code"] == code)

    async def refused(self, who: str, path: str, body: dict[str, Any]) -> tuple[int, str]:
        with pytest.raises(Refused) as refusal:
            await self.post(who, path, body)
        return refusal.value.status, refusal.value.reason


@pytest.mark.row("1-17/TKT")
async def test_everyone_is_visited_and_the_list_reaches_nothing(
    people: People, places: dict[str, str]
) -> None:
    building = Building(people, places[CATERING])
    plan = await building.plan("clerk1", "故事·逐一走访", "ENTERPRISE")
    left = await building.unvisited("clerk1", plan)
    assert plan["total"] == 3
    for firm in left:
        visit = {"target": "ENTERPRISE", "target_id": firm["id"], "remark": "聊了经营情况"}
        await building.post("secretary1", "visits", visit, key=f"story-{plan['id']}-{firm['id']}")
    assert await building.unvisited("clerk1", plan) == []
    there = await building.get("clerk1", f"visit-plans/{plan['id']}/map")
    assert (there["plan"]["visited"], there["plan"]["total"]) == (3, 3)
    assert [floor["floor"] for floor in there["floors"]] == ["3", "2", "1"]
    assert all(place["visited"] for floor in there["floors"] for place in floor["places"])
    closed = await people.post("clerk1", f"{building.root}/visit-plans/{plan['id']}:close")
    assert closed["close_time"]
    assert not closed["verbs"]


@pytest.mark.row("1-17/TKT")
async def test_a_need_that_a_visit_finds_is_a_ticket_of_the_named_desk(
    people: People, places: dict[str, str]
) -> None:
    """T2-7 and T2-8."""
    building = Building(people, places[TOWER])
    plan = await building.plan("clerk", "故事·全楼走访", "ENTERPRISE")
    assert plan["total"] >= 150
    here = next(
        row
        for row in (await people.get("contact", "/v1/me"))["memberships"]
        if row["tenant"] == places[TOWER]
    )
    firm = next(held["scope_id"] for held in here["permissions"] if held["letter"] == "E")
    item = await building.item("clerk", "bookkeeping")
    visit = {
        "target": "ENTERPRISE",
        "target_id": firm,
        "remark": "公司刚搬来",
        "needs": [
            {
                "service_item_id": item,
                "summary": "想请驿站代理记账",
                "form": {"months": 3, "kind": "小规模纳税人"},
            }
        ],
    }
    held = await building.post("secretary", "visits", visit, key="story-need")
    again = await building.post("secretary", "visits", visit, key="story-need")
    assert again["id"] == held["id"]
    assert firm not in {one["id"] for one in await building.unvisited("clerk", plan)}
    (ticket_id,) = held["ticket_ids"]
    ticket = await building.get("contact", f"requests/{ticket_id}")
    assert (ticket["item_name_zh"], ticket["desk"]) == ("代理记账", "enterprise-desk")
    assert (ticket["enterprise_id"], ticket["filed_for"]) == (firm, "ENTERPRISE")
    assert ticket["correlation_id"] == held["correlation_id"]
    await building.assign("clerk", ticket_id, "clerk2")
    await building.do("clerk2", ticket_id, "resolve", result="账已建好", trips=0)
    closed = await building.do("contact", ticket_id, "confirm", rating=5)
    assert closed["state"] == "CLOSED"
    # A liaison looks after one floor and sees no other; a worker sees no visits at all.
    seen = (await building.get("liaison", f"visit-plans/{plan['id']}/map"))["floors"]
    assert [floor["floor"] for floor in seen] == ["12"]
    with pytest.raises(Refused) as refused:
        await building.get("worker", "visits")
    assert refused.value.status == 403


@pytest.mark.row("3-14/TKT")
async def test_a_patrol_checks_in_where_it_is_and_what_it_finds_is_a_ticket(
    people: People, places: dict[str, str]
) -> None:
    building = Building(people, places[MINE])
    site = (await building.post("clerk4", "sites", {"name": "故事·泵房", "floor": "1"}))["id"]
    plan = await building.plan("secretary4", "故事·巡访", "SITE", every_days=7)
    patrol = {
        "target": "SITE",
        "target_id": site,
        "remark": "水泵运行正常，值班室偏暗",
        "needs": [{"service_item_id": await building.item("clerk4", "environment"), "summary": "值班室太暗"}],
    }
    wrong = await building.refused("teamlead", "visits", {**patrol, "checkin_code": "ABC234"})
    assert wrong == (400, "CHECKIN_CODE_WRONG")
    assert site in {one["id"] for one in await building.unvisited("secretary4", plan)}
    with pytest.raises(Refused) as refused:
        await building.get("teamlead", f"visit-codes/{site}")
    assert refused.value.status == 403
    code = (await building.get("secretary4", f"visit-codes/{site}"))["code"]
    done = await building.post("teamlead", "visits", {**patrol, "checkin_code": code.lower()})
    assert done["visit_time"]
    assert site not in {one["id"] for one in await building.unvisited("secretary4", plan)}
    ticket = await building.get("clerk4", f"requests/{done['ticket_ids'][0]}")
    assert (ticket["summary"], ticket["onsite"], ticket["floor"]) == ("值班室太暗", True, "1")


@pytest.mark.row("0-19/TKT")
async def test_what_a_round_left_out_is_told_and_minutes_produce_tickets(
    people: People, places: dict[str, str]
) -> None:
    """The demo's two months have walked the business clock over rounds that left somebody out."""
    building = Building(people, places[CATERING])
    plans = (await building.get("clerk1", "visit-plans", page_size=100))["plans"]
    regular = next(one for one in plans if one["title"] == "经营单位定期走访")
    assert regular["round"] > 1

    async def told() -> bool:
        token = ""
        while True:
            more = {"page_token": token} if token else {}
            page = await people.get("clerk1", "/v1/me/messages", page_size=100, **more)
            if any(one["subject_id"] == regular["id"] for one in page["messages"]):
                return True
            token = page["next_page_token"]
            if not token:
                return False

    await eventually(told)
    minutes = {
        "target": "SYMPOSIUM",
        "topic": "党员座谈会",
        "remark": "到会九人，提了一条",
        "needs": [{"service_item_id": await building.item("clerk1", "repair"), "summary": "后门的灯不亮"}],
    }
    silent = await building.refused("secretary1", "visits", {**minutes, "remark": ""})
    assert silent == (400, "MINUTES_MISSING")
    held = await building.post("secretary1", "visits", minutes)
    (ticket_id,) = held["ticket_ids"]
    ticket = await building.get("clerk1", f"requests/{ticket_id}")
    assert (ticket["summary"], ticket["state"]) == ("后门的灯不亮", "SUBMITTED")


@pytest.mark.row("1-22/TKT")
@pytest.mark.row("3-19/TKT", partial=True)
async def test_an_on_site_service_ends_with_check_in_and_rating(
    people: People, places: dict[str, str]
) -> None:
    building = Building(people, places[CENTRE])
    wanted = {
        "service_item_id": await building.item("worker33", "environment"),
        "filed_for": "PERSON",
        "summary": "操作台照明不足",
    }
    ticket = (await building.post("worker33", "requests", wanted, key="story-environment"))["id"]
    await building.assign("clerk3", ticket, "secretary3")
    accepted = await building.do("secretary3", ticket, "accept")
    assert "attend" in accepted["verbs"]
    assert "resolve" not in accepted["verbs"]
    with pytest.raises(Refused) as refused:
        await building.do("secretary3", ticket, "resolve", result="说是办好了", trips=0)
    assert (refused.value.status, refused.value.reason) == (409, "ONSITE_CHECKIN_MISSING")
    with pytest.raises(Refused) as stead:
        await building.do("clerk3", ticket, "attend")
    assert stead.value.reason == "NOT_THE_HANDLER"
    there = await building.do("secretary3", ticket, "attend")
    assert there["attend_time"]
    await building.do("secretary3", ticket, "resolve", result="换了灯管，照度达标", trips=0)
    closed = await building.do("worker33", ticket, "confirm", rating=5)
    assert (closed["state"], closed["rating"]) == ("CLOSED", 5)
    timeline = (await building.get("worker33", f"requests/{ticket}/timeline"))["entries"]
    assert "attended" in [entry["kind"] for entry in timeline]
