"""T1, step 9: the station's services run. What it announces on a board is notification's."""

from typing import Any

import pytest

from demo.client import People, Refused

CATERING = "餐饮中心"


class Desk:
    """The station of the building, as staff and students use it."""

    def __init__(self, people: People, tenant: str) -> None:
        self.people = people
        self.root = f"/v1/tenants/{tenant}"

    async def get(self, who: str, path: str, **query: Any) -> dict[str, Any]:
        return await self.people.get(who, f"{self.root}/{path}", **query)

    async def do(self, who: str, path: str, *, etag: str = "", key: str = "", **body: Any) -> dict[str, Any]:
        return await self.people.post(who, f"{self.root}/{path}", body, etag=etag, key=key)

    async def counted(self) -> dict[str, int]:
        """This month's uses by kind."""
        summary = await self.get("clerk1", "conveniences:summary")
        assert summary["totals"] == [] or summary["days"]
        return {one["kind"]: one["count"] for one in summary["totals"]}


async def test_uses_are_counted_and_nobody_with_them(people: People, places: dict[str, str]) -> None:
    desk = Desk(people, places[CATERING])
    before = await desk.counted()
    once = await desk.do("clerk1", "conveniences", kind="HOT_WATER", synthetic=True, key="once")
    more = await desk.do("clerk1", "conveniences", kind="HOT_WATER", count=12, synthetic=True)
    assert (once["count"], more["count"], more["verbs"]) == (1, 12, ["undo"])
    assert (await desk.counted())["HOT_WATER"] == before.get("HOT_WATER", 0) + 13
    with pytest.raises(Refused) as refused:
        await desk.do("secretary1", f"conveniences/{more['id']}:undo")
    assert refused.value.reason == "NOT_YOUR_USE"
    for _ in range(2):
        undone = await desk.do("clerk1", f"conveniences/{more['id']}:undo")
        assert (undone["undone"], undone["verbs"]) == (True, [])
    assert (await desk.counted())["HOT_WATER"] == before.get("HOT_WATER", 0) + 1
    with pytest.raises(Refused) as early:
        await desk.do("clerk1", "conveniences", kind="HEATING", date="2026-01-01", synthetic=True)
    assert early.value.reason == "USE_DAY_OUT_OF_RANGE"
    with pytest.raises(Refused) as worker:
        await desk.do("worker1", "conveniences", kind="HEATING")
    assert worker.value.reason == "PERMISSION_DENIED"


@pytest.mark.row("0-13/TKT")
async def test_the_station_runs(people: People, places: dict[str, str]) -> None:
    desk = Desk(people, places[CATERING])
    # Advice: a question that needs more than a word at the desk is a ticket, and has an answer.
    items = (await desk.get("worker1", "catalogue", page_size=100))["service_items"]
    plain = [one for one in items if one["sensitivity"] == "P1" and not one["onsite"]]
    item = next(one for one in plain if not one.get("form"))
    asked = await desk.do("worker1", "requests", service_item_id=item["id"], summary="驿站几点开门？")
    taken = await desk.do(
        "clerk1", f"requests/{asked['id']}:assign", etag=asked["etag"], assignee=people.accounts["clerk1"]
    )
    answered = await desk.do(
        "clerk1", f"requests/{asked['id']}:resolve", etag=taken["etag"], result="工作日八点到六点", trips=0
    )
    assert answered["state"] == "RESOLVED"
    # Meals heated, hot water, a word of advice: counted.
    before = await desk.counted()
    for kind in ("HEATING", "HOT_WATER", "CONSULTATION"):
        await desk.do("clerk1", "conveniences", kind=kind, synthetic=True, key=f"runs-{kind}")
    after = await desk.counted()
    assert {kind: after[kind] - before.get(kind, 0) for kind in after} == dict.fromkeys(after, 1)
    assert set(after) == {"HEATING", "HOT_WATER", "CONSULTATION"}
    # Lost and found: claimed, verified by somebody else, given back.
    find = await desk.do(
        "clerk1", "finds", kind="KEYS", title="驿站·钥匙", place="一楼", marks="三把", synthetic=True
    )
    claim = await desk.do("worker1", f"finds/{find['id']}:claim", words="三把，都是铜的")
    await desk.do("secretary1", f"find-claims/{claim['id']}:verify")
    assert (await desk.do("clerk1", f"finds/{find['id']}:return"))["state"] == "RETURNED"
    # Work-study: a post, an application, both agree.
    post = await desk.do("clerk1", "listings", kind="VACANCY", title="驿站·周末值守", synthetic=True)
    await desk.do("secretary1", f"listings/{post['id']}:publish")
    application = await desk.do("worker1", "interests", listing_id=post["id"], words="周末有空")
    agreed = await desk.do("clerk1", f"interests/{application['id']}:accept")
    assert agreed["state"] == "ACCEPTED"
