"""Promised times through HTTP: what a clock says of itself, who is told when it is late, what changes do."""

from typing import Any

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

T1, T2 = "餐饮中心", "华融国际大厦"


class Desk:
    """华融国际大厦's desk and those who order from it."""

    def __init__(self, people: People, tenant: str) -> None:
        self.people = people
        self.root = f"/v1/tenants/{tenant}"

    async def order(self, code: str, key: str, **more: Any) -> dict[str, Any]:
        items = (await self.people.get("contact", f"{self.root}/catalogue", page_size=100))["service_items"]
        wanted = {
            "service_item_id": next(item["id"] for item in items if item["code"] == code),
            "filed_for": "ENTERPRISE",
            "summary": "请帮我们办理",
            "synthetic": True,
            **more,
        }
        return await self.people.post("contact", f"{self.root}/requests", wanted, key=key)

    async def do(self, who: str, ticket: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
        etag = body.pop("etag", "")
        return await self.people.post(who, f"{self.root}/requests/{ticket['id']}:{verb}", body, etag=etag)

    async def clocks(self, ticket: dict[str, Any], who: str = "contact") -> dict[str, dict[str, Any]]:
        said = await self.people.get(who, f"{self.root}/sla/clocks/{ticket['id']}")
        return {clock["kind"]: clock for clock in said["clocks"]}

    async def settings(self) -> dict[str, Any]:
        return await self.people.get("secretary", f"{self.root}/sla")

    async def decide(self, who: str, note: str, **changes: Any) -> dict[str, Any]:
        present = await self.settings()
        kept = {
            name: value for name, value in present.items() if name not in ("etag", "create_time", "creator")
        }
        body = {**kept, **changes, "note": note}
        return await self.people.patch(who, f"{self.root}/sla", body, etag=present["etag"])


@pytest.fixture
async def desk(people: People, places: dict[str, str]) -> Desk:
    await people.sign_in("clerk2")
    return Desk(people, places[T2])


async def test_a_clock_explains_what_ran_what_paused_and_why(desk: Desk, people: People) -> None:
    ticket = await desk.order("registration", "sla-explained")
    first = await desk.clocks(ticket)
    assert set(first) == {"FIRST_RESPONSE", "RESOLUTION"}
    assert first["RESOLUTION"]["standing"] == "RUNNING"
    assert first["RESOLUTION"]["promised_seconds"] == str(35 * 3600), "the hours of the catalogue"
    assert ticket["next_due_clock"] == "FIRST_RESPONSE"
    handler = people.accounts["clerk2"]
    await desk.do("clerk", ticket, "assign", etag=ticket["etag"], assignee=handler)
    await desk.do("clerk2", ticket, "accept")
    held = await desk.do("clerk2", ticket, "hold", question="请补充名称")
    assert held["next_due_clock"] == "UNSPECIFIED"
    paused = await desk.clocks(ticket)
    assert paused["FIRST_RESPONSE"]["standing"] == "MET"
    assert {paused[kind]["standing"] for kind in ("UPDATE", "RESOLUTION")} == {"PAUSED"}
    assert paused["RESOLUTION"]["segments"][-1]["cause"] == "WAITING"
    await desk.do("contact", ticket, "resume", note="演示新公司")
    await desk.do("clerk2", ticket, "resolve", result="已办好", trips=0)
    again = await desk.do("contact", ticket, "reopen", reason="少了一份")
    assert again["next_due_clock"] in ("UPDATE", "RESOLUTION")
    causes = [segment["cause"] for segment in (await desk.clocks(ticket))["RESOLUTION"]["segments"]]
    assert causes == ["FILED", "WAITING", "ANSWERED", "RESOLVED", "REOPENED"]


@pytest.mark.row("3-18/TKT", partial=True)
async def test_an_urgent_request_jumps_the_queue(desk: Desk, people: People) -> None:
    ticket = await desk.order("registration", "sla-plain")
    urgent = await desk.order("registration", "sla-urgent", urgency="URGENT")
    page = await people.get("clerk", f"{desk.root}/requests", by_due=True, page_size=100)
    order = [row["id"] for row in page["tickets"]]
    assert order.index(urgent["id"]) < order.index(ticket["id"])
    urgencies = [row["urgency"] for row in page["tickets"]]
    assert urgencies == sorted(urgencies, key=lambda word: word != "URGENT")
    triaged = await desk.do("clerk", ticket, "triage", etag=ticket["etag"], urgency="URGENT")
    assert triaged["resolution_due_time"] < ticket["resolution_due_time"]


async def test_what_is_late_climbed_past_the_building_and_no_further(
    desk: Desk, people: People, places: dict[str, str]
) -> None:
    """Two months were walked through when the district was loaded; what was late then, climbed."""
    above = f"/v1/tenants/{places['定和街道']}/sla/escalations"
    found = (await people.get("subdistrict", above, include_settled=True, page_size=100))["escalations"]
    assert {one["building"] for one in found} == {places[T2]}
    one = await people.get("subdistrict", f"{above}/{found[0]['ticket_id']}")
    assert one["summary"]
    assert "SUPERIOR" in {clock["level"] for clock in one["clocks"]} or one["state"] != "SUBMITTED"
    timeline = await people.get("clerk", f"{desk.root}/requests/{one['ticket_id']}/timeline", page_size=100)
    kinds = [entry["kind"] for entry in timeline["entries"]]
    assert [kind for kind in kinds if kind.startswith("escalated_")][:2] == [
        "escalated_assignee",
        "escalated_desk",
    ]
    assert "escalated_superior" in kinds

    async def told() -> bool:
        messages = (await people.get("subdistrict", "/v1/me/messages", page_size=100))["messages"]
        return any(message["subject_capability"] == "sla" for message in messages)

    await eventually(told)
    other = f"/v1/tenants/{places['演示街道']}/sla/escalations"
    theirs = (await people.get("subdistrict2", other, include_settled=True, page_size=100))["escalations"]
    assert places[T2] not in {row["building"] for row in theirs}
    for who, path in (
        ("subdistrict2", other),
        ("superior", f"/v1/tenants/{places['后勤保障处党总支']}/sla/escalations"),
    ):
        with pytest.raises(Refused) as refused:
            await people.get(who, f"{path}/{one['ticket_id']}")
        assert (refused.value.status, refused.value.reason) == (404, "TICKET_NOT_FOUND")
    with pytest.raises(Refused) as refused:
        await people.get("secretary", f"{desk.root}/sla/escalations")
    assert refused.value.status == 403


async def test_a_change_of_the_calendar_holds_for_what_is_under_way(desk: Desk, people: People) -> None:
    ticket = await desk.order("registration", "sla-in-flight")
    before = (await desk.clocks(ticket))["RESOLUTION"]["due_time"]
    present = await desk.settings()
    always = {**present["calendars"][0], "shifts": ["00:00-24:00"], "every_day": True}
    made = await desk.decide("admin", "演示：迎检期间全天值守", calendars=[always, *present["calendars"][1:]])
    try:
        after = (await desk.clocks(ticket))["RESOLUTION"]
        assert after["due_time"] < before
        assert [segment["cause"] for segment in after["segments"]] == ["FILED", "CALENDAR"]
        versions = (await people.get("clerk", f"{desk.root}/sla/versions"))["versions"]
        assert (versions[0]["etag"], versions[0]["parts"]) == (made["etag"], ["calendars"])
        assert versions[0]["creator"] == people.accounts["admin"]

        async def counted() -> bool:
            listed = await people.get("clerk", f"{desk.root}/requests/{ticket['id']}")
            return bool(listed["resolution_due_time"] == after["due_time"])

        await eventually(counted)
    finally:
        await desk.decide("admin", "演示：恢复工作时间", calendars=present["calendars"])
    with pytest.raises(Refused) as refused:
        await people.patch(
            "secretary",
            f"{desk.root}/sla",
            {**{k: present[k] for k in ("calendars", "ladder", "quiet_begin", "quiet_end")}, "note": "旧的"},
            etag=present["etag"],
        )
    assert (refused.value.status, refused.value.reason) == (412, "ETAG_MISMATCH")
