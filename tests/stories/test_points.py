"""Points through HTTP: earned once, spent by one, shown to an employer by consent only."""

import asyncio
from typing import Any

import pytest

from chassis.events import stream_of
from demo.client import People, Refused
from deploy.local.stack import Stack
from tests.chaos.streams import jetstream
from tests.fixtures.district import all_heard
from tests.fixtures.waiting import eventually


class Building:
    """华融国际大厦 as the story's people use it."""

    def __init__(self, people: People, tenant: str) -> None:
        self.people = people
        self.tenant = tenant
        self.root = f"/v1/tenants/{tenant}"

    async def mine(self, who: str) -> dict[str, Any]:
        return await self.people.get(who, f"{self.root}/points:mine")

    async def ledger(self, who: str) -> list[dict[str, Any]]:
        page = await self.people.get(who, f"{self.root}/points/my-entries", page_size=100)
        return list(page["entries"])

    async def post(self, who: str, delta: int, reason: str, key: str) -> None:
        account = await self.people.post(who, f"{self.root}/points:open", key=key)
        path = f"{self.root}/points/accounts/{account['id']}:post"
        await self.people.post("clerk", path, {"delta": delta, "reason": reason}, key=key)


@pytest.fixture
def building(people: People, places: dict[str, str]) -> Building:
    return Building(people, places["华融国际大厦"])


@pytest.mark.row("1-13/MEM")
async def test_points_are_posted_once_despite_redelivery(building: Building, district: Stack) -> None:
    async def earned() -> bool:
        return any(entry["title"].startswith("主题党日") for entry in await building.ledger("member"))

    await eventually(earned)
    await all_heard(district)
    before = await building.ledger("member")
    theme_day = next(entry for entry in before if entry["title"].startswith("主题党日"))
    assert (theme_day["delta"], theme_day["kind"], theme_day["posted_by"]) == (
        10,
        "RULE",
        "system:membership/points",
    )
    assert (await building.mine("member"))["balance"] == sum(entry["delta"] for entry in before)

    async with jetstream(district) as js:
        # Everything the building was ever told about attendance, told again by the very same messages.
        subject = f"louyu.activity.v1.{building.tenant}.enrolment.>"
        reader = await js.subscribe(subject, ordered_consumer=True)
        told = (await js.stream_info(stream_of("activity"), subjects_filter=subject)).state.subjects or {}
        for _ in range(sum(told.values())):
            message = await reader.next_msg(timeout=60)
            headers = {
                name: value for name, value in (message.headers or {}).items() if name != "Nats-Msg-Id"
            }
            await js.publish(message.subject, message.data, headers=headers)
        await reader.unsubscribe()

        async def caught_up() -> bool:
            info = await js.consumer_info(stream_of("activity"), "membership-activity-points")
            return not info.num_pending and not info.num_ack_pending

        await eventually(caught_up)
    assert await building.ledger("member") == before


async def test_the_office_posts_with_a_reason_and_reverses_what_was_wrong(building: Building) -> None:
    people = building.people
    before = (await building.mine("worker"))["balance"]
    await building.post("worker", 12, "台风天值守", "duty")
    entry = next(one for one in await building.ledger("worker") if one["title"] == "台风天值守")
    assert (entry["delta"], entry["balance_after"]) == (12, before + 12)
    path = f"{building.root}/points/entries/{entry['id']}:reverse"
    back = await people.post("clerk", path, {"reason": "记错了人"})
    assert (back["delta"], back["reverses"]) == (-12, entry["id"])
    with pytest.raises(Refused) as refused:
        await people.post("secretary", path, {"reason": "再冲一次"})
    assert (refused.value.status, refused.value.reason) == (409, "ENTRY_REVERSED_ALREADY")
    assert (await building.mine("worker"))["balance"] == before
    own = await people.post("clerk", f"{building.root}/points:open")
    path = f"{building.root}/points/accounts/{own['id']}:post"
    with pytest.raises(Refused) as refused:
        await people.post("clerk", path, {"delta": 5, "reason": "给自己"})
    assert (refused.value.status, refused.value.reason) == (403, "NOT_FOR_ONESELF")


@pytest.mark.row("1-13/MEM")
async def test_the_last_item_goes_to_one_of_two_who_redeem_at_once(building: Building) -> None:
    people, root = building.people, building.root
    both = ("worker2", "worker3")
    for who in both:
        await building.post(who, 50, "志愿服务", "shop")
    before = {who: (await building.mine(who))["balance"] for who in both}
    wanted = {"title": "最后一件纪念章", "kind": "CULTURAL", "price": 30, "stock": 1, "synthetic": True}
    reward = await people.post("clerk", f"{root}/rewards", wanted)

    async def redeem(who: str) -> str:
        try:
            return str((await people.post(who, f"{root}/rewards/{reward['id']}:redeem"))["code"])
        except Refused as refused:
            return f"{refused.status} {refused.reason}"

    sold_out = "409 REWARD_SOLD_OUT"
    outcomes = dict(zip(both, await asyncio.gather(*map(redeem, both)), strict=True))
    assert list(outcomes.values()).count(sold_out) == 1
    winner = next(who for who, outcome in outcomes.items() if outcome != sold_out)
    after = {who: (await building.mine(who))["balance"] for who in both}
    assert after == {who: before[who] - (30 if who == winner else 0) for who in both}

    reserved = (await people.get("clerk", f"{root}/redemptions", state="RESERVED"))["redemptions"]
    (waiting,) = [one for one in reserved if one["reward_id"] == reward["id"]]
    assert (waiting["account"], waiting["code"]) == (people.accounts[winner], "")
    code = {"code": outcomes[winner]}
    done = await people.post("clerk", f"{root}/redemptions/{waiting['id']}:fulfil", code)
    assert done["state"] == "FULFILLED"


@pytest.mark.row("1-43/MEM")
async def test_the_employer_gets_nothing_until_the_member_consents_and_then_a_band(
    building: Building,
) -> None:
    people, points = building.people, f"{building.root}/points"
    me = await people.get("contact", "/v1/me")
    held = next(row for row in me["memberships"] if row["tenant"] == building.tenant)["permissions"]
    firm = next(one["scope_id"] for one in held if one["permission"] == "points.export")
    number = 0

    async def export() -> dict[str, Any]:
        nonlocal number
        number += 1
        body = {"enterprise_id": firm}
        return await people.post("contact", f"{points}/bands:export", body, key=str(number))

    async def refused() -> tuple[int, str]:
        with pytest.raises(Refused) as refusal:
            await export()
        return refusal.value.status, refusal.value.reason

    assert await refused() == (403, "POINTS_NOT_CONSENTED")
    await people.post("contact", f"{points}/asks", {"enterprise_id": firm})
    assert await refused() == (403, "POINTS_NOT_CONSENTED")
    # What was earned by events so far is less than a band wide: with these it is the middle one.
    await building.post("member", 20, "志愿服务", "band")
    agreed = {"purpose": "points_to_employer", "recipient": building.tenant}
    consent = await people.post("member", "/v1/me/consents", agreed)
    share = await people.post("member", f"{points}/shares", {"enterprise_id": firm, "shown_as": "演示党员01"})
    shown = await export()
    (band,) = shown["bands"]
    assert band.keys() == {"shown_as", "band"}
    assert (band["shown_as"], band["band"]) == ("演示党员01", "ACTIVE")

    seen = (await people.get("member", f"{points}/my-exports"))["exports"]
    assert [(one["enterprise_id"], one["band"]) for one in seen] == [(firm, "ACTIVE")]
    await people.post("member", f"/v1/me/consents/{consent['id']}:withdraw")
    assert await refused() == (403, "POINTS_NOT_CONSENTED")
    await people.post("member", f"{points}/shares/{share['id']}:end")
    assert await refused() == (403, "POINTS_NOT_CONSENTED")
    with pytest.raises(Refused) as stranger:
        await people.post("contact2", f"{points}/bands:export", {"enterprise_id": firm})
    assert stranger.value.status == 404


@pytest.mark.row("4-26/MEM")
async def test_four_brands_tag_activities_and_the_second_uses_points(
    district: Stack, people: People, places: dict[str, str]
) -> None:
    brands = f"/v1/tenants/{places['机关后勤服务中心']}/points/brands"
    await all_heard(district)
    found = {one["brand"]: one for one in (await people.get("secretary5", brands))["brands"]}
    # The activity of the fourth is still to come when the demo ends.
    assert found.keys() >= {"温馨服务情满机关", "量化积分党员先行", "勤·学思享"}
    using = found["量化积分党员先行"]
    assert (using["uses_points"], using["points"]) == (True, 10 * using["attendances"])
    assert using["activities"] == 1
    for brand in ("温馨服务情满机关", "勤·学思享"):
        assert (found[brand]["uses_points"], found[brand]["points"]) == (False, 0)
        assert found[brand]["attendances"] >= 1
