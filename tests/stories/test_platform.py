"""Story X, steps 1 to 7 and 9: many organisations in one deployment, apart, and through failures."""

import asyncio
from typing import Any

import pytest

from demo.client import People, Refused
from deploy.local.stack import Stack
from tests.fixtures.waiting import eventually

T1, T2 = "餐饮中心", "华融国际大厦"
FIVE = (T1, T2, "新多集团党群服务中心", "矿业服务公司", "机关后勤服务中心")
ADDITIVE = ("ACTIVITIES_HELD", "AFFAIRS_VOLUME", "LIVE_ITEMS")
WEEKS = {"period": "QUARTER"}


async def figures(people: People, who: str, tenant: str) -> dict[str, Any]:
    """The indicators of a scope: everything that replaying must not change."""
    overview = await people.get(who, f"/v1/tenants/{tenant}/overview", **WEEKS)
    return {
        indicator["code"]: (
            indicator.get("value"),
            indicator["numerator"],
            indicator.get("denominator"),
            sorted((part["dimension"], part["key"], part["count"]) for part in indicator["parts"]),
        )
        for indicator in overview["indicators"]
    }


async def settled(people: People, district_id: str) -> None:
    """Returns when the dashboard has applied everything that was published."""

    async def nothing_pending() -> bool:
        fresh = await people.get("district", f"/v1/tenants/{district_id}/overview:freshness")
        return all(source["pending"] == "0" for source in fresh["sources"])

    await eventually(nothing_pending)


async def order(people: People, tenant: str, who: str, key: str) -> dict[str, Any]:
    """Somebody asks their building for something."""
    items = await people.get(who, f"/v1/tenants/{tenant}/catalogue", q="报修")
    return await people.post(
        who,
        f"/v1/tenants/{tenant}/requests",
        {
            "service_item_id": items["service_items"][0]["id"],
            "summary": "楼道的灯不亮了",
            "form": {"place": "三楼东侧走廊"},
            "synthetic": True,
        },
        key=key,
    )


@pytest.mark.row("1-01/IDN", partial=True)
async def test_x1_five_organisations_live_in_one_deployment(people: People, places: dict[str, str]) -> None:
    district_id = places["演示区"]
    listed: dict[str, Any] = {}
    token = ""
    while True:
        page = await people.get(
            "district", f"/v1/tenants/{district_id}/tenants", page_size=100, page_token=token
        )
        listed |= {tenant["name_zh"]: tenant for tenant in page["tenants"]}
        token = page["next_page_token"]
        if not token:
            break
    assert all(listed[name]["state"] == "ACTIVE" for name in FIVE)
    tower = listed[T2]
    assert (tower["area_m2"], tower["height_m"]) == ("50000", "118.6")
    assert (tower["built_year"], tower["opened_year"]) == (2006, 2010)


async def test_x2_a_token_of_one_building_finds_nothing_in_another(
    people: People, places: dict[str, str]
) -> None:
    theirs = f"/v1/tenants/{places[T2]}"
    ticket = (await people.get("clerk", f"{theirs}/requests"))["tickets"][0]
    foreign = (
        f"{theirs}/requests",
        f"{theirs}/requests/{ticket['id']}",
        f"{theirs}/enterprises",
        f"{theirs}/overview",
        f"/v1/tenants/{places[T1]}/requests/{ticket['id']}",
    )
    for path in foreign:
        with pytest.raises(Refused) as refused:
            await people.get("clerk1", path)
        assert refused.value.status == 404, path


@pytest.mark.row("1-21/WIN", partial=True)
async def test_x3_one_department_serves_two_buildings(people: People, places: dict[str, str]) -> None:
    department = places["工商局"]
    for building in (T1, T2):
        counters = await people.get(
            "secretary" if building == T2 else "secretary1", f"/v1/tenants/{places[building]}/counters"
        )
        assert department in {counter["department_id"] for counter in counters["counters"]}
    received = await people.get("industry", f"/v1/tenants/{department}/received-cases", page_size=100)
    assert {case["department_id"] for case in received["cases"]} == {department}
    other = await people.get("tax", f"/v1/tenants/{places['税务局']}/received-cases", page_size=100)
    ours = {case["id"] for case in received["cases"]}
    assert not ours & {case["id"] for case in other["cases"]}
    with pytest.raises(Refused) as refused:
        await people.get("tax", f"/v1/tenants/{places['税务局']}/received-cases/{min(ours)}")
    assert refused.value.status == 404


async def test_x4_the_district_is_the_sum_of_its_tenants(people: People, places: dict[str, str]) -> None:
    await settled(people, places["演示区"])
    whole = await figures(people, "district", places["演示区"])
    for code in ADDITIVE:
        compared = await people.get(
            "district", f"/v1/tenants/{places['演示区']}/overview:compare", code=code, **WEEKS
        )
        parts = sum(int(row["indicator"]["numerator"]) for row in compared["tenants"])
        assert parts == int(whole[code][1]) == int(compared["total"]["numerator"]), code
    five = {row["name"] for row in compared["tenants"]}
    assert set(FIVE) <= five


async def test_x5_business_goes_on_without_notification(
    district: Stack, people: People, places: dict[str, str]
) -> None:
    async def received(number: str) -> bool:
        messages = (await people.get("clerk5", "/v1/me/messages", page_size=50))["messages"]
        return any(number in message["title"] + message["body"] for message in messages)

    await district["notification"].stop()
    try:
        ticket = await order(people, places["机关后勤服务中心"], "worker5", "x5")
        seen = await people.get("clerk5", f"/v1/tenants/{places['机关后勤服务中心']}/requests/{ticket['id']}")
        assert seen["state"] == "SUBMITTED"
    finally:
        await district["notification"].start()
    await eventually(lambda: received(ticket["number"]))


async def test_x6_replaying_the_event_log_changes_no_figure(
    district: Stack, people: People, places: dict[str, str]
) -> None:
    import nats

    await settled(people, places["演示区"])
    before = await figures(people, "district", places["演示区"])
    bus = await nats.connect(district.nats_url)
    streams = bus.jetstream()
    for stream in await streams.streams_info():
        for consumer in await streams.consumers_info(stream.config.name or ""):
            if consumer.name.startswith("dashboard-"):
                await streams.delete_consumer(stream.config.name or "", consumer.name)
    await bus.close()
    # The dashboard makes its consumers again and is handed every event a second time.
    await asyncio.sleep(3)
    await settled(people, places["演示区"])
    assert await figures(people, "district", places["演示区"]) == before


async def test_x7_a_dashboard_rebuilt_from_nothing_shows_the_same_figures(
    district: Stack, people: People, places: dict[str, str]
) -> None:
    await settled(people, places["演示区"])
    before = await figures(people, "district", places["演示区"])
    said = await district.command("dashboard", "dashboard", "rebuild", quiet=True)
    assert said.startswith("applied ")
    await settled(people, places["演示区"])
    assert await figures(people, "district", places["演示区"]) == before


async def test_x9_a_suspended_organisation_is_refused_at_the_gateway(
    people: People, places: dict[str, str]
) -> None:
    district_id = places["演示区"]
    tenants = f"/v1/tenants/{district_id}/tenants"
    made = await people.post(
        "district",
        tenants,
        {
            "kind": "BUILDING",
            "name_zh": "演示停用楼宇",
            "name_en": "Demo Suspended Building",
            "administrator": people.accounts["operator"],
            "synthetic": True,
        },
    )
    await people.post("district", f"{tenants}/{made['id']}:activate")
    own = f"/v1/tenants/{made['id']}/catalogue"
    assert (await people.get("operator", own))["service_items"] == []
    await people.post("district", f"{tenants}/{made['id']}:suspend", {"reason": "演示"})

    async def refused() -> bool:
        try:
            await people.get("operator", own)
        except Refused as refusal:
            return refusal.status == 403 and refusal.reason == "TENANT_SUSPENDED"
        return False

    await eventually(refused)
