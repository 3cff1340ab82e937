"""T1, step 9, as far as the station keeps what was found: claimed, verified by somebody else, given back."""

from typing import Any

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

CATERING = "餐饮中心"


class Station:
    """The station as the story's people use it."""

    def __init__(self, people: People, tenant: str) -> None:
        self.people = people
        self.root = f"/v1/tenants/{tenant}"

    async def get(self, who: str, path: str, **query: Any) -> dict[str, Any]:
        return await self.people.get(who, f"{self.root}/{path}", **query)

    async def do(self, who: str, path: str, **body: Any) -> dict[str, Any]:
        return await self.people.post(who, f"{self.root}/{path}", body)

    async def found(self, title: str) -> dict[str, Any]:
        return await self.do(
            "clerk1", "finds", kind="BAG", title=title, place="一楼", marks="内袋有蓝色缝线", synthetic=True
        )

    async def refused(self, who: str, path: str, **body: Any) -> tuple[int, str]:
        with pytest.raises(Refused) as refusal:
            await self.do(who, path, **body)
        return refusal.value.status, refusal.value.reason

    async def told(self, who: str, subject: str, words: str) -> None:
        async def arrived() -> bool:
            messages = (await self.people.get(who, "/v1/me/messages", page_size=50))["messages"]
            return any(one["subject_id"] == subject and words in one["title"] for one in messages)

        await eventually(arrived, 30)


async def test_a_lost_thing_is_claimed_verified_and_given_back(
    people: People, places: dict[str, str]
) -> None:
    station = Station(people, places[CATERING])
    bag = await station.found("故事·帆布袋一只")
    assert (bag["state"], bag["marks"]) == ("KEPT", "内袋有蓝色缝线")
    seen = await station.get("worker1", f"finds/{bag['id']}")
    assert (seen["marks"], seen["verbs"]) == ("", ["claim"]), "by its marks the owner is known"

    claim = await station.do("worker1", f"finds/{bag['id']}:claim", words="灰色，内袋缝线是蓝的")
    assert await station.refused("worker1", f"finds/{bag['id']}:claim", words="还是我的") == (
        409,
        "ALREADY_CLAIMED",
    )
    await station.told("clerk1", bag["id"], "有人认领")
    verify = f"find-claims/{claim['id']}:verify"
    assert (await station.refused("worker1", verify))[0] == 403
    assert (await station.get("clerk1", f"finds/{bag['id']}"))["waiting"] == 1
    verified = await station.do("secretary1", verify, answer="一楼驿站，下班前来")
    assert (verified["state"], verified["verbs"]) == ("VERIFIED", ["decline"])
    await station.told("worker1", bag["id"], "已核验")

    back = await station.do("clerk1", f"finds/{bag['id']}:return")
    assert (back["state"], back["marks"], back["verbs"]) == ("RETURNED", "", [])
    mine = await station.get("worker1", f"finds/{bag['id']}")
    assert mine["state"] == "RETURNED", "whoever claimed it can still look at it"
    (own,) = (await station.get("worker1", "find-claims", find_id=bag["id"], mine=True))["find_claims"]
    assert (own["state"], own["verbs"]) == ("FULFILLED", [])
    kept = (await station.get("worker1", "finds", states=["KEPT", "RESERVED"], page_size=100))["finds"]
    assert bag["id"] not in {one["id"] for one in kept}


async def test_whoever_writes_a_claim_down_does_not_verify_it(people: People, places: dict[str, str]) -> None:
    station = Station(people, places[CATERING])
    bag = await station.found("故事·双肩包一只")
    path = f"finds/{bag['id']}:claim"
    assert await station.refused("worker1", path, words="替人问", at_station=True) == (403, "NOT_AT_STATION")
    claim = await station.do("clerk1", path, words="黑色，拉链坏了一边", at_station=True)
    verify = f"find-claims/{claim['id']}:verify"
    assert await station.refused("clerk1", verify) == (403, "OWN_FIND_CLAIM")
    await station.do("secretary1", verify)
    # Set aside for one: nobody else claims it, until it is let go again.
    assert await station.refused("worker1", path, words="我的") == (409, "FIND_WRONG_STATE")
    await station.do("secretary1", f"find-claims/{claim['id']}:decline", answer="约好的时间没有来")
    other = await station.do("worker1", path, words="黑色双肩包")
    handed = await station.do("clerk1", f"finds/{bag['id']}:handOn", handed_to="派出所")
    assert (handed["state"], handed["handed_to"]) == ("HANDED_ON", "派出所")
    mine = (await station.get("worker1", "find-claims", find_id=bag["id"], mine=True))["find_claims"]
    assert [(one["id"], one["state"], one["verbs"]) for one in mine] == [(other["id"], "DECLINED", [])]


async def test_another_building_sees_no_find(people: People, places: dict[str, str]) -> None:
    station = Station(people, places[CATERING])
    bag = await station.found("故事·手提袋一只")
    with pytest.raises(Refused) as unseen:
        await people.get("worker", f"/v1/tenants/{places['华融国际大厦']}/finds/{bag['id']}")
    assert unseen.value.status == 404
