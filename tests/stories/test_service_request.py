"""The service request through HTTP: every step by the person whose step it is, every refusal by the book."""

from typing import Any

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

NAMED = (
    "法律援助",
    "政策咨询",
    "代理记账",
    "装修代办",
    "搬家代办",
    "代理开票",
    "税务咨询",
    "工商注册",
    "代理办证",
    "代理申报",
    "政策申办",
)
"""The eleven that document 1 names (row 1-18)."""


class Building:
    """华融国际大厦 as the story's people use it."""

    def __init__(self, people: People, tenant: str) -> None:
        self.people = people
        self.root = f"/v1/tenants/{tenant}"

    async def items(self, **query: Any) -> list[dict[str, Any]]:
        page = await self.people.get("contact", f"{self.root}/catalogue", page_size=100, **query)
        return list(page["service_items"])

    async def order(self, item: dict[str, Any], key: str, who: str = "contact") -> dict[str, Any]:
        form = {"months": 3, "kind": "小规模纳税人"} if item["code"] == "bookkeeping" else {}
        wanted = {
            "service_item_id": item["id"],
            "filed_for": "ENTERPRISE",
            "summary": "请帮我们办理",
            "form": form,
            "synthetic": True,
        }
        return await self.people.post(who, f"{self.root}/requests", wanted, key=key)

    async def do(self, who: str, ticket: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
        etag = body.pop("etag", "")
        path = f"{self.root}/requests/{ticket['id']}:{verb}"
        return await self.people.post(who, path, body, etag=etag)

    async def resolved(self, key: str) -> dict[str, Any]:
        """A ticket that waits for its requester's word."""
        item = next(item for item in await self.items() if item["code"] == "bookkeeping")
        ticket = await self.order(item, key)
        triaged = await self.do("clerk", ticket, "triage", etag=ticket["etag"], urgency="NORMAL")
        handler = self.people.accounts["clerk2"]
        await self.do("clerk", ticket, "assign", etag=triaged["etag"], assignee=handler)
        await self.do("clerk2", ticket, "accept")
        await self.do("clerk2", ticket, "start")
        return await self.do("clerk2", ticket, "resolve", result="账已建好", trips=0)


@pytest.fixture
async def building(people: People, places: dict[str, str]) -> Building:
    await people.sign_in("clerk2")
    return Building(people, places["华融国际大厦"])


@pytest.mark.row("1-18/TKT")
async def test_each_of_the_eleven_can_be_ordered_and_the_rest_is_marked(building: Building) -> None:
    items = await building.items()
    facts = {item["name_zh"]: item for item in items if not item["synthetic"]}
    assert set(NAMED) <= set(facts)
    assert len(items) > 20
    for name in NAMED:
        ticket = await building.order(facts[name], f"named-{name}")
        assert (ticket["state"], ticket["item_name_zh"]) == ("SUBMITTED", name)


@pytest.mark.row("1-07/TKT")
async def test_every_request_of_the_building_rolls_up_to_one_of_its_four_stations(
    building: Building,
) -> None:
    stations: set[str] = set()
    token = ""
    while True:
        page = await building.people.get(
            "clerk", f"{building.root}/requests", page_size=100, page_token=token
        )
        stations |= {ticket["station"] for ticket in page["tickets"]}
        token = page["next_page_token"]
        if not token:
            break
    assert stations == {"PARTY_MASS", "ENTERPRISE", "WORKERS", "COMMUNITY"}


async def test_from_the_order_to_the_rating_with_a_message_at_each_step(
    building: Building, people: People
) -> None:
    ticket = await building.resolved("whole")
    done = await building.do("contact", ticket, "confirm", rating=5, remark="很及时")
    assert (done["state"], done["rating"], done["closed_automatically"]) == ("CLOSED", 5, False)
    assert done["verbs"] == ["reopen"]

    timeline = await people.get("contact", f"{building.root}/requests/{ticket['id']}/timeline")
    assert [entry["kind"] for entry in timeline["entries"]] == [
        "created",
        "triaged",
        "assigned",
        "accepted",
        "started",
        "resolved",
        "confirmed",
    ]

    async def told(who: str, at_least: int) -> bool:
        messages = (await people.get(who, "/v1/me/messages", page_size=100))["messages"]
        about = [message for message in messages if message["subject_id"] == ticket["id"]]
        return len(about) >= at_least

    await eventually(lambda: told("contact", 3))
    await eventually(lambda: told("clerk", 1))
    await eventually(lambda: told("clerk2", 2))


@pytest.mark.row("1-16/TKT")
async def test_a_joint_request_has_one_lead_and_sub_tasks(building: Building, people: People) -> None:
    item = (await building.items(q="工商注册"))[0]
    ticket = await building.order(item, "joint")
    clerk, lead = people.accounts["clerk"], people.accounts["clerk2"]
    taken = await building.do("clerk", ticket, "assign", etag=ticket["etag"], assignee=lead)
    path = f"{building.root}/requests/{ticket['id']}/subtasks"
    await people.post("clerk2", path, {"title": "核对名称", "assignee": clerk})
    both = await people.post("clerk2", path, {"title": "准备材料", "assignee": lead})
    assert both["assignee"] == taken["assignee"] == lead
    with pytest.raises(Refused) as refused:
        await building.do("clerk2", ticket, "resolve", result="办好了")
    assert (refused.value.status, refused.value.reason) == (409, "SUBTASKS_OPEN")
    for part in both["subtasks"]:
        await people.post("clerk", f"{path}/{part['id']}:complete")
    done = await building.do("clerk2", ticket, "resolve", result="全部办好")
    assert done["state"] == "RESOLVED"
    assert all(part["done"] for part in done["subtasks"])


async def test_who_disagrees_reopens_and_the_desk_cannot_confirm(building: Building) -> None:
    ticket = await building.resolved("again")
    with pytest.raises(Refused) as refused:
        await building.do("clerk", ticket, "confirm", rating=5)
    assert (refused.value.status, refused.value.reason) == (403, "NOT_THE_REQUESTER")
    back = await building.do("contact", ticket, "reopen", reason="少了一张报表")
    assert (back["state"], back["reopened"]) == ("ASSIGNED", 1)


async def test_refusals_say_what_is_wrong_in_both_languages(building: Building) -> None:
    item = next(item for item in await building.items() if item["code"] == "bookkeeping")
    ticket = await building.order(item, "refusals")

    async def refused(who: str, verb: str, **body: Any) -> Refused:
        with pytest.raises(Refused) as refusal:
            await building.do(who, ticket, verb, **body)
        problem = refusal.value.problem
        assert problem["messages"]["zh"]
        assert problem["messages"]["en"]
        return refusal.value

    wrong_state = await refused("clerk", "start")
    assert (wrong_state.status, wrong_state.problem["allowed"]) == (409, ["triage", "assign", "reject"])
    missing = await refused("clerk", "triage", urgency="NORMAL")
    assert (missing.status, missing.reason) == (428, "ETAG_REQUIRED")
    stale = await refused("clerk", "triage", urgency="NORMAL", etag="99")
    assert (stale.status, stale.reason) == (412, "ETAG_MISMATCH")
    nobody = await refused("contact2", "withdraw")
    assert (nobody.status, nobody.reason) == (404, "TICKET_NOT_FOUND")
    with pytest.raises(Refused) as form:
        await building.people.post(
            "contact",
            f"{building.root}/requests",
            {"service_item_id": item["id"], "summary": "记账", "form": {"months": 0}},
        )
    fields = {fault["field"] for fault in form.value.problem["fields"]}
    assert (form.value.status, fields) == (400, {"form.months", "form.kind"})


async def test_the_employer_sees_the_firms_requests_and_never_a_workers_own(
    building: Building, people: People
) -> None:
    item = next(item for item in await building.items() if item["code"] == "labour-dispute")
    own = await people.post(
        "worker",
        f"{building.root}/requests",
        {"service_item_id": item["id"], "summary": "加班工资怎么算", "synthetic": True},
    )
    for employer in ("contact", "contact2", "contact3"):
        with pytest.raises(Refused) as refused:
            await people.get(employer, f"{building.root}/requests/{own['id']}")
        assert refused.value.status == 404
        listed = await people.get(employer, f"{building.root}/requests", page_size=100)
        personal = [ticket for ticket in listed["tickets"] if ticket["filed_for"] == "PERSON"]
        assert {ticket["requester"] for ticket in personal} <= {people.accounts[employer]}
