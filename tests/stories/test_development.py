"""Development through HTTP: T1 step 15, an application that advances step by step, and the roster after."""

from collections.abc import Awaitable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

T1, T2, SUPERIOR = "餐饮中心", "华融国际大厦", "后勤保障处党总支"
DAYS_AGO = 1400
"""Long enough ago for a year as an activist and a year on probation."""

Json = dict[str, Any]


async def refusal(call: Awaitable[Any]) -> Refused:
    """The refusal that a call meets."""
    with pytest.raises(Refused) as refused:
        await call
    return refused.value


class Pipeline:
    """The branch of 餐饮中心 and the general branch above it."""

    def __init__(self, people: People, places: dict[str, str]) -> None:
        self.people = people
        self.root = f"/v1/tenants/{places[T1]}"
        self.below = f"/v1/tenants/{places[SUPERIOR]}/development-below"
        self.mentors: list[str] = []
        self.org = ""

    async def know(self) -> None:
        """The branch, and two of its members."""
        orgs = (await self.people.get("secretary1", f"{self.root}/orgs", kind="BRANCH", page_size=100))[
            "orgs"
        ]
        self.org = next(one["id"] for one in orgs if not one["enterprise_id"])
        found = await self.people.get("secretary1", f"{self.root}/members", org_id=self.org, page_size=10)
        self.mentors = [one["person_id"] for one in found["members"] if one["stage"] == "FULL"]

    async def recorded(self, name: str) -> Json:
        """The clerk records what somebody handed in on paper."""
        found = await self.people.get("clerk1", f"{self.root}/people", q=name)
        wish = {
            "person_id": next(one["id"] for one in found["people"] if one["name"] == name),
            "org_id": self.org,
            "applied_on": (datetime.now(UTC).date() - timedelta(days=DAYS_AGO)).isoformat(),
            "document_no": "演示申请书11",
            "synthetic": True,
        }
        return await self.people.post("clerk1", f"{self.root}/development", wish)

    async def complete(self, one: Json, code: str, **more: Any) -> Json:
        """The secretary does a step of the branch."""
        body = {"step": code, "document_no": "演示记录11", **more}
        path = f"{self.root}/development/{one['id']}:complete"
        return await self.people.post("secretary1", path, body, etag=one["etag"])

    async def step(self, who: str, one: Json) -> Json:
        """The next step, by whoever has to do it, on the first day that can be."""
        step = one["next"]
        on = max(one["earliest_on"], one["steps"][one["done_steps"] - 1]["done_on"])
        said = {"step": step["code"], "done_on": on}
        if step["by"] == "APPLICANT":
            return await self.people.post(who, f"{self.root}/development/{one['id']}:submit", said)
        if step["by"] == "SUPERIOR":
            said["document_no"] = "演示批复11"
            return await self.people.post(
                "superior", f"{self.below}/{one['id']}:approve", said, etag=one["etag"]
            )
        for number in range(step["reviews"]):
            held = date.fromisoformat(on) + timedelta(days=number)
            review = {"held_on": held.isoformat(), "outcome": "PROGRESSING"}
            path = f"{self.root}/development/{one['id']}:review"
            one = await self.people.post("clerk1", path, review, etag=one["etag"])
            said["done_on"] = held.isoformat()
        people = self.mentors[: step["people_most"]]
        return await self.complete(
            one, step["code"], done_on=said["done_on"], people=people, hours=step["hours"]
        )

    async def mine(self, who: str) -> Json:
        """What the applicant sees."""
        found: Json = (await self.people.get(who, f"{self.root}/development:mine"))["applications"][0]
        return found


@pytest.fixture
async def pipeline(people: People, places: dict[str, str]) -> Pipeline:
    made = Pipeline(people, places)
    await made.know()
    return made


@pytest.mark.row("0-23/MEM")
async def test_an_application_advances_step_by_step_and_the_applicant_sees_it(pipeline: Pipeline) -> None:
    people, root = pipeline.people, pipeline.root
    made = await pipeline.recorded("演示投资者")
    unasked = await refusal(pipeline.complete(made, "talk"))
    assert (unasked.status, unasked.reason) == (409, "APPLICATION_WRONG_STATE")
    other = await refusal(people.post("worker1", f"{root}/development/{made['id']}:confirm"))
    assert (other.status, other.reason) == (404, "APPLICATION_NOT_FOUND")
    one = await people.post("investor", f"{root}/development/{made['id']}:confirm")
    skipped = await refusal(pipeline.complete(one, "target-chosen"))
    assert (skipped.status, skipped.reason) == (409, "STEP_OUT_OF_ORDER")
    by_clerk = await refusal(
        people.post(
            "clerk1",
            f"{root}/development/{one['id']}:complete",
            {"step": "talk", "document_no": "演示记录11"},
            etag=one["etag"],
        )
    )
    assert by_clerk.status == 403
    seen = {}
    while one["state"] == "OPEN":
        if one["next"]["code"] in ("activist-filed", "training", "full-meeting"):
            seen[one["next"]["code"]] = await pipeline.mine("investor")
        if one["next"]["code"] == "activist-filed":
            by_branch = await refusal(pipeline.complete(one, "activist-filed"))
            assert by_branch.reason == "APPLICATION_WRONG_STATE"
            waiting = (await people.get("superior", pipeline.below))["applications"]
            assert one["id"] in {each["id"] for each in waiting}
        one = await pipeline.step("investor", one)
    assert [(each["stage"], each["standing"], each["done_steps"]) for each in seen.values()] == [
        ("ACTIVIST", "APPLICANT", 3),
        ("ACTIVIST", "ACTIVIST", 5),
        ("PROBATION", "PROBATIONARY", 22),
    ]
    assert {"next", "steps", "verbs"} <= seen["training"].keys()
    assert not seen["training"].get("reviews")
    assert (one["state"], one["standing"], one["done_steps"]) == ("DONE", "FULL", 25)

    async def on_the_roster() -> bool:
        found = (await people.get("investor", f"{root}/members:mine")).get("members", [])
        return any((each["state"], each["stage"]) == ("ACTIVE", "FULL") for each in found)

    await eventually(on_the_roster)

    async def told() -> bool:
        messages = (await people.get("investor", "/v1/me/messages", page_size=100))["messages"]
        return "您已转为正式党员" in {each["title"] for each in messages}

    await eventually(told)
    # The demo district stays as it was for the others.
    found = (await people.get("investor", f"{root}/members:mine"))["members"]
    member = next(each for each in found if each["state"] == "ACTIVE")
    await people.post(
        "clerk1", f"{root}/members/{member['id']}:end", {"ending": "MISTAKE"}, etag=member["etag"]
    )


async def test_nothing_follows_from_what_the_person_denies(pipeline: Pipeline) -> None:
    people, root = pipeline.people, pipeline.root
    made = await pipeline.recorded("演示员工11")
    denied = await people.post("worker1", f"{root}/development/{made['id']}:deny")
    assert (denied["state"], denied["done_steps"]) == ("DENIED", 0)
    late = await refusal(people.post("worker1", f"{root}/development/{made['id']}:confirm"))
    assert (late.status, late.reason) == (409, "APPLICATION_WRONG_STATE")


async def test_overdue_ones_come_first_on_the_secretarys_board(
    people: People, places: dict[str, str]
) -> None:
    here = f"/v1/tenants/{places[T2]}"
    found = (await people.get("secretary", f"{here}/development"))["applications"]
    late = [one["overdue"] for one in found]
    assert late == sorted(late, reverse=True)
    assert any(late)
    board = await people.get("secretary", f"{here}/development:board")
    assert sum(stage["overdue"] for stage in board["stages"]) == sum(late)
    foreign = await refusal(people.get("secretary1", f"{here}/development/{found[0]['id']}"))
    assert foreign.status == 404
