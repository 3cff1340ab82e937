"""T1, step 11: a stall in difficulty is assessed, helped, and found better by somebody else."""

from typing import Any

import pytest

from demo.client import People, Refused

CATERING = "餐饮中心"


class Canteen:
    """The stalls as the story's people see them."""

    def __init__(self, people: People, tenant: str) -> None:
        self.people = people
        self.root = f"/v1/tenants/{tenant}"

    async def get(self, who: str, path: str, **query: Any) -> dict[str, Any]:
        return await self.people.get(who, f"{self.root}/{path}", **query)

    async def do(self, who: str, path: str, **body: Any) -> dict[str, Any]:
        return await self.people.post(who, f"{self.root}/{path}", body)

    async def refused(self, who: str, path: str, **body: Any) -> tuple[int, str]:
        with pytest.raises(Refused) as refusal:
            await self.do(who, path, **body)
        return refusal.value.status, refusal.value.reason


@pytest.mark.row("0-18/TKT")
async def test_a_stall_in_difficulty_is_helped_and_found_better_by_somebody_else(
    people: People, places: dict[str, str]
) -> None:
    canteen = Canteen(people, places[CATERING])
    stall = await canteen.do("clerk1", "stalls", name="故事档口", place="二楼", synthetic=True)
    path = f"stalls/{stall['id']}"
    assert (stall["state"], stall["verbs"]) == ("OPEN", ["begin", "close"])
    assert await canteen.refused("clerk1", "stalls", name="故事档口", place="三楼") == (409, "STALL_EXISTS")
    assert (await canteen.refused("worker1", f"{path}:begin", score=50, findings="少", plan="多"))[0] == 403

    found = await canteen.do("clerk1", f"{path}:begin", score=55, findings="排队的人少", plan="每周换两道菜")
    assert (found["state"], found["baseline"], found["plan"]) == ("STRUGGLING", 55, "每周换两道菜")
    again = {"score": 80, "findings": "有固定客人"}
    assert await canteen.refused("secretary1", f"{path}:reassess", **again) == (409, "STALL_NOT_HELPED")
    helped = await canteen.do("clerk1", f"{path}:help", what="一起排了菜单")
    assert (helped["helped"], helped["verbs"]) == (1, ["help", "close"])
    assert await canteen.refused("clerk1", f"{path}:reassess", **again) == (403, "OWN_STALL_ASSESSMENT")

    lower = await canteen.do("secretary1", f"{path}:reassess", score=55, findings="还是人少")
    assert lower["state"] == "STRUGGLING", "no better is no improvement"
    better = await canteen.do("secretary1", f"{path}:reassess", **again)
    assert (better["state"], better["baseline"], better["score"]) == ("IMPROVED", 55, 80)
    steps = (await canteen.get("clerk1", f"{path}/steps"))["steps"]
    assert [(step["kind"], step.get("score", 0)) for step in steps] == [
        ("REASSESSMENT", 80),
        ("REASSESSMENT", 55),
        ("HELP", 0),
        ("BASELINE", 55),
    ]
    assert all(step["date"] and step["account"] for step in steps)

    # A food stall is no counter of the government's.
    counters = await canteen.get("clerk1", "counters", page_size=100)
    assert "故事档口" not in str(counters)


async def test_stalls_are_counted_by_state_and_a_closed_one_leaves_the_list(
    people: People, places: dict[str, str]
) -> None:
    canteen = Canteen(people, places[CATERING])
    stall = await canteen.do("clerk1", "stalls", name="故事关停档口", place="三楼", synthetic=True)
    before = {one["state"]: one["count"] for one in (await canteen.get("clerk1", "stalls"))["counts"]}
    closed = await canteen.do("clerk1", f"stalls/{stall['id']}:close")
    assert (closed["state"], closed["verbs"]) == ("CLOSED", [])
    after = await canteen.get("clerk1", "stalls", page_size=100)
    assert stall["id"] not in {one["id"] for one in after["stalls"]}
    counts = {one["state"]: one["count"] for one in after["counts"]}
    assert counts["CLOSED"] == before.get("CLOSED", 0) + 1
    assert (await canteen.refused("clerk1", f"stalls/{stall['id']}:help", what="晚了"))[1] == (
        "STALL_WRONG_STATE"
    )
