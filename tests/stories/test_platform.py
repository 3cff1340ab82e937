"""Story X, steps 1 to 7 and 9: many organisations in one deployment, apart, and through failures."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from demo.client import People, Refused
from deploy.local.stack import Stack
from tests.chaos.streams import jetstream
from tests.fixtures.district import all_heard
from tests.fixtures.waiting import eventually

T1, T2 = "餐饮中心", "华融国际大厦"
FIVE = (T1, T2, "新多集团党群服务中心", "矿业服务公司", "机关后勤服务中心")
ADDITIVE = ("ACTIVITIES_HELD", "AFFAIRS_VOLUME", "LIVE_ITEMS")
BY_THE_CLOCK = {"FIRST_RESPONSE_IN_TIME"}
"""What counts a request from the moment on at which its promised time has passed."""
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


async def settled(district: Stack, people: People, district_id: str) -> None:
    """Returns when the dashboard has applied everything that was done, and says so."""
    await all_heard(district)

    async def nothing_pending() -> bool:
        fresh = await people.get("district", f"/v1/tenants/{district_id}/overview:freshness")
        return all(source["pending"] == "0" for source in fresh["sources"])

    await eventually(nothing_pending)


async def published(district: Stack) -> int:
    """How many events there are."""
    async with jetstream(district) as js:
        return sum(stream.state.last_seq for stream in await js.streams_info())


async def unchanged(
    district: Stack, people: People, district_id: str, deed: Callable[[], Awaitable[None]]
) -> None:
    """Asserts that what is done to the dashboard leaves every figure as it was. Where business went on
    meanwhile, or a promised time passed, other figures say nothing, and it is done once more."""
    for _ in range(5):
        await settled(district, people, district_id)
        events, before = await published(district), await figures(people, "district", district_id)
        await deed()
        await settled(district, people, district_id)
        after = await figures(people, "district", district_id)
        if after == before:
            return
        others = {code for code in before | after if before.get(code) != after.get(code)}
        assert others <= BY_THE_CLOCK or await published(district) != events, (before, after)
    raise AssertionError("business never rested")


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


async def test_x4_the_district_is_the_sum_of_its_tenants(
    district: Stack, people: People, places: dict[str, str]
) -> None:
    await settled(district, people, places["演示区"])
    wrong: dict[str, tuple[int, int, int]] = {}
    names: set[str] = set()

    async def adds_up() -> bool:
        # Read one after the other: what ends or begins meanwhile is in one of them and not in the other.
        whole = await figures(people, "district", places["演示区"])
        wrong.clear()
        for code in ADDITIVE:
            compared = await people.get(
                "district", f"/v1/tenants/{places['演示区']}/overview:compare", code=code, **WEEKS
            )
            parts = sum(int(row["indicator"]["numerator"]) for row in compared["tenants"])
            if not parts == int(whole[code][1]) == int(compared["total"]["numerator"]):
                wrong[code] = (parts, int(whole[code][1]), int(compared["total"]["numerator"]))
            names.update(row["name"] for row in compared["tenants"])
        return not wrong

    try:
        await eventually(adds_up)
    except TimeoutError:
        raise AssertionError(f"the parts, the whole, the total: {wrong}") from None
    assert set(FIVE) <= names


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
    async def handed_again() -> None:
        """The dashboard makes its consumers again and is handed every event a second time."""
        async with jetstream(district) as js:

            async def consumers() -> set[tuple[str, str]]:
                return {
                    (stream.config.name or "", consumer.name)
                    for stream in await js.streams_info()
                    for consumer in await js.consumers_info(stream.config.name or "")
                    if consumer.name.startswith("dashboard-")
                }

            gone = await consumers()
            assert gone
            for stream, consumer in gone:
                await js.delete_consumer(stream, consumer)

            async def made_again() -> bool:
                return await consumers() == gone

            await eventually(made_again)

    await unchanged(district, people, places["演示区"], handed_again)


async def test_x7_a_dashboard_rebuilt_from_nothing_shows_the_same_figures(
    district: Stack, people: People, places: dict[str, str]
) -> None:
    async def rebuilt() -> None:
        said = await district.command("dashboard", "dashboard", "rebuild", quiet=True)
        assert said.startswith("applied ")

    await unchanged(district, people, places["演示区"], rebuilt)


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

    async def known() -> bool:
        try:
            return not (await people.get("operator", own))["service_items"]
        except Refused as refusal:
            if refusal.reason not in ("TENANT_NOT_FOUND", "PERMISSION_DENIED"):
                raise
            return False

    await eventually(known)
    await people.post("district", f"{tenants}/{made['id']}:suspend", {"reason": "演示"})

    async def refused() -> bool:
        try:
            await people.get("operator", own)
        except Refused as refusal:
            return refusal.status == 403 and refusal.reason == "TENANT_SUSPENDED"
        return False

    await eventually(refused)
