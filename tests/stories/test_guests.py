"""Guests through HTTP: T3 step 14, a neighbour uses the centre and is counted as external."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

CENTRE, ELSEWHERE = "新多集团党群服务中心", "餐饮中心"
DISTRICT_TIME = ZoneInfo("Asia/Shanghai")


async def refusal(people: People, who: str, path: str, etag: str) -> tuple[int, str]:
    """What refuses somebody's verb."""
    with pytest.raises(Refused) as refused:
        await people.post(who, path, etag=etag)
    return refused.value.status, refused.value.reason


async def activity(people: People, who: str, root: str, title: str) -> dict[str, Any]:
    """An activity of the centre, as somebody sees it."""
    found = (await people.get(who, f"{root}/calendar", page_size=100))["activities"]
    return await people.get(
        who, f"{root}/calendar/{next(one['id'] for one in found if one['title'] == title)}"
    )


@pytest.mark.row("2-01/MEM")
async def test_a_neighbour_books_the_centre_and_is_counted_as_external(
    people: People, places: dict[str, str]
) -> None:
    root = f"/v1/tenants/{places[CENTRE]}"
    (asked,) = (await people.get("neighbour2", f"{root}/guests:mine"))["guests"]
    assert (asked["state"], asked["verbs"]) == ("ASKED", ["leave"])
    admit = f"guests/{asked['id']}:admit"
    assert (await refusal(people, "neighbour2", f"{root}/{admit}", asked["etag"]))[0] == 403
    foreign = f"/v1/tenants/{places[ELSEWHERE]}/{admit}"
    assert await refusal(people, "clerk1", foreign, asked["etag"]) == (404, "GUEST_NOT_FOUND")
    admitted = await people.post("clerk3", f"{root}/{admit}", etag=asked["etag"])
    assert (admitted["state"], admitted["enterprise_name"]) == ("ADMITTED", "演示邻近五金公司")

    # A guest has a place like anybody of the house, and is on no roster for it.
    show = await activity(people, "neighbour2", root, "职工才艺展演")
    booked = await people.post("neighbour2", f"{root}/calendar/{show['id']}:enrol")
    assert booked["state"] == "ENROLLED"
    assert not (await people.get("neighbour2", f"{root}/members:mine")).get("members")

    # Of the two who read in the reading room, one is of the house, and one is counted as external.
    readers = [
        (await activity(people, who, root, "阅览室周三读书"))["my_enrolment"]["state"]
        for who in ("neighbour", "worker33")
    ]
    assert readers == ["ATTENDED", "ATTENDED"]
    held = await activity(people, "clerk3", root, "阅览室周三读书")
    day = datetime.fromisoformat(held["start_time"]).astimezone(DISTRICT_TIME)
    quarter = f"{day.year}-Q{(day.month + 2) // 3}"

    async def counted() -> bool:
        figures = await people.get("secretary3", f"{root}/guests:summary", quarter=quarter)
        return (figures["quarter"], figures["attendances"], figures["enterprises"]) == (quarter, 1, 2)

    await eventually(counted)
